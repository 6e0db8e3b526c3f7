"""The tables of ``docs/reference/catalog.md``, made from the data so that the page cannot drift from it.

Refresh the page with ``python -m shipper.catalog.page docs/reference/catalog.md``.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from shipper.catalog.entries import EventEntry, Schema
from shipper.catalog.lookup import Catalog, load
from shipper.catalog.numbers import format_code

_BLOCK = re.compile(r"(<!-- table: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def refreshed(page: str, catalog: Catalog) -> str:
    """Return the page with every table between ``<!-- table: NAME -->`` and ``<!-- end -->`` made anew.

    Raises:
        KeyError: the page names a table that does not exist.
    """
    return _BLOCK.sub(lambda block: f"{block[1]}\n{TABLES[block['name']](catalog)}\n\n{block[3]}", page)


def _events(schema: Schema) -> Callable[[Catalog], str]:
    def table(catalog: Catalog) -> str:
        head = ("id", "name", "meaning", "outcome, level", "counts as", "operation, stage", "category / type", "twins")
        return _table(head, (_event_row(event) for event in catalog.events(schema).values()))

    return table


def _event_row(event: EventEntry) -> tuple[str, ...]:
    last = "" if event.final else ", not final"
    return (
        f"{event.id}",
        f"`{event.name}`",
        event.text["en"].description,
        f"{event.outcome}, {event.level}{last}",
        event.counts_as,
        f"{event.operation}, {event.stage}",
        f"{' '.join(event.category)} / {' '.join(event.type)}",
        " ".join(map(str, event.twins)),
    )


def _code_lists(catalog: Catalog) -> str:
    rows = (
        (f"{event.id}", f"`{event.name}`", " ".join(f"`{format_code(code)}`" for code in sorted(event.codes)))
        for event in catalog.events("legacy").values()
    )
    return _table(("id", "name", "codes"), rows)


def _codes(catalog: Catalog) -> str:
    rows = ((f"`{code.code}`", f"`{code.name}`", code.text["en"].description) for code in catalog.codes.values())
    return _table(("code", "name", "meaning"), rows)


def _errors(catalog: Catalog) -> str:
    rows = (
        (
            "" if error.hresult is None else f"`{format_code(error.hresult)}`",
            error.name,
            error.text["en"].description,
            f"[{error.confidence}]({error.reference})",
        )
        for error in catalog.errors
        if not error.scep
    )
    return _table(("HRESULT", "name", "meaning", "source"), rows)


def _scep_reasons(catalog: Catalog) -> str:
    rows = ((f"`{error.name}`", error.text["en"].description) for error in catalog.errors if error.scep)
    return _table(("name", "meaning"), rows)


def _neighbours(catalog: Catalog) -> str:
    rows = (
        (
            source.channel,
            source.provider or "any",
            " ".join(map(str, source.ids)) or "all",
            source.text["en"].description,
        )
        for source in catalog.neighbours
    )
    return _table(("channel", "provider", "ids", "why"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    ruler = ("---",) * len(head)
    return "\n".join(_line(row) for row in (head, ruler, *rows))


def _line(cells: tuple[str, ...]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


#: Every table by the name under which the page asks for it.
TABLES: dict[str, Callable[[Catalog], str]] = {
    "legacy-events": _events("legacy"),
    "unified-events": _events("unified"),
    "code-lists": _code_lists,
    "codes": _codes,
    "errors": _errors,
    "scep-reasons": _scep_reasons,
    "neighbours": _neighbours,
}


def main(arguments: list[str]) -> int:
    """Refresh the page named by the first argument in place."""
    page = Path(arguments[0])
    page.write_text(refreshed(page.read_text(encoding="utf-8"), load()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
