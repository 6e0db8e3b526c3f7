"""``shipper demo``: the main job on a week of synthetic logs, into a real Elasticsearch that ends with the demo."""

import argparse
import contextlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shipper import config
from shipper.cli import demo_report, failures
from shipper.cli.account import TerminalAccount, sentence
from shipper.errors import EngineError, SinkError
from shipper.pipeline import Counts
from shipper.pipeline.opening import size_bytes
from shipper.pipeline.shipping import open_shipment

if TYPE_CHECKING:
    from rich.console import Console

    from shipper.testing.engine import Node
    from shipper.testing.week import Week

SUMMARY = "write a plausible week of connector logs, ship it, show what failed, the alerts and the report"
EXAMPLES = """\
  shipper demo                      the logs and the Elasticsearch are gone afterwards, the report stays
  shipper demo --folder week/       keep the logs, and the report beside them
  shipper demo --keep               leave Elasticsearch running until Ctrl-C
  shipper demo --no-elasticsearch   into a file instead"""

_DATA_STREAM = "logs-intune_connector.events-default"
_BY_OUTCOME = """\
FROM {data_stream}
| STATS events = COUNT(*), hosts = COUNT_DISTINCT(host.name) BY intune_connector.schema, intune_connector.operation,
        event.outcome
| SORT intune_connector.schema, intune_connector.operation, event.outcome
| LIMIT 50
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--folder", metavar="DIR", type=Path, help="where the logs and the report are written and kept")
    parser.add_argument("--keep", action="store_true", help="leave Elasticsearch running until Ctrl-C")
    parser.add_argument("--no-elasticsearch", action="store_true", help="ship into a file; needs no JDK")
    parser.add_argument("--seed", type=int, default=7, help="another week (default 7)")


def run(arguments: argparse.Namespace) -> int:
    """Run the demo."""
    from rich.console import Console

    console = Console()
    with _folder(arguments.folder) as folder:
        week = _write_week(console, folder, arguments.seed)
        inputs = tuple(str(file.path) for file in week.files)
        if arguments.no_elasticsearch:
            return _into_file(console, folder, inputs, arguments.folder)
        try:
            return _into_elasticsearch(console, folder, inputs, arguments)
        except EngineError as error:
            console.print(f"No Elasticsearch here: {error}\n  try: {error.hint}", markup=False, style="yellow")
            return _into_file(console, folder, inputs, arguments.folder)


@contextlib.contextmanager
def _folder(named: Path | None) -> Iterator[Path]:
    if named is not None:
        try:
            named.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SinkError(f"cannot be made: {reason}", where=str(named), hint="name another folder") from None
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="shipper-demo-") as folder:
        yield Path(folder)


def _write_week(console: "Console", folder: Path, seed: int) -> "Week":
    from shipper.testing.week import write_week

    with console.status("writing the logs of a week"):
        week = write_week(folder, until=datetime.now(UTC), seed=seed)
    console.print(
        f"Wrote {len(week.files)} synthetic logs of {len({file.host for file in week.files})} servers: "
        f"{week.total('connector'):,} connector events, {week.total('foreign'):,} of other applications, "
        f"{week.total('archive'):,} in an archive that is a year old."
    )
    return week


def _into_elasticsearch(
    console: "Console", folder: Path, inputs: tuple[str, ...], arguments: argparse.Namespace
) -> int:
    from shipper import assets, setup
    from shipper.sinks.elasticsearch import Connection
    from shipper.testing.engine import Elasticsearch

    with Elasticsearch() as engine:
        with console.status("starting Elasticsearch (the first time its jars are fetched)"):
            node = engine.start()
        settings = _settings(folder, inputs, node.url)
        setup.install(
            Connection.to(node.url, settings.elasticsearch),
            assets.mappings(),
            namespace="default",
            agree=lambda _: True,
        )
        first = _ship(settings)
        console.print(f"First run:  {sentence(first)}")
        _show_answers(console, node)
        second = _ship(settings)
        console.print(f"Second run: {sentence(second)}")
        demo_report.show_alerts_and_report(console, settings, node.url, arguments.folder)
        _close_remarks(console, node, keep=arguments.keep)
    return 0 if first.complete and second.shipped == 0 else 1


def _into_file(console: "Console", folder: Path, inputs: tuple[str, ...], kept: Path | None) -> int:
    path = folder / "events.ndjson"
    settings = _settings(folder, inputs, f"ndjson:{path}")
    counts = _ship(settings)
    console.print(f"Into {path}: {sentence(counts)}", markup=False)
    console.print(failures.table(failures.from_ndjson(path)))
    demo_report.show_alerts_and_report(console, settings, str(path), kept)
    return 0 if counts.complete else 1


def _settings(folder: Path, inputs: tuple[str, ...], to: str) -> config.Config:
    return config.load(None, {}, {"inputs": inputs, "to": to, "state": str(folder / "state")})


def _ship(settings: config.Config) -> Counts:
    account, counts = TerminalAccount(size_bytes(settings.ship.inputs)), Counts()
    with account, open_shipment(settings, account.paused) as shipment:
        shipment.run(settings, account, counts=counts)
    return counts


def _show_answers(console: "Console", node: "Node") -> None:
    from elasticsearch import Elasticsearch as Client

    with Client(node.url) as client:
        client.indices.refresh(index=_DATA_STREAM)
        answer = client.esql.query(query=failures.FAILURES_BY_CAUSE.format(data_stream=_DATA_STREAM))
        console.print(failures.table(failures.from_esql(answer)))
        query = _BY_OUTCOME.format(data_stream=_DATA_STREAM)
        console.print(f"ES|QL over the data stream:\n{query}", markup=False, highlight=False)
        console.print(failures.plain_table(client.esql.query(query=query)))


def _close_remarks(console: "Console", node: "Node", *, keep: bool) -> None:
    if not keep:
        console.print("Elasticsearch ends with the demo; `shipper demo --keep` leaves it running.", markup=False)
        return
    console.print(f"Elasticsearch runs at {node.url} until Ctrl-C. Ask it, for example:", markup=False)
    console.print(f"  curl '{node.url}/{_DATA_STREAM}/_search?q=event.outcome:failure&size=1&pretty'", markup=False)
    with contextlib.suppress(KeyboardInterrupt):
        _wait_for_interrupt()


def _wait_for_interrupt() -> None:
    import threading

    threading.Event().wait()
