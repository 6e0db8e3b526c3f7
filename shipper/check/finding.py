"""What an examination has found, and the errors of other rooms as findings."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from shipper.errors import ShipperError

Status: TypeAlias = Literal["ok", "note", "warning", "failure"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at.

    Attributes:
        status: ``note`` is worth knowing, ``warning`` will or may cost something, ``failure`` keeps the shipper from
            its work.
        what: one sentence without a full stop.
        where: file, key, URL or name it concerns.
        remedy: what to do about it; empty where nothing has to be done.
    """

    status: Status
    what: str
    where: str = ""
    remedy: str = ""


#: What looking at one thing yields.
Findings: TypeAlias = Iterator[Finding]


def failure(error: ShipperError) -> Finding:
    """Return an error of the shipper as a finding."""
    return Finding("failure", error.message, "" if error.where is None else str(error.where), error.hint)
