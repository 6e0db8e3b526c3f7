"""The balance of an audit on paper: as a table for people, as one JSON object for machines."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TextIO

import msgspec

from shipper.audit import (
    DeadReason,
    Duplicate,
    Ledger,
    Missing,
    Period,
    Report,
    SourceAccount,
    StreamAccount,
    Verdict,
)
from shipper.audit.period import spelled
from shipper.cli.balance_lines import duplicate_line, gaps_line, missing_line, notice_line, table
from shipper.cli.terminal import neutralise

if TYPE_CHECKING:
    from rich.console import Console

#: So many of each kind are shown; all of them are in the JSON object.
SHOWN = 20
ROWS_SHOWN = 100


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON object but for its lists of events; ``docs/how-to/audit.md`` describes it."""

    complete: bool
    verdict: str
    target: str
    data_stream: str
    data_stream_exists: bool
    at: str
    since: str | None
    until: str | None
    balance: Report
    inputs: SourceAccount
    dead_letter_reasons: tuple[DeadReason, ...]
    stream: StreamAccount


class BalanceSheet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an audit found, but for the single events, which stay in its ledger.

    Attributes:
        target: the server.
        data_stream: what was compared with the inputs.
        at: when, RFC 3339; what Elasticsearch had by then was seen.
        period: which times were compared.
        report: the balance.
        source, stream: what else either side holds.
        dead_reasons: why there are dead letters.
        verdict: what it proves.
    """

    target: str
    data_stream: str
    at: str
    period: Period
    report: Report
    source: SourceAccount
    stream: StreamAccount
    dead_reasons: tuple[DeadReason, ...]
    verdict: Verdict

    def write_json(self, out: TextIO, ledger: Ledger) -> None:
        """Write one JSON object in ASCII; events are written one by one, however many there are."""
        head = _Head(
            complete=self.verdict.complete,
            verdict=self.verdict.sentence,
            target=self.target,
            data_stream=self.data_stream,
            data_stream_exists=self.stream.exists,
            at=self.at,
            since=_time(self.period.since_ms),
            until=_time(self.period.until_ms),
            balance=self.report,
            inputs=self.source,
            dead_letter_reasons=self.dead_reasons,
            stream=self.stream,
        )
        out.write(_json(head).removesuffix("}"))
        _write_list(out, "missing", map(_with_time, ledger.missing()))
        _write_list(out, "duplicates", map(_with_time, ledger.duplicates()))
        out.write("}\n")

    def show(self, ledger: Ledger) -> None:
        """Print the table, what is wrong one by one, and the verdict."""
        from rich.console import Console

        console = Console(highlight=False, emoji=False)
        rows = sorted(self.report.rows, key=lambda row: row.clean)  # what is wrong first, else by name
        for row in table(rows[:ROWS_SHOWN]) if rows else ():
            _print(console, row.text, "red" if row.faulty else "")
        if len(rows) > ROWS_SHOWN:
            _print(console, f"{len(rows) - ROWS_SHOWN:,} more rows; all of them with --json")
        for title, lines, total in self._details(ledger):
            _print_list(console, title, lines, total)
        for line in self._remarks():
            _print(console, line)
        _print(console, self.verdict.sentence)

    def _details(self, ledger: Ledger) -> Iterator[tuple[str, Iterable[str], int]]:
        report = self.report
        yield "missing", map(missing_line, ledger.missing()), report.missing
        doubled = sum(1 for _ in ledger.duplicates()) if report.duplicates else 0
        yield "doubled", map(duplicate_line, ledger.duplicates()), doubled
        gaps = [gaps_line(row) for row in report.rows if row.gaps]
        yield "record ids that nobody has", gaps, len(gaps)
        reasons = [f"{one.letters:,} {one.error_type}: {one.reason}" for one in self.dead_reasons]
        yield "dead letters", reasons, len(reasons)
        notices = [notice_line(one) for one in self.stream.notices]
        yield "told by the shipper itself", notices, self.stream.notices_total
        problems = [f"{one.position}: {one.reason}" for one in self.source.problems]
        yield "unreadable", problems, len(problems)

    def _remarks(self) -> Iterator[str]:
        source, report, stream = self.source, self.report, self.stream
        if not stream.exists:
            yield f"There is no data stream {self.data_stream}."
        if not stream.refreshes:
            yield "The index does not refresh by itself: what was indexed last may not have been seen."
        if not all(row.whole for row in report.rows):
            yield "Gaps are not counted in channels of which only some events are asked for (-)."
        parts = (
            (source.filtered, "event", "of other channels or times left out"),
            (source.skipped, "record", "passed over in chunks of other channels"),
            (report.copies, "repetition", "of events in the inputs"),
            (report.restarts, "restart", "of record ids (log cleared, computer set up anew)"),
            (
                report.only_in_elasticsearch,
                "event",
                "only in Elasticsearch (older than the inputs, or of other inputs)",
            ),
        )
        yield from (f"{count:,} {noun}{'s'[: count != 1]} {what}." for count, noun, what in parts if count)


def _print_list(console: "Console", title: str, lines: Iterable[str], total: int) -> None:
    if not total:
        return
    _print(console, f"{title}:")
    for line in islice(lines, SHOWN):
        _print(console, f"  {line}")
    if total > SHOWN:
        _print(console, f"  {total - SHOWN:,} more; all of them with --json")


def _print(console: "Console", line: str, style: str = "") -> None:
    console.print(neutralise(line), markup=False, soft_wrap=True, style=style)


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else spelled(milliseconds * 1000)


def _with_time(one: Missing | Duplicate) -> dict[str, object]:
    """Return an event as JSON has it: its time as text."""
    fields: dict[str, object] = msgspec.to_builtins(one)
    return {("time" if name == "time_us" else name): value for name, value in fields.items()} | {
        "time": spelled(one.time_us)
    }


def _write_list(out: TextIO, name: str, items: Iterable[object]) -> None:
    out.write(f', "{name}": [')
    separator = "\n"
    for item in items:
        out.write(separator + _json(item))
        separator = ",\n"
    out.write("]")


def _json(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value))
