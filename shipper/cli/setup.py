"""``shipper setup``: install the index templates, dashboards and rules, say what changed."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from shipper.cli import options
from shipper.cli.terminal import neutralise, say
from shipper.errors import ShipperError, UsageError

if TYPE_CHECKING:
    from shipper.config import Config
    from shipper.kibana.install import Kibana, Package
    from shipper.setup import Change
    from shipper.setup import Finding as Installed

SUMMARY = "install the index templates of every data stream, and dashboards and detection rules into Kibana"

EXAMPLES = """\
  shipper setup --to http://localhost:9200
  SHIPPER_API_KEY=... shipper setup --to https://es.example:9200 --ca-file ca.pem --lifecycle
  shipper setup --to https://es.example:9200 --kibana https://kibana.example:5601 --space soc
  shipper setup --kibana https://kibana.example:5601 --enable-rules
  shipper setup --export files

Of templates, what somebody changed by hand is shown as a diff and overwritten only after a yes, or with --yes. Of
dashboards and rules it is kept, unless --overwrite; whether a rule is enabled, its exceptions and its actions are
kept in any case. Run again, it changes nothing. docs/how-to/import-by-hand.md shows the same without the shipper.
"""

_MARKS = {"unchanged": "=", "created": "+", "kept": "!", "removed": "-", "failed": "x"}
#: What ``[ship] to`` is where nobody says anything.
_NOWHERE = "-"


class Finding(Protocol):
    """What became of one object, of Elasticsearch or of Kibana."""

    @property
    def kind(self) -> str: ...  # noqa: D102 (shipper/setup/finding.py describes each)
    @property
    def name(self) -> str: ...  # noqa: D102 (as above)
    @property
    def result(self) -> str: ...  # noqa: D102 (as above)
    @property
    def detail(self) -> str: ...  # noqa: D102 (as above)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    options.add(parser, "--to", metavar="URL", help="the Elasticsearch")
    help_ = "whose data streams are checked at the end (default: default)"
    options.add(parser, "--namespace", metavar="NAME", help=help_)
    options.add_config(parser)
    parser.add_argument("--lifecycle", action="store_true", help="install the optional retention, too")
    parser.add_argument("--yes", action="store_true", help="overwrite templates changed by hand without asking")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a list")
    parser.add_argument("--export", metavar="DIR", type=Path, help="write all files that can be installed; no server")
    options.add_elasticsearch(parser)
    _add_kibana(parser)


def _add_kibana(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("Kibana", "credentials are those of Elasticsearch")
    options.add(group, "--kibana", dest="kibana_url", metavar="URL", help="where dashboards and rules go")
    options.add(group, "--space", dest="kibana_space", metavar="ID", help="the space (default: the default one)")
    options.add(group, "--kibana-ca-file", metavar="FILE", help="its certificate authority, where it has another")
    options.add(group, "--kibana-ca-fingerprint", metavar="HEX", help="the same by its SHA-256 fingerprint")
    group.add_argument("--enable-rules", action="store_true", help="rules that are new start to run")
    group.add_argument("--no-rules", action="store_true", help="leave the detection rules out")
    group.add_argument(
        "--overwrite",
        action="store_true",
        help="overwrite dashboards and rules that users changed, or files that --export finds changed",
    )
    group.add_argument("--from", dest="from_", metavar="DIR", type=Path, help="files of --export instead of ours")


def run(arguments: argparse.Namespace) -> int:
    """Install, print what became of each object; return 0, or 1 where Kibana refused one."""
    _refuse_contradictions(arguments)
    if arguments.export is not None:
        return _export(arguments.export, overwrite=arguments.overwrite)
    settings = options.configuration(arguments)
    kibana, package = _kibana(arguments, settings)
    account = _Account(as_json=arguments.json)
    try:
        if kibana is None or settings.ship.to != _NOWHERE:
            _install_templates(arguments, settings, account)
        if kibana is not None:
            _install_assets(arguments, kibana, package, account)
    except ShipperError:
        account.close(broken=True)  # what was done is done, and is said
        raise
    account.close()
    return 1 if account.failed else 0


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    if arguments.enable_rules and arguments.no_rules:
        raise UsageError("--enable-rules and --no-rules say the opposite", hint="leave one of them out")
    if arguments.export is not None and getattr(arguments, "kibana_url", None):
        raise UsageError(
            "--export only writes files, and --kibana names a server", hint="run the command twice, once with each"
        )


def _kibana(arguments: argparse.Namespace, settings: "Config") -> "tuple[Kibana | None, Package]":
    """Return where and what to install; nothing has been sent yet, so that a slip changes nothing."""
    import msgspec

    from shipper.kibana import install

    section, credentials = settings.kibana, settings.elasticsearch
    if not section.kibana_url:
        if arguments.enable_rules or arguments.overwrite or arguments.from_ or section.kibana_space:
            raise UsageError("a flag of Kibana, and no Kibana", hint="name it with --kibana https://HOST:5601")
        return None, install.Package()
    if section.kibana_ca_file or section.kibana_ca_fingerprint:
        credentials = msgspec.structs.replace(
            credentials, ca_file=section.kibana_ca_file, ca_fingerprint=section.kibana_ca_fingerprint
        )
    package = install.read_folder(arguments.from_) if arguments.from_ else install.packed()
    return install.connect(section.kibana_url, credentials, _say, space=section.kibana_space), package


def _install_templates(arguments: argparse.Namespace, settings: "Config", account: "_Account") -> None:
    from shipper import assets, setup
    from shipper.sinks.elasticsearch.connection import Connection

    connection = Connection.to(settings.ship.to, settings.elasticsearch)
    findings: Sequence[Installed] = setup.install(
        connection,
        assets.mappings(lifecycle=arguments.lifecycle),
        namespace=settings.ship.namespace,
        agree=lambda changes: arguments.yes or _asked(changes),
    )
    account.tell(connection.target, findings)


def _install_assets(arguments: argparse.Namespace, kibana: "Kibana", package: "Package", account: "_Account") -> None:
    from shipper.kibana import install

    findings = install.install(
        kibana,
        package,
        overwrite=arguments.overwrite,
        enable_rules=arguments.enable_rules,
        rules=not arguments.no_rules,
    )
    account.tell(kibana.target, findings)
    if account.disabled_rules and not arguments.enable_rules:
        account.note(
            f"{account.disabled_rules} new rules are disabled; in Kibana they are found by the tag {install.RULES_TAG}"
        )


def _say(text: str) -> None:
    say(neutralise(text))


def _export(folder: Path, *, overwrite: bool) -> int:
    from shipper.kibana import install

    for file in install.write_files(folder, overwrite=overwrite):
        print(neutralise(str(folder / file)))
    return 0


def _asked(changes: "Sequence[Change]") -> bool:
    """Show each diff; ask when somebody is there to answer."""
    for change in changes:
        print("\n".join(map(neutralise, change.diff.splitlines())), file=sys.stderr)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"Overwrite {len(changes)} changed by hand? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class _Account:
    """Prints each finding as it comes, and how many there were of each kind; or one JSON object at the end."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._all: list[Finding] = []

    @property
    def failed(self) -> bool:
        """Say whether anything was refused."""
        return any(finding.result == "failed" for finding in self._all)

    @property
    def disabled_rules(self) -> int:
        """How many rules are new."""
        return sum(finding.kind == "rule" and finding.result == "created" for finding in self._all)

    def tell(self, target: str, findings: Iterable[Finding]) -> None:
        """Take the findings of one server; they may break off with an error."""
        counts: Counter[str] = Counter()
        try:
            for finding in findings:
                self._all.append(finding)
                counts[finding.result] += 1
                self._show(finding)
        finally:
            if counts and not self._as_json:
                print(f"{target}: " + ", ".join(f"{count} {result}" for result, count in counts.items()), flush=True)

    def note(self, text: str) -> None:
        """Say something to whoever reads along."""
        if not self._as_json:
            print(text)

    def close(self, *, broken: bool = False) -> None:
        """Print the JSON object, where that was asked for; of what broke off only where something had been done."""
        import msgspec

        if self._as_json and (self._all or not broken):
            print(msgspec.json.encode({"objects": self._all}).decode(), flush=True)

    def _show(self, finding: Finding) -> None:
        if self._as_json:
            return
        detail = f"  ({finding.detail})" if finding.detail else ""
        kind = finding.kind.replace("_", " ")
        mark = _MARKS.get(finding.result, "~")
        print(neutralise(f"{mark} {finding.result:<11} {kind:<18} {finding.name}{detail}"), flush=True)
