"""``shipper state``: what is remembered between runs, shown and forgotten."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec

from shipper import dead_letters
from shipper.alerts import decode_memory
from shipper.alerts.memory import UnusableMemoryError
from shipper.cli import options
from shipper.cli.columns import columns
from shipper.cli.terminal import did_you_mean, neutralise
from shipper.dead_letters import Tally
from shipper.durable import Holder
from shipper.errors import StateError, UsageError
from shipper.state import AlertsFile, CheckpointFile, StateFolder, Stored, read_stored

SUMMARY = "show how far each log has been delivered, and how many dead letters there are"

EXAMPLES = """\
  shipper state                                      while a shipper runs, too
  shipper state --state /var/lib/shipper --json
  shipper state --forget /logs/Admin.evtx            the next run reads that log from where --from says
  shipper state --forget-all

Exit code 1: a checkpoint is damaged. To forget, stop the shipper. Dead letters are never forgotten: replay them.
"""

_LOGS_SHOWN = 200
_KINDS_SHOWN = 20


class _Damaged(msgspec.Struct, frozen=True):
    path: str
    reason: str
    hint: str


class _Alerts(msgspec.Struct, frozen=True):
    """Alerts of one target that some outlets have not taken; -1 where nobody can tell, since the file is damaged."""

    target: str
    waiting: int
    outlets: list[str]


class _Found(msgspec.Struct, frozen=True):
    """What a state folder holds; the JSON object of ``--json``."""

    folder: str
    holder: Holder | None
    checkpoints: list[Stored]
    damaged: list[_Damaged]
    set_aside: list[str]
    dead_letters: Tally
    alerts: list["_Alerts"]
    refused_alerts: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    options.add_config(parser)
    options.add(parser, "--state", metavar="DIR", help="the state folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    forget = parser.add_mutually_exclusive_group()
    forget.add_argument(
        "--forget", metavar="LOG", action="append", default=[], help="forget how far a log has been read"
    )
    forget.add_argument("--forget-all", action="store_true", help="forget how far every log has been read")


def run(arguments: argparse.Namespace) -> int:
    """Forget what is to be forgotten, show the rest."""
    from shipper.pipeline.opening import state_folder

    path = state_folder(options.configuration(arguments))
    if arguments.forget or arguments.forget_all:
        _forget(path, arguments.forget)
    found = _look(path)
    for line in [_json(found)] if arguments.json else _lines(found):
        print(line)
    return 1 if found.damaged else 0


def _forget(path: Path, logs: list[str]) -> None:
    """Forget ``logs``, or all where none is named."""
    if not StateFolder(path, read_only=True).checkpoints():
        if logs:
            raise UsageError("nothing is remembered", where=str(path), hint="check --state")
        return
    with StateFolder(path) as folder:
        if not logs:
            folder.remove_checkpoints()
        stored = [one for one in map(read_stored, folder.checkpoints()) if one is not None]
        known = {neutralise(log.cursor.source): log.cursor.source for one in stored for log in one.logs}
        unknown = [log for log in logs if neutralise(log) not in known]
        if unknown:
            raise UsageError(f"is not remembered: {unknown[0]}", where="--forget", hint=did_you_mean(unknown[0], known))
        for one in stored:
            for log in logs:
                CheckpointFile(folder, one.target).forget(known[neutralise(log)])


def _look(path: Path) -> _Found:
    folder = StateFolder(path, read_only=True)
    checkpoints: list[Stored] = []
    damaged: list[_Damaged] = []
    for file in folder.checkpoints():
        try:
            stored = read_stored(file)
        except StateError as error:
            damaged.append(_Damaged(str(file), error.message, error.hint))
        else:
            checkpoints += [stored] if stored is not None else []
    return _Found(
        str(path),
        folder.holder(),
        checkpoints,
        damaged,
        [str(aside) for aside in folder.set_aside()],
        dead_letters.tally(path / dead_letters.FILE_NAME),
        [_alerts(folder, stored) for stored in checkpoints if stored.alerts],
        dead_letters.tally(path / dead_letters.REFUSED_ALERTS).letters,
    )


def _alerts(folder: StateFolder, stored: Stored) -> _Alerts:
    try:
        content = AlertsFile(folder, stored.target, stored.alerts).load()
        letters = decode_memory(content).letters if content is not None else ()
    except (UnusableMemoryError, StateError):
        return _Alerts(stored.target, -1, [])
    return _Alerts(stored.target, len(letters), sorted({outlet for letter in letters for outlet in letter.outlets}))


def _json(found: _Found) -> str:
    return json.dumps(msgspec.to_builtins(found))  # names of files may be no UTF-8: the standard library escapes them


def _lines(found: _Found) -> Iterator[str]:
    holder = f"in use by {found.holder}" if found.holder is not None else "not in use"
    yield neutralise(f"{found.folder}: {holder}")
    for stored in found.checkpoints:
        yield ""
        yield from _checkpoint(stored)
    for damaged in found.damaged:
        yield ""
        yield neutralise(f"{damaged.path}: {damaged.reason}")
        yield f"  try: {neutralise(damaged.hint)}"
    for aside in found.set_aside:
        yield neutralise(f"set aside: {aside}")
    if not found.checkpoints and not found.damaged:
        yield "nothing is remembered of any log"
    yield ""
    yield from _dead_letters(found.dead_letters)
    for alerts in found.alerts:
        if alerts.waiting:
            many = f"{alerts.waiting:,} alerts wait for {', '.join(alerts.outlets)}"
            yield neutralise(f"{alerts.target}: {many if alerts.waiting > 0 else 'what rules know is damaged'}")
    if found.refused_alerts:
        many = f"{found.refused_alerts:,} refused alert{'s'[: found.refused_alerts != 1]}"
        yield f"{many} in {dead_letters.REFUSED_ALERTS}"


def _checkpoint(stored: Stored) -> Iterator[str]:
    output = f", {stored.output_bytes:,} bytes of output" if stored.output_bytes >= 0 else ""
    yield neutralise(f"{stored.target}: written {stored.updated} by {stored.written_by}{output}")
    logs = [(str(log.cursor.record), log.updated, log.cursor.source) for log in reversed(stored.logs)]
    if logs:  # the name stands last: one that is long must not push the others away
        yield from (f"  {line}" for line in columns([("record", "since", "log"), *logs[:_LOGS_SHOWN]]))
    if len(logs) > _LOGS_SHOWN:
        yield f"  {len(logs) - _LOGS_SHOWN:,} more logs; all of them with --json"


def _dead_letters(found: Tally) -> Iterator[str]:
    if not found.letters and not found.no_letters:
        yield "no dead letters"
        return
    oldest = f", since {found.oldest}" if found.oldest else ""
    yield neutralise(f"{found.letters:,} dead letter{'s'[: found.letters != 1]}, {found.size_bytes:,} bytes{oldest}")
    kinds = sorted(found.by_error_type.items(), key=lambda item: -item[1])
    if kinds:
        yield from (f"  {line}" for line in columns([("reason", "letters"), *kinds[:_KINDS_SHOWN]]))
    if len(kinds) > _KINDS_SHOWN:
        yield f"  {len(kinds) - _KINDS_SHOWN:,} more reasons; all of them with --json"
    if found.no_letters:
        yield f"  lines that are no dead letters: {found.no_letters:,}"
