"""An evaluation, opened from what is wanted and a configuration, and closed again."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from shipper.config import Config
from shipper.errors import UsageError
from shipper.pipeline.alerting import Alerting
from shipper.pipeline.alerts import open_mail, pace, take_up
from shipper.pipeline.evaluation.evaluation import Evaluation
from shipper.pipeline.evaluation.memory_file import MemoryFile
from shipper.pipeline.evaluation.wanted import Wanted
from shipper.pipeline.listening import Listener
from shipper.pipeline.opening import ecs_settings, is_elasticsearch
from shipper.pipeline.outlets import open_outlets
from shipper.pipeline.rulebook import load_chosen, open_rulebook
from shipper.rules.model import Rule
from shipper.sinks.elasticsearch import Connection
from shipper.state import StateFolder
from shipper.state.checkpoint import file_name


@contextlib.contextmanager
def open_evaluation(wanted: Wanted, config: Config, hears: Listener) -> Iterator[Evaluation]:
    """Yield an evaluation that is ready to run.

    Args:
        wanted: what is to be evaluated.
        config: rules, outlets, and how Elasticsearch is reached.
        hears: told what runs, and how it goes.

    Raises:
        ShipperError: something is wrong with a rule, an outlet, or what is remembered.
    """
    _check(wanted)
    rules = load_chosen(config.alerts)
    settings = ecs_settings(config)
    rulebook = open_rulebook(rules, config, settings)
    outlets = open_outlets(config, wanted.elasticsearch or _elasticsearch_of(config), hears.say, hears.say)
    outlets += [wanted.printed] if wanted.printed is not None else []
    with contextlib.ExitStack() as opened:
        memory = MemoryFile(_path(wanted, config, opened))
        mail = open_mail(config, outlets, hears.say, keeps=bool(wanted.state))
        take_up(memory.known, rulebook, mail, hears.say)
        hears.say(f"{_said(rules)}; told: {', '.join(outlet.name for outlet in outlets)}")
        alerting = memory.alerting = Alerting(rulebook, mail, pace(config, follows=wanted.follow), hears)
        yield Evaluation(wanted, config, (rulebook, alerting, memory), hears.say)


def _said(rules: Sequence[Rule]) -> str:
    return f"{len(rules)} rules look"


def _elasticsearch_of(config: Config) -> str:
    return config.ship.to if is_elasticsearch(config.ship.to) else ""


def _check(wanted: Wanted) -> None:
    if not wanted.inputs:
        raise UsageError("nothing to read", where="INPUT", hint="files of documents, -, or https://HOST:9200")
    if wanted.elasticsearch and len(wanted.inputs) > 1:
        raise UsageError("one Elasticsearch, or files", where="INPUT", hint="start it once for each")
    if wanted.follow and not wanted.elasticsearch:
        raise UsageError("only data streams are followed", where="--follow", hint="https://HOST:9200")


def _path(wanted: Wanted, config: Config, opened: contextlib.ExitStack) -> Path | None:
    if not wanted.state:
        return None
    folder = opened.enter_context(StateFolder(Path(wanted.state)))
    target = "files"
    if wanted.elasticsearch:
        target = f"{Connection.to(wanted.elasticsearch, config.elasticsearch).target} {config.ship.namespace}"
    return folder.path / file_name(target, "evaluate")
