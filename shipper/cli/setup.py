"""``shipper setup``: install the index templates, say what changed."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shipper.cli.terminal import neutralise

if TYPE_CHECKING:
    from shipper.setup import Change, Finding

SUMMARY = "install the index templates of every data stream, and bring existing data streams up to date"

EXAMPLES = """\
  shipper setup --to http://localhost:9200
  SHIPPER_API_KEY=... shipper setup --to https://es.example:9200 --ca-file ca.pem --lifecycle
  shipper setup --to https://es.example:9200 --yes --json

What somebody changed by hand is shown as a diff and overwritten only after a yes, or with --yes.
Run again, it changes nothing. docs/reference/mappings.md shows the same with curl.
"""

_MARKS = {"unchanged": "=", "created": "+", "kept": "!"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    options = (
        ("--to", "URL", "the Elasticsearch"),
        ("--namespace", "NAME", "whose data streams are checked at the end (default: default)"),
        ("--api-key-file", "FILE", "file that holds the encoded API key"),
        ("--username", "NAME", "for basic authentication; the password: SHIPPER_PASSWORD"),
        ("--password-file", "FILE", "file that holds the password"),
        ("--ca-file", "FILE", "PEM file of the certificate authority"),
        ("--ca-fingerprint", "HEX", "SHA-256 fingerprint of the certificate authority"),
    )
    for flag, metavar, text in options:
        parser.add_argument(flag, metavar=metavar, help=text, default=argparse.SUPPRESS)
    parser.add_argument("--config", metavar="FILE", type=Path, help="TOML file; every key is also SHIPPER_KEY")
    parser.add_argument("--lifecycle", action="store_true", help="install the optional retention, too")
    parser.add_argument("--yes", action="store_true", help="overwrite what was changed by hand without asking")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a list")


def run(arguments: argparse.Namespace) -> int:
    """Install, print what became of each object, return 0."""
    from shipper import assets, config, setup
    from shipper.sinks.elasticsearch.connection import Connection

    flags = {key: value for key, value in vars(arguments).items() if key in config.SECTION_OF}
    file = arguments.config or os.environ.get("SHIPPER_CONFIG")
    settings = config.load(Path(file) if file else None, os.environ, flags)
    connection = Connection.to(settings.ship.to, settings.elasticsearch)
    findings = setup.install(
        connection,
        assets.mappings(lifecycle=arguments.lifecycle),
        namespace=settings.ship.namespace,
        agree=lambda changes: arguments.yes or _asked(changes),
    )
    _show_json(findings) if arguments.json else _show(findings, connection.target)
    return 0


def _asked(changes: "Sequence[Change]") -> bool:
    """Show each diff; ask when somebody is there to answer."""
    for change in changes:
        print("\n".join(map(neutralise, change.diff.splitlines())), file=sys.stderr)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"Overwrite {len(changes)} changed by hand? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _show(findings: "Sequence[Finding]", target: str) -> None:
    for finding in findings:
        detail = f"  ({finding.detail})" if finding.detail else ""
        kind = finding.kind.replace("_", " ")
        print(neutralise(f"{_MARKS.get(finding.result, '~')} {finding.result:<11} {kind:<18} {finding.name}{detail}"))
    counts = Counter(finding.result for finding in findings)
    print(f"{target}: " + ", ".join(f"{count} {result}" for result, count in counts.items()))


def _show_json(findings: "Sequence[Finding]") -> None:
    import msgspec

    print(msgspec.json.encode({"objects": list(findings)}).decode())
