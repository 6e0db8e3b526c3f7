"""Draws the balance of a ledger: one row for each channel of each computer."""

from collections.abc import Callable, Iterator
from itertools import groupby

from shipper.audit.ledger import Ledger, Standing
from shipper.audit.missed import Missed, Reported
from shipper.audit.numbering import Numbering
from shipper.audit.report import Report, Row, Side


class _Tally:
    """Adds up the events of one channel, in the order of time."""

    def __init__(self, reported: Reported) -> None:
        self.events = [0, 0]
        self.numberings = Numbering(), Numbering(), Numbering(reported.within)
        self.missing = self.dead_letters = self.duplicates = self.only_stored = self.copies = 0

    def add(self, one: Standing) -> None:
        at_source, stored = one.at_source > 0, one.stored > 0
        if one.record is not None:
            for numbering, holds in zip(self.numberings, (at_source, stored, True), strict=True):
                if holds:
                    numbering.add(one.record, one.time_us)
        self.events[0] += at_source
        self.events[1] += stored
        self.copies += max(one.at_source - 1, 0)
        self.duplicates += max(one.stored - 1, 0)
        self.only_stored += stored and not at_source
        if not stored:
            self.dead_letters += one.dead > 0
            self.missing += not one.dead

    def row(self, computer: str, channel: str, *, whole: bool) -> Row:
        at_source, stored, everywhere = (numbering.ended() for numbering in self.numberings)
        return Row(
            computer=computer,
            channel=channel,
            whole=whole,
            at_source=Side(self.events[0], at_source),
            in_elasticsearch=Side(self.events[1], stored),
            numbers=everywhere,
            missing=self.missing,
            dead_letters=self.dead_letters,
            duplicates=self.duplicates,
            gaps=everywhere.lacking if whole else 0,
            reported=everywhere.reported if whole else 0,
            only_in_elasticsearch=self.only_stored,
        )


def compare(ledger: Ledger, wants_whole: Callable[[str], bool], missed: Missed) -> Report:
    """Return the balance of everything that was entered.

    Args:
        ledger: with the entries of all sides.
        wants_whole: says of a channel whether every event of it is asked for; where it is not, its record ids have
            gaps by nature.
        missed: what the shipper reported.

    Raises:
        StateError: the disk has no room to sort the entries.
    """
    ledger.close_entries()
    drawn = list(_drawn(ledger, wants_whole, missed))
    rows = sorted((row for row, _ in drawn), key=lambda row: (row.computer, row.channel))
    return Report(
        rows=tuple(rows),
        at_source=sum(row.at_source.events for row in rows),
        in_elasticsearch=sum(row.in_elasticsearch.events for row in rows),
        missing=sum(row.missing for row in rows),
        dead_letters=sum(row.dead_letters for row in rows),
        duplicates=sum(row.duplicates for row in rows),
        gaps=sum(row.gaps for row in rows),
        reported=sum(row.reported for row in rows),
        only_in_elasticsearch=sum(row.only_in_elasticsearch for row in rows),
        restarts=sum(row.numbers.restarts for row in rows),
        copies=sum(copies for _, copies in drawn),
    )


def _drawn(ledger: Ledger, wants_whole: Callable[[str], bool], missed: Missed) -> Iterator[tuple[Row, int]]:
    parties = ledger.parties()
    logs = ledger.own_logs() if missed.records else {}
    for party, standings in groupby(ledger.standings(), key=lambda one: one.party):
        computer, channel = parties[party]
        tally = _Tally(missed.of(computer, channel, logs.get(party, ())))
        for one in standings:
            tally.add(one)
        yield tally.row(computer, channel, whole=wants_whole(channel)), tally.copies
