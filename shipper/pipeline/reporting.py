"""From the words of a user to the findings of a report."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from shipper import config
from shipper.audit.point_in_time import open_point_in_time
from shipper.config import Config
from shipper.errors import SourceError, UsageError
from shipper.pipeline.children import collect_seldom
from shipper.pipeline.judging import judge
from shipper.pipeline.opening import ecs_settings, is_elasticsearch, open_source
from shipper.pipeline.rulebook import load_chosen
from shipper.pipeline.sifting import SiftingRecipe, sift_data_stream, sift_events
from shipper.pipeline.sifting_lines import holds_documents, sift_documents
from shipper.report import FIELDS, Findings, Period, Portion, Reading, Sifter, Store, findings, gather
from shipper.report.questions.scope import scope
from shipper.rules.alert import Alert
from shipper.rules.model import Rule
from shipper.rules.seeing import SHOWN, fields_of

_COPY_BYTES = 1 << 20
#: Clocks differ; an event that is further ahead of ours than this has a wrong time.
_AHEAD_MS = 3_600_000


class Asked(msgspec.Struct, frozen=True):
    """What a report is to be about.

    Attributes:
        inputs: files, folders and ``-``, or the URL of one Elasticsearch.
        period: which events.
        rules: what looks at them.
    """

    inputs: tuple[str, ...]
    period: Period = Period()
    rules: tuple[Rule, ...] = ()


class Listening(msgspec.Struct, frozen=True):
    """Who hears what while a report is made.

    Attributes:
        tell: how many events and how many bytes of the inputs have been read.
        judging: that reading is over and the rules look.
        hear: each alert; then they are judged in one process.
    """

    tell: Callable[[int, int], None]
    judging: Callable[[], None]
    hear: Callable[[Alert], None] | None = None


def find(config: Config, asked: Asked, listening: Listening) -> Findings:
    """Read everything, let the rules look, and ask every question.

    Args:
        config: how to read, and how to reach Elasticsearch; its inputs are not looked at.
        asked: what about.
        listening: who hears of it as it goes.

    Raises:
        SourceError: an input cannot be read at all.
        SinkError: Elasticsearch cannot be read.
        UsageError: the inputs do not go together, or there are none.
    """
    collect_seldom()
    is_live = any(is_elasticsearch(text) for text in asked.inputs)
    made_at = datetime.now(UTC)
    now_ms = int(made_at.timestamp() * 1000)
    with Store() as store, contextlib.ExitStack() as open_files:
        portions = _of_server(config, asked) if is_live else _of_inputs(config, asked, open_files)
        reading = gather(portions, _names(config, asked), store, listening.tell, now_ms + _AHEAD_MS)
        listening.judging()
        end_ms = _end_ms(asked.period, now_ms) if is_live or asked.period.until_ms is not None else None
        seen = scope(store, end_ms)
        alerts = judge(
            store, asked.rules, seen.end_ms, events=seen.events, workers=_workers(config), hear=listening.hear
        )
        return findings(store, seen, reading, alerts, made_at, is_live=is_live)


def rules_of_events(alerts: config.Alerts) -> tuple[Rule, ...]:
    """Return the rules that look at events; heartbeats are no part of a report.

    Raises:
        ConfigError: a rule is wrong, or one is switched off that there is not.
    """
    return tuple(rule for rule in load_chosen(alerts) if rule.reads == "events")


def _end_ms(period: Period, now_ms: int) -> int:
    return now_ms if period.until_ms is None else min(period.until_ms, now_ms)


def _names(config: Config, asked: Asked) -> tuple[str, ...]:
    from shipper.sinks.elasticsearch import Connection

    return tuple(
        f"{_data_stream(config)} @ {Connection.to(text, config.elasticsearch).target}"
        if is_elasticsearch(text)
        else text
        for text in asked.inputs
    )


def _data_stream(config: Config) -> str:
    return f"logs-intune_connector.events-{config.ship.namespace}"


def _of_server(config: Config, asked: Asked) -> Iterator[Portion]:
    from shipper.sinks.elasticsearch import Connection
    from shipper.sinks.elasticsearch.server import Server

    if len(asked.inputs) > 1:
        raise UsageError("a data stream is reported on alone", where="INPUT", hint="name one URL, or files and folders")
    server = Server(Connection.to(asked.inputs[0], config.elasticsearch))
    try:
        server.version()
        point = open_point_in_time(server, _data_stream(config))
        if point is None:
            hint = "is --namespace right, and has anything been shipped?"
            raise SourceError(f"has no data stream {_data_stream(config)}", where=server.target, hint=hint)
        with point:
            yield from sift_data_stream(point, _fields(asked.rules), Sifter(asked.rules, asked.period), asked.period)
    finally:
        server.close()


def _fields(rules: Iterable[Rule]) -> list[str]:
    return sorted({*FIELDS, *SHOWN, *(name for rule in rules for name in fields_of(rule))})


def _of_inputs(config: Config, asked: Asked, open_files: contextlib.ExitStack) -> Iterator[Portion]:
    paths = [_spooled(open_files) if text == "-" else text for text in asked.inputs]
    ours = [path for path in paths if Path(path).is_file() and holds_documents(path)]
    events = tuple(path for path in paths if path not in ours)
    if events or not ours:
        yield from _of_events(config, asked, events)
    for path in ours:
        yield from sift_documents(path, asked.rules, asked.period, _workers(config))


def _of_events(config: Config, asked: Asked, paths: Sequence[str]) -> Iterator[Portion]:
    ship = msgspec.structs.replace(config.ship, inputs=tuple(paths), to="-", state="", follow=False, others="drop")
    settings = msgspec.structs.replace(config, ship=ship)
    recipe = SiftingRecipe(open_source(settings), ecs_settings(settings), rules=asked.rules, period=asked.period)
    yield from sift_events(recipe, _workers(config))


def _workers(config: Config) -> int:
    return config.ship.workers or os.cpu_count() or 1


def _spooled(open_files: contextlib.ExitStack) -> str:
    """Return the name of a temporary file with all of standard input: what it holds shows only in its first line."""
    folder = open_files.enter_context(tempfile.TemporaryDirectory(prefix="shipper-report-"))
    path = Path(folder) / "standard-input"
    with path.open("wb") as file:
        while data := os.read(sys.stdin.fileno(), _COPY_BYTES):
            file.write(data)
    return str(path)


__all__ = ["Asked", "Listening", "Reading", "find"]
