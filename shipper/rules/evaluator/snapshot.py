"""What an evaluator remembers as bytes: a version, a checksum, and what each rule remembers."""

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from shipper.errors import StateError
from shipper.rules.evaluator.watching import Watched

#: Raised when what is kept changes its meaning.
_FORMAT = b"rules1\n"
_CHECK_BYTES = 16
_HINT = "remove it, or move it aside: the rules then begin anew, and those that look for new things learn again"


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered.

    Attributes:
        now_ms: the time that was told last.
        watched: by rule.
    """

    now_ms: int | None
    watched: list[Watched]


def pack(now_ms: int | None, watched: Sequence[Watched]) -> bytes:
    """Return a snapshot as bytes."""
    body = msgspec.msgpack.encode(Snapshot(now_ms, list(watched)))
    return b"".join((_FORMAT, _check(body), body))


def unpack(packed: bytes) -> Snapshot:
    """Return the snapshot that was packed.

    Raises:
        StateError: the bytes are damaged, or of another version of the shipper.
    """
    if not packed.startswith(_FORMAT):
        raise StateError("what the rules remember is damaged, or was written by another version", hint=_HINT)
    checked, body = packed[len(_FORMAT) :][:_CHECK_BYTES], packed[len(_FORMAT) + _CHECK_BYTES :]
    if checked != _check(body):
        raise StateError("what the rules remember is damaged: its checksum differs", hint=_HINT)
    try:
        return msgspec.msgpack.decode(body, type=Snapshot)
    except msgspec.MsgspecError as error:
        raise StateError(f"what the rules remember cannot be read: {error}", hint=_HINT) from None


def _check(body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECK_BYTES, person=b"rules").digest()
