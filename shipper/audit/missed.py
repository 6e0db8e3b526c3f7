"""Records that the shipper itself reported as missed: overwritten or removed before it could read them.

A notice speaks of the numbers that a *log* gives its records. The audit compares record ids, which each computer counts
for each channel. The two are the same in a log that a computer keeps of one channel of its own, and there a notice
explains a gap; in a forwarded or exported log they are not, and it explains none.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from shipper.audit.numbering import NEAR_US, Range

#: So many reports are matched with gaps; what is beyond is counted, and explains nothing.
MOST_REPORTS = 100_000

#: ``Archive-Security-2026-11-24-09-30-00-123.evtx``: how Windows names a full log that it puts away.
_ARCHIVE = re.compile(r"archive-(.+)-\d{4}(?:-\d\d){5}-\d{3}")


class MissedRecords(msgspec.Struct, frozen=True, gc=False):
    """One report of missed records.

    Attributes:
        log: path of the log, as the shipper had it.
        computer: ``host.name`` of what stands behind them; empty where it is not known.
        first, last: their numbers in the log.
        time_us: of the first record behind them, microseconds since 1970.
    """

    log: str
    computer: str
    first: int
    last: int
    time_us: int


class Reported:
    """The reports about the records of one channel of one computer."""

    def __init__(self, reports: Iterable[MissedRecords] = ()) -> None:
        self._reports = sorted(reports, key=lambda report: report.time_us)
        self._times_us = [report.time_us for report in self._reports]

    def within(self, gap: Range, before_us: int, after_us: int) -> list[Range]:
        """Return the parts of a gap that were reported, ascending and apart.

        Args:
            gap: record ids that nobody has.
            before_us: time of the event before it, microseconds since 1970. Numbers begin again when a log is cleared,
                so a report is only about this gap when it is of its time.
            after_us: time of the event behind it.
        """
        first = bisect_left(self._times_us, before_us - NEAR_US)
        last = bisect_right(self._times_us, after_us + NEAR_US)
        parts = (
            Range(max(report.first, gap.first), min(report.last, gap.last)) for report in self._reports[first:last]
        )
        return _joined(sorted((part for part in parts if part.first <= part.last), key=lambda part: part.first))


class Missed:
    """Takes every report, and says which of them are about a computer's channel."""

    def __init__(self) -> None:
        self.records = 0
        self.uncounted = 0
        self._taken = 0
        self._reports: dict[str, list[MissedRecords]] = defaultdict(list)

    def add(self, report: MissedRecords, records: int | None) -> None:
        """Take a report of so many records; ``None`` where nobody can say how many."""
        if records is None:
            self.uncounted += 1
            return
        self.records += records
        if report.last >= report.first >= 0 and self._taken < MOST_REPORTS:
            self._taken += 1
            self._reports[_log_name(report.log)].append(report)

    def of(self, computer: str, channel: str, logs: Sequence[str]) -> Reported:
        """Return what was reported of one channel of one computer.

        Args:
            computer: ``host.name``.
            channel: System/Channel.
            logs: paths of inputs that hold these events alone, each under its record id.
        """
        names = {_log_name(log) for log in logs}
        own_name = channel.casefold().replace("/", "%4")  # how Windows names the log of a channel
        found = [
            report for name in names for report in self._reports.get(name, ()) if report.computer in {"", computer}
        ]
        if own_name not in names:
            found += [report for report in self._reports.get(own_name, ()) if report.computer == computer]
        return Reported(found)


def _log_name(path: str) -> str:
    """Return a log's name without folder, suffix and what an archive adds: copies stand elsewhere."""
    name = re.split(r"[/\\]", path)[-1].casefold().removesuffix(".evtx")
    archive = _ARCHIVE.fullmatch(name)
    return archive[1] if archive else name


def _joined(ranges: Iterable[Range]) -> list[Range]:
    """Return ascending ranges with those that touch or overlap made one."""
    joined: list[Range] = []
    for part in ranges:
        if joined and part.first <= joined[-1].last + 1:
            joined[-1] = Range(joined[-1].first, max(joined[-1].last, part.last))
        else:
            joined.append(part)
    return joined
