"""Which parts of an event's identity a frame lacks."""

from collections.abc import Callable

import msgspec

from shipper.sources import system_values as values

#: Says whether an event of this channel, provider and event id is asked for.
Accepts = Callable[[str, str, int], bool]
_UNKNOWN_TIME = values.Moment("1970-01-01T00:00:00Z", 0)


class Identity(msgspec.Struct, frozen=True, gc=False):
    """The parts that ``_id`` is made of; an absent one is empty, 0, or the start of 1970, and named in ``missing``.

    Attributes:
        computer, channel, provider: as written.
        record_id, event_id: as in ``Event``.
        qualifiers: above the 16 bits of the event id.
        time: the event's own.
        missing: names of the fields of ``Event`` that are not known.
    """

    computer: str
    channel: str
    provider: str
    record_id: int
    event_id: int
    qualifiers: int
    time: values.Moment
    missing: tuple[str, ...]


def identify(
    *,
    computer: str | None,
    channel: str | None,
    provider: str | None,
    record_id: str | int | None,
    event_id: str | int | None,
    time: str | None,
    time_otherwise: str | None = None,
) -> Identity:
    """Return the identity that these texts add up to.

    Args:
        computer: as the frame has it; this and the rest may be absent.
        channel: likewise.
        provider: likewise.
        record_id: a number, or one written as text.
        event_id: likewise; qualifiers above 16 bits.
        time: RFC 3339.
        time_otherwise: when it was collected; stands in where the event's own time is missing, and is no part of it.
    """
    record, number, when = values.record_id(record_id), values.event_id(event_id), values.moment(time)
    if computer and channel and provider and record is not None and number is not None and when is not None:
        return Identity(computer, channel, provider, record, number[0], number[1], when, ())
    parts = {"computer": computer or None, "channel": channel or None, "provider": provider or None}
    missing = {**parts, "record_id": record, "event_id": number, "time": when}
    return Identity(
        computer or "",
        channel or "",
        provider or "",
        record or 0,
        number[0] if number else 0,
        number[1] if number else 0,
        when or values.moment(time_otherwise) or _UNKNOWN_TIME,
        tuple(name for name, value in missing.items() if value is None),
    )
