"""The command line. A command's module is imported only when it is named, so that ``shipper --version`` starts fast.

A command module offers ``SUMMARY`` (one line), ``EXAMPLES`` (shown under ``--help``), ``add_arguments(parser)`` and
``run(arguments) -> int`` (the exit code). It raises ``ShipperError``; only this module turns one into an exit.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from shipper import __version__

if TYPE_CHECKING:
    from shipper.errors import ShipperError

#: Every command, in the order of ``--help``; each is the module of the same name in this package.
COMMANDS = {
    "ship": "read events, explain them, deliver them",
    "setup": "install index templates into Elasticsearch",
    "explain": "say what an event id, diagnostic code, HRESULT or name means",
    "demo": "write a plausible week of connector logs, ship it, show what failed and why",
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
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if words else 2
    if words[0] in ("--version", "version"):
        print(f"shipper {__version__}")
        return 0
    return _run(words[0], words[1:])


def _help() -> str:
    width = max(map(len, COMMANDS))
    rows = [f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items()]
    return "\n".join((_HELP, "commands:", *rows, "", "shipper COMMAND --help shows its options and examples."))


def _run(name: str, words: list[str]) -> int:
    from shipper.cli import terminal
    from shipper.errors import ShipperError, SinkError

    try:
        return _carry_out(name, words)
    except ShipperError as error:
        terminal.show_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # What Python still holds back would raise once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        terminal.show_error(SinkError("its reader has gone", where="standard output"))
        return SinkError.exit_code
    except Exception as error:  # the last resort: a fault of ours, said without a traceback
        if os.environ.get("SHIPPER_TRACEBACK"):
            raise
        terminal.show_error(_fault(error))
        return ShipperError.exit_code


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


def _fault(error: Exception) -> "ShipperError":
    from shipper.errors import ShipperError

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else None
    return ShipperError(
        f"a fault in the shipper itself: {type(error).__name__}: {error}",
        where=where,
        hint="SHIPPER_TRACEBACK=1 shows where it comes from; please report it",
    )
