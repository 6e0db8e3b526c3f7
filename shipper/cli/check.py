"""``shipper check``: everything a run depends on, looked at before it is needed."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shipper.cli.options import add_alerts
from shipper.cli.terminal import neutralise

if TYPE_CHECKING:
    from shipper.check import Finding

SUMMARY = "examine configuration, inputs, Elasticsearch, privileges, templates and state, and say what to do"

EXAMPLES = """\
  shipper check --config /etc/shipper.toml
  SHIPPER_API_KEY=... shipper check /logs --to https://es.example:9200 --ca-file ca.pem
  shipper check --config /etc/shipper.toml --json

Nothing is written anywhere. Exit code 0: nothing that would keep the shipper from its work; 1: something would.
docs/how-to/check.md says what is looked at.
"""

_OK, _FAILED = 0, 1
_MARKS = {"ok": "ok", "note": "note", "warning": "WARNING", "failure": "FAILURE"}
_STYLES = {"ok": "green", "note": "cyan", "warning": "yellow", "failure": "bold red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    parser.add_argument(
        "inputs", metavar="INPUT", nargs="*", help="a file, a folder, a glob, or -", default=argparse.SUPPRESS
    )
    options = (
        ("--to", "SINK", "an Elasticsearch URL, ndjson:PATH (.gz, .zst), or - (default)"),
        ("--channels", "LIST", "as for shipping: connector (default), neighbours, all, or names"),
        ("--state", "DIR", "folder for checkpoints and dead letters"),
        ("--namespace", "NAME", "last part of the data stream's name (default: default)"),
        ("--api-key-file", "FILE", "file that holds the encoded API key"),
        ("--username", "NAME", "for basic authentication; the password: SHIPPER_PASSWORD"),
        ("--password-file", "FILE", "file that holds the password"),
        ("--ca-file", "FILE", "PEM file of the certificate authority"),
        ("--ca-fingerprint", "HEX", "SHA-256 fingerprint of the certificate authority"),
    )
    for flag, metavar, text in options:
        parser.add_argument(flag, metavar=metavar, help=text, default=argparse.SUPPRESS)
    add_alerts(parser)
    parser.add_argument("--config", metavar="FILE", type=Path, help="TOML file; every key is also SHIPPER_KEY")
    parser.add_argument("--json", action="store_true", help="print a JSON list instead of a table")


def run(arguments: argparse.Namespace) -> int:
    """Examine, print each finding, return 0 where none is a failure."""
    from shipper import check, config

    flags = {key: value for key, value in vars(arguments).items() if key in config.SECTION_OF}
    if not flags.get("inputs"):
        flags.pop("inputs", None)
    file = arguments.config or os.environ.get("SHIPPER_CONFIG")
    findings = list(check.examine(Path(file) if file else None, os.environ, flags))
    _show_json(findings) if arguments.json else _show(findings)
    return _FAILED if any(finding.status == "failure" for finding in findings) else _OK


def _show(findings: "Sequence[Finding]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading, shares in (("", 1), ("what", 4), ("where", 3), ("remedy", 4)):
        table.add_column(heading, overflow="fold", ratio=shares if heading else None, no_wrap=not heading)
    for finding in findings:
        cells = (finding.what, finding.where, finding.remedy)
        table.add_row(
            Text(_MARKS[finding.status], _STYLES[finding.status]), *(Text(neutralise(cell)) for cell in cells)
        )
    Console().print(table)
    print(_sentence(findings))


def _sentence(findings: "Sequence[Finding]") -> str:
    counts = {status: sum(finding.status == status for finding in findings) for status in _MARKS}
    said = [f"{count} {status}{'s' if count != 1 else ''}" for status, count in counts.items() if status != "ok"]
    return f"{len(findings)} looked at: {', '.join(reversed(said))}"


def _show_json(findings: "Sequence[Finding]") -> None:
    import json

    import msgspec

    # The standard library escapes all that is not ASCII, lone surrogates of file names among it.
    print(json.dumps(msgspec.to_builtins(findings), indent=2))
