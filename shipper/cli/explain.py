"""``shipper explain``: what an event id, a code, an HRESULT, a name or an error text means, and what to do."""

import argparse
import sys
from collections.abc import Callable

import msgspec

from shipper.catalog import LANGUAGES, load
from shipper.catalog.answer import lines
from shipper.catalog.explanation import Explanation, explain
from shipper.catalog.suggestions import suggest
from shipper.cli.terminal import neutralise
from shipper.errors import UsageError

SUMMARY = "say what an event id, diagnostic code, HRESULT or name means"
EXAMPLES = """\
  shipper explain 20102
  shipper explain 20102 0x411 0x800706BA ScepVerifyFailure
  shipper explain "Denied by Policy Module" --lang it
  shipper explain 1001 --json"""

#: Width in columns where no terminal says one; longer lines than the widest are hard to read.
_WIDTH = 80
_WIDEST = 100
_NARROWEST = 40
_STYLES = {
    "success": "bold green",
    "failure": "bold red",
    "unknown": "bold yellow",
    "title": "bold",
    "label": "bold",
    "facts": "dim",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the words and options of the command."""
    parser.add_argument(
        "words", nargs="+", metavar="WORD", help="event id, code, HRESULT, name, or error text in quotes"
    )
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the texts (default: en)")
    parser.add_argument("--json", action="store_true", help="print one JSON array, for machines")


def run(arguments: argparse.Namespace) -> int:
    """Print what is known of each word, then fail where some word is unknown.

    Raises:
        UsageError: the catalog does not know a word; what it does know has been printed.
    """
    catalog = load()
    answers = {word: explain(catalog, word, arguments.lang) for word in arguments.words}
    known = [_harmless(explanation) for found in answers.values() for explanation in found]
    _print_json(known) if arguments.json else _print_text(known)
    unknown = [word for word, found in answers.items() if not found]
    if unknown:
        hints = {word: suggest(catalog, word) for word in unknown}
        hint = "; ".join(f"{word}: {hint}" for word, hint in hints.items()) if len(hints) > 1 else hints[unknown[0]]
        raise UsageError(f"unknown: {', '.join(unknown)}", hint=hint)
    return 0


def _harmless(explanation: Explanation) -> Explanation:
    """Return the explanation with the user's own word made harmless: the rest is the catalog's."""
    return msgspec.structs.replace(explanation, word=neutralise(explanation.word))


def _print_json(explanations: list[Explanation]) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(explanations)) + b"\n")
    sys.stdout.buffer.flush()


def _print_text(explanations: list[Explanation]) -> None:
    import textwrap

    show, width = _rich_printer() if sys.stdout.isatty() else _plain_printer()
    for number, explanation in enumerate(explanations):
        if number:
            show("", "text")
        for line in lines(explanation):
            wrapped = textwrap.wrap(
                line.text,
                width,
                initial_indent=" " * line.indent,
                subsequent_indent=" " * (line.indent + line.hanging),
                break_long_words=False,  # an address is to be copied whole
                break_on_hyphens=False,
            )
            show("\n".join(wrapped), line.role)


_Show = Callable[[str, str], None]


def _plain_printer() -> tuple[_Show, int]:
    if hasattr(sys.stdout, "reconfigure"):  # an output that knows no accents gets an escape instead of a crash
        sys.stdout.reconfigure(errors="backslashreplace")
    return (lambda text, _role: print(text)), _WIDTH


def _rich_printer() -> tuple[_Show, int]:
    import shutil

    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    width = min(max(shutil.get_terminal_size((_WIDTH, 0)).columns, _NARROWEST), _WIDEST)
    return (lambda text, role: console.print(Text(text, _STYLES.get(role, "")), soft_wrap=True)), width
