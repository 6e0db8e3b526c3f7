"""``shipper replay``: send the dead letters again, once what refused them has been mended."""

import argparse
import json
from pathlib import Path

import msgspec

from shipper.cli import options
from shipper.cli.columns import columns
from shipper.cli.endings import explained
from shipper.cli.terminal import neutralise, say, show_error
from shipper.config import Config
from shipper.errors import UsageError
from shipper.model import Problem
from shipper.pipeline.replay import Replay, Selection
from shipper.pipeline.replay_counts import ReplayCounts

SUMMARY = "send dead letters again, after what refused them has been mended"

EXAMPLES = """\
  shipper replay --dry-run                           what there is, by reason; nothing is sent
  shipper replay --to https://es.example:9200 --ca-file ca.pem
  shipper replay --to https://es.example:9200 --reason document_parsing_exception --limit 100
  shipper replay --to ndjson:letters.ndjson          out of the dead letters, into a file

What is delivered, or was there already, is taken out of the dead letters; what is refused again stays with its new
reason. A shipper may run meanwhile. Exit code 0: nothing that was chosen is left; 1: some is.
"""

#: So many lines that are no letters, and so many reasons, are shown one by one.
_SHOWN = 20
_REASON_WIDTH = 160


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    options.add_config(parser)
    options.add(parser, "--state", metavar="DIR", help="folder of the dead letters")
    options.add(parser, "--to", metavar="SINK", help="an Elasticsearch URL, ndjson:PATH (.gz, .zst), or -")
    parser.add_argument("--reason", metavar="TYPE", action="append", default=[], help="only these; may be given again")
    parser.add_argument("--limit", metavar="N", type=int, default=0, help="send at most N, the oldest first")
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent, by reason")
    parser.add_argument("--json", action="store_true", help="problems and the account as JSON lines on standard error")
    options.add_foreign_mapping(options.add_elasticsearch(parser))


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the account is the last that is said, after an error too."""
    from shipper.pipeline.opening import is_elasticsearch, state_folder

    config = _configuration(arguments)
    account = _Account(as_json=arguments.json)
    selection = Selection(frozenset(arguments.reason), arguments.limit)
    replay = Replay(state_folder(config), selection, account, acknowledges=is_elasticsearch(config.ship.to))
    code = _carried_out(replay, config, account, dry_run=arguments.dry_run)
    if arguments.json or code < UsageError.exit_code or replay.counts.letters:
        account.ended(replay.counts, state_folder(config), dry_run=arguments.dry_run)
    return code


def _configuration(arguments: argparse.Namespace) -> Config:
    """Return the configuration, without what is for shipping alone: a replay ends, and hands nothing through."""
    config = options.configuration(arguments)
    if arguments.limit < 0:
        raise UsageError("must be 1 or more, or 0 for all", where="--limit")
    if config.ship.to == "-" and not hasattr(arguments, "to") and not arguments.dry_run:
        raise UsageError("where to?", where="--to", hint="--to https://HOST:9200, or --dry-run to look only")
    return msgspec.structs.replace(config, ship=msgspec.structs.replace(config.ship, follow=False, others="drop"))


def _carried_out(replay: Replay, config: Config, account: "_Account", *, dry_run: bool) -> int:
    from shipper.cli.stopping import stop_at_signal
    from shipper.pipeline.opening import open_sink

    try:
        if dry_run:
            replay.look()
            return 0
        stop = stop_at_signal(replay.interrupt, config.ship.drain_within_s)
        replay.run(lambda: open_sink(config, account.paused, sent_before=True), stop)
    except Exception as error:  # noqa: BLE001 (what none of ours is ends the same way: shipper.cli.endings)
        told = explained(error)
        show_error(told)
        return told.exit_code
    return 0 if replay.counts.complete else 1


class _Account:
    """Tells how a replay goes and how it ended: to people, or to machines."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._problems = 0

    def problem(self, problem: Problem) -> None:
        """Show a line that is no letter."""
        self._problems += 1
        if self._as_json:
            _write({"problem": problem})
        elif self._problems <= _SHOWN:
            say(f"shipper: {neutralise(f'{problem.position}: {problem.reason}')}")

    def paused(self, reason: str) -> None:
        """Show why delivery waits."""
        if self._as_json:
            _write({"waiting": reason})
        else:
            say(f"shipper: waiting: {neutralise(reason)}")

    def ended(self, counts: ReplayCounts, folder: Path, *, dry_run: bool) -> None:
        """Show the account."""
        if self._as_json:
            _write(counts)
            return
        if self._problems > _SHOWN:
            say(f"shipper: {self._problems - _SHOWN:,} more lines that are no dead letters; all of them with --json")
        if counts.by_error_type:
            _show_kinds(counts)
        say(f"shipper: {neutralise(_sentence(counts, folder, dry_run=dry_run))}")


def _show_kinds(counts: ReplayCounts) -> None:
    kinds = sorted(counts.by_error_type.items(), key=lambda item: -item[1].letters)
    rows = [(name, kind.letters, kind.final, kind.kept) for name, kind in kinds[:_SHOWN]]
    for line in columns([("reason", "letters", "final", "kept"), *rows]):
        say(line)
    for name, kind in kinds[:_SHOWN]:
        if kind.reason:
            say(neutralise(f"{name}: {_shortened(kind.reason)}"))
    if len(kinds) > _SHOWN:
        say(f"{len(kinds) - _SHOWN:,} more reasons; all of them with --json")


def _shortened(text: str) -> str:
    return text if len(text) <= _REASON_WIDTH else f"{text[:_REASON_WIDTH]}..."


def _sentence(counts: ReplayCounts, folder: Path, *, dry_run: bool) -> str:
    """Return the account in words; parts that are 0 are left out."""
    if not counts.letters and not counts.no_letters:
        return f"no dead letters in {folder}"
    parts = [
        (counts.indexed, "delivered"),
        (counts.duplicates, "already there"),
        (counts.redirected, "redirected to the failure store"),
        (counts.refused, "refused again"),
        (counts.without_document, "without a document"),
        (counts.not_sent, "would be sent" if dry_run else "not sent"),
        (counts.passed_over, "of other reasons"),
        (counts.no_letters, f"line{'s'[: counts.no_letters != 1]} no dead letter"),
    ]
    said = ", ".join(f"{number:,} {what}" for number, what in parts if number)
    return f"{said}; {counts.seconds:.1f} s" if not dry_run else said


def _write(value: object) -> None:
    # The standard library escapes all that is not ASCII, so that nothing in a reason reaches the terminal as it is.
    say(json.dumps(msgspec.to_builtins(value), separators=(",", ":")))
