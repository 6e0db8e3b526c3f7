"""What an audit finds, as it is told to people and machines."""

import msgspec

from shipper.audit.numbering import Numbers


class DeadReason(msgspec.Struct, frozen=True):
    """Dead letters of one ``error.type``; ``reason`` is that of the first of them."""

    error_type: str
    reason: str
    letters: int


class StoredNotice(msgspec.Struct, frozen=True):
    """A document of the shipper's own that tells of a log itself: cleared, or records missed.

    Attributes:
        time: of the first record behind it, as the document has it.
        computer: ``host.name``; empty where it is not known.
        log: path of the log, as the shipper had it.
        action: ``log-cleared`` or ``records-missed``.
        message: the same in words.
        missed: how many records were missed; ``None`` where nobody can say.
        first_missed, last_missed: their numbers in the log; ``None`` where there are none.
    """

    time: str
    computer: str
    log: str
    action: str
    message: str
    missed: int | None = None
    first_missed: int | None = None
    last_missed: int | None = None


class Side(msgspec.Struct, frozen=True):
    """What one side holds of a computer's channel: distinct events, and their record ids."""

    events: int
    numbers: Numbers


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The balance of one computer's channel.

    Attributes:
        computer: ``host.name``; empty where events name none.
        channel: System/Channel.
        whole: every event of the channel is asked for, so that its record ids have no gaps by nature.
        at_source, in_elasticsearch: what each side holds.
        numbers: of both sides and the dead letters together.
        missing: events at the source that are neither in Elasticsearch nor dead letters.
        dead_letters: events that are dead letters and not in Elasticsearch.
        duplicates: copies in Elasticsearch beyond the first of each event.
        gaps: record ids that nobody has and nobody reported; 0 where the channel is not wanted whole.
        reported: record ids that nobody has, since they were overwritten or removed before the shipper could read them,
            as it reported itself; 0 where the channel is not wanted whole.
        only_in_elasticsearch: events that the inputs do not hold (any more).
    """

    computer: str
    channel: str
    whole: bool
    at_source: Side
    in_elasticsearch: Side
    numbers: Numbers
    missing: int
    dead_letters: int
    duplicates: int
    gaps: int
    reported: int
    only_in_elasticsearch: int

    @property
    def clean(self) -> bool:
        """Say whether nothing is missing, doubled or passed over."""
        return not (self.missing or self.duplicates or self.gaps)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole balance.

    Attributes:
        rows: by computer and channel.
        at_source, in_elasticsearch: distinct events.
        missing, dead_letters, duplicates, gaps, reported, only_in_elasticsearch: sums over the rows.
        restarts: how often record ids begin again.
        copies: how often the inputs hold an event beyond its first.
    """

    rows: tuple[Row, ...]
    at_source: int
    in_elasticsearch: int
    missing: int
    dead_letters: int
    duplicates: int
    gaps: int
    reported: int
    only_in_elasticsearch: int
    restarts: int
    copies: int
