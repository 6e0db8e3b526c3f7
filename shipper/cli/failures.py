"""Failures by cause, as a table that a person understands at a glance."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from shipper import catalog
from shipper.cli.terminal import neutralise

if TYPE_CHECKING:
    from rich.table import Table

#: Final events of one channel alone, so that a request that failed in three events counts once:
#: docs/reference/catalog.md.
FAILURES_BY_CAUSE = """\
FROM {data_stream}
| WHERE event.outcome == "failure" AND intune_connector.final AND intune_connector.counts_as == "request"
| EVAL cause = COALESCE(error.code, intune_connector.error.name, event.code)
| STATS failures = COUNT(*), devices = COUNT_DISTINCT(device.id), hosts = VALUES(host.name),
        first_seen = MIN(@timestamp), last_seen = MAX(@timestamp) BY cause, event.action
| SORT failures DESC
| LIMIT 50
"""


class Failure(msgspec.Struct, frozen=True):
    """What failed for one cause.

    Attributes:
        cause: the diagnostic code or HRESULT, else the name of the error text, else the event id.
        action: ``event.action``.
        failures: final failures.
        devices: distinct devices among them.
        hosts: connector hosts, sorted.
        first_seen, last_seen: RFC 3339.
    """

    cause: str
    action: str
    failures: int
    devices: int
    hosts: tuple[str, ...]
    first_seen: str
    last_seen: str


def from_esql(answer: Any) -> list[Failure]:
    """Return the failures that the answer to ``FAILURES_BY_CAUSE`` holds.

    Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/esql-query-api.html
    """
    names = [column["name"] for column in answer["columns"]]
    return [_from_row(dict(zip(names, row, strict=True))) for row in answer["values"]]


def _from_row(row: dict[str, Any]) -> Failure:
    hosts = row["hosts"] if isinstance(row["hosts"], list) else [row["hosts"]]
    return Failure(
        row["cause"],
        row["event.action"],
        row["failures"],
        row["devices"],
        tuple(sorted(filter(None, hosts))),
        row["first_seen"],
        row["last_seen"],
    )


class _Named(msgspec.Struct, frozen=True):
    name: str = ""
    id: str = ""
    code: str | None = None


class _Event(msgspec.Struct, frozen=True):
    outcome: str = ""
    code: str = ""
    action: str = ""


class _Connector(msgspec.Struct, frozen=True):
    final: bool = False
    counts_as: str = ""
    error: _Named = _Named()


class _Line(msgspec.Struct, frozen=True, rename={"timestamp": "@timestamp"}):
    timestamp: str
    event: _Event
    host: _Named = _Named()
    device: _Named = _Named()
    error: _Named = _Named()
    intune_connector: _Connector = _Connector()


def from_ndjson(path: Path) -> list[Failure]:
    """Answer the same question from a file of documents."""
    decoder = msgspec.json.Decoder(_Line)
    groups: dict[tuple[str, str], list[_Line]] = {}
    with path.open("rb") as file:
        for line in map(decoder.decode, file):
            told = line.intune_connector
            if line.event.outcome == "failure" and told.final and told.counts_as == "request":
                cause = line.error.code or told.error.name or line.event.code
                groups.setdefault((cause, line.event.action), []).append(line)
    failures = [_from_group(cause, action, lines) for (cause, action), lines in groups.items()]
    return sorted(failures, key=lambda failure: -failure.failures)


def _from_group(cause: str, action: str, lines: list[_Line]) -> Failure:
    times = sorted(line.timestamp for line in lines)
    devices = {line.device.id for line in lines if line.device.id}
    hosts = tuple(sorted({line.host.name for line in lines}))
    return Failure(cause, action, len(lines), len(devices), hosts, times[0], times[-1])


def table(failures: Iterable[Failure]) -> "Table":
    """Draw the failures; every text from an event is made harmless."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title="Failures by cause", show_lines=True, expand=True)
    drawn.add_column("failed", justify="right")
    drawn.add_column("cause", ratio=4, overflow="fold")
    drawn.add_column("hosts", min_width=6, overflow="fold")
    drawn.add_column("first, last seen", min_width=11, max_width=16)
    drawn.add_column("what to do first", ratio=5, overflow="fold")
    for failure in failures:
        name, advice = _explained(failure)
        cells = (
            f"{failure.failures:,}",
            f"{failure.cause} {name}\n{failure.action}, {failure.devices:,} device{'s'[: failure.devices != 1]}",
            "\n".join(dict.fromkeys(host.partition(".")[0] for host in failure.hosts)),
            f"{_minute(failure.first_seen)}\n{_minute(failure.last_seen)}",
            advice,
        )
        drawn.add_row(*(Text("\n".join(map(neutralise, cell.split("\n")))) for cell in cells))
    return drawn


def plain_table(answer: Any) -> "Table":
    """Draw the answer to any ES|QL query, made harmless."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table()
    for column in answer["columns"]:
        drawn.add_column(column["name"])
    for row in answer["values"]:
        drawn.add_row(*(Text("" if cell is None else neutralise(str(cell))) for cell in row))
    return drawn


def _minute(time: str) -> str:
    return time[5:16].replace("T", " ")


def _explained(failure: Failure) -> tuple[str, str]:
    """Return the name of a cause and the first steps against it."""
    entry = _entry(failure.cause)
    if entry is None:
        return "unknown", ""
    return entry.name if entry.name != failure.cause else "", " ".join(entry.text["en"].resolution[:2])


def _entry(cause: str) -> catalog.CodeEntry | catalog.ErrorEntry | catalog.EventEntry | None:
    known = catalog.load()
    if cause.isdecimal():
        return known.events("legacy").get(int(cause)) or known.events("unified").get(int(cause))
    named = next(known.named(cause), None)
    if named is not None:
        return named
    code, hresult = catalog.parse_code(cause), catalog.parse_hresult(cause)
    return (known.code(code) if code is not None else None) or (known.error(hresult) if hresult is not None else None)
