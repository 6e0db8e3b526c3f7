"""What a rule raises, before anything decides where it goes."""

from binascii import b2a_base64
from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from shipper.rules.model import Finding, Rule

#: A multiple of three, so that base64 needs no padding; the same length as the ``_id`` of an event.
_DIGEST_BYTES = 15
_LENGTH_BYTES = 4
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Alert(msgspec.Struct, frozen=True):
    """One alert.

    Attributes:
        rule: what raised it.
        finding: about what; its ids are all that are remembered, the document keeps the first hundred.
        at_ms: when it is raised, in the time of the events: the last document of a count, the document itself, or the
            moment at which a follow-up, or any sign, was due; milliseconds since 1970.
        id: the same whenever the same thing is found again, so that a receiver can drop the second.
        shown: field to value, of ``seeing.SHOWN``, where all matched documents have this one value; of a silence only
            the fields of its group.
    """

    rule: Rule
    finding: Finding
    at_ms: int
    id: str
    shown: Mapping[str, str]


def alert_id(*parts: str) -> str:
    """Return the id of an alert, 20 characters, from the parts that make it this one.

    A match: rule id, document id; with a complete group and a quiet time: rule id, group, number of the quiet time
    since 1970, so that evaluations that began at other times, whose groups are quiet at other times, agree where they
    can. A count: rule id, group, number of the span of ``within``, or of the quiet time where that is longer. What is
    new: rule id, values, document id. Unanswered, silence: rule id, group, id of the last opening (or last) document.
    Hashed as the ``_id`` of an event is, each part with its length in front, personalised with ``alert``.
    """
    hashed = blake2b(digest_size=_DIGEST_BYTES, person=b"alert")
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hashed.update(len(encoded).to_bytes(_LENGTH_BYTES, "little") + encoded)
    return b2a_base64(hashed.digest(), newline=False).translate(_URL_SAFE).decode("ascii")
