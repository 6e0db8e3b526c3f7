"""Write the reference of the command line from the parsers: ``python -m shipper.cli.reference PAGE``."""

import sys
from importlib import import_module
from pathlib import Path

from shipper.cli import COMMANDS
from shipper.cli.parser import Parser

_HEAD = """\
# Command line

Written from the program's own help by `make assets`; do not edit.

Exit codes: 0 done (also after a first SIGTERM, when everything read has been delivered), 1 done with dead letters or
unreadable records, 2 bad usage or configuration, 3 source or sink unreachable for good.

The last line that `shipper ship --json` writes to standard error is the account of the run, one JSON object:
`read = shipped + duplicates + redirected + dead + filtered`; `skipped` are records in chunks passed over, from the
chunk headers; `unreadable` are records that were there and could not be decoded, `uncounted` damaged
places in which records may be lost and nobody can say how many; `missed` are records that were gone before they could
be read; `retried` are sendings beyond the first; `unknown_events` and `unknown_codes` are documents of an event id, or
with a code, that the catalog does not know: they are shipped all the same; `alerts` were raised by rules,
`alerts_waiting` of them, and of those of earlier runs, have not been taken by every outlet, `alerts_refused` are kept
in a file because an outlet will never take them.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(_section(command) for command in COMMANDS)])


def _section(command: str) -> str:
    module = import_module(f"shipper.cli.{command}")
    parser = Parser(command, module.SUMMARY, module.EXAMPLES)
    module.add_arguments(parser)
    return f"## shipper {command}\n\n```text\n{parser.format_help().strip()}\n```\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
