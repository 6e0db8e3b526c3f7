"""The command line. A command's module is imported only when it is named, so that ``shipper --version`` starts fast.

A command module offers ``SUMMARY`` (one line), ``EXAMPLES`` (shown under ``--help``), ``add_arguments(parser)`` and
``run(arguments) -> int`` (the exit code). It raises ``ShipperError``; only this module turns one into an exit.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from shipper import __version__

#: Every command, in the order of ``--help``; each is the module of the same name in this package.
COMMANDS = {
    "ship": "read events, explain them, deliver them",
    "setup": "install index templates into Elasticsearch, dashboards and rules into Kibana",
    "check": "examine everything a run depends on, and say what to do",
    "state": "show how far each log has been delivered, and how many dead letters there are",
    "replay": "send dead letters again, after what refused them has been mended",
    "explain": "say what an event id, diagnostic code, HRESULT or name means",
    "evaluate": "look at documents with the detection rules: those in files, or in the data streams",
    "audit": "compare what the logs hold with what Elasticsearch holds: the proof of delivery",
    "report": "write one page of HTML that says how the connectors are: for everyone without Kibana",
    "demo": "write a plausible week of connector logs, ship it, show what failed, the alerts and the report",
}

_HELP = """\
usage: shipper [-h] [--version] COMMAND ...

Ship Microsoft Intune Certificate Connector events as explained ECS documents.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the words after the program's name; those of the process by default.

    Returns:
        0 done, 1 done with dead letters or unreadable records, 2 bad usage or configuration, 3 source or sink
        unreachable for good, 130 interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _occupy_closed_streams()
    if words and words[0] not in ("-h", "--help", "help", "--version", "version"):
        return _run(words[0], words[1:])
    return _printed(f"shipper {__version__}" if words and "version" in words[0] else _help(), 0 if words else 2)


def _occupy_closed_streams() -> None:
    """Stand in for streams that ``>&-`` has closed: else the next file opened would get the number of one of them."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")  # refuses to be written, as a closed one does
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _printed(text: str, code: int) -> int:
    try:
        print(text, flush=True)
    except OSError as error:
        return _failed(error)
    return code


def _help() -> str:
    width = max(map(len, COMMANDS))
    rows = [f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items()]
    return "\n".join((_HELP, "commands:", *rows, "", "shipper COMMAND --help shows its options and examples."))


def _run(name: str, words: list[str]) -> int:
    try:
        code = _carry_out(name, words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 (the last resort: a fault of ours is said without a traceback)
        return _failed(error)
    return code


def _failed(error: Exception) -> int:
    from shipper.cli.endings import explained
    from shipper.cli.terminal import show_error

    told = explained(error)
    show_error(told)
    return told.exit_code


def _carry_out(name: str, words: list[str]) -> int:
    from shipper.cli.parser import Parser
    from shipper.cli.terminal import did_you_mean
    from shipper.errors import UsageError

    if name not in COMMANDS:
        raise UsageError(f"no such command: {name}", hint=did_you_mean(name, COMMANDS))
    module = import_module(f"shipper.cli.{name}")
    parser = Parser(name, module.SUMMARY, module.EXAMPLES)
    module.add_arguments(parser)
    code: int = module.run(parser.parse_args(words))
    return code
