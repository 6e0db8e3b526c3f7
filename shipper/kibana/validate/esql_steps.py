"""The steps of an ES|QL query: words that 8.12 has and we use, columns that are there when they are named.

Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.12/esql-functions.html
"""

import re
from collections.abc import Iterator, Mapping

from shipper.kibana.validate.fields import Field

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
#: Functions of 8.12 that our queries use; another is added here once its page of 8.12 has been read.
_FUNCTIONS = frozenset(
    {
        *("count", "count_distinct", "max", "median", "min", "percentile", "sum"),
        *("case", "coalesce", "mv_concat", "now", "round", "to_long"),
    }
)
_KEYWORDS = frozenset({"and", "false", "in", "is", "like", "not", "null", "or", "rlike", "true"})
#: Words of the grammar that can be no name of a column.
_RESERVED = _KEYWORDS | {"as", "asc", "by", "desc", "first", "last", "nulls"}
_NAME = re.compile(r"(?<![\w.])@?[A-Za-z_][\w.]*(?P<call>\s*\()?")
#: Signs that no query of ours needs, ``:`` and ``::`` among them, which came after 8.12.
_SIGN = re.compile(r'[^\w\s.@=!<>+\-*/%(),"]')
_GIVEN = re.compile(r", (?=[\w.]+ = )")
_ONE_GIVEN = re.compile(r"(?P<name>[\w.]+) = (?P<text>.+)", re.DOTALL)
_RENAMED = re.compile(r"(?P<old>[\w.@]+) as (?P<new>\w+)")
#: All that 8.12 takes in ``stats``: one function of one field; what is calculated is calculated before, in ``eval``.
_AGGREGATE = re.compile(r"(?:count|count_distinct|max|median|min|percentile|sum)\((?:\*|[\w.@]+)(?:, \d+)?\)")
_ORDER = re.compile(r"(?P<name>[\w.@]+)(?: asc| desc)?(?: nulls (?:first|last))?")


def step_faults(text: str, fields: Mapping[str, Field]) -> Iterator[str]:
    """Yield what is wrong with a query.

    Args:
        text: what follows ``from index |``; steps are parted by `` | ``.
        fields: of the index.
    """
    plain = _TEXT.sub('""', text)
    sign = _SIGN.search(plain.replace(" | ", " "))
    if sign is not None:
        yield f"8.12 does not know {sign[0]} here"
    steps = _Steps(fields)
    for step in plain.split(" | "):
        yield from steps.take(step.strip())


class _Steps:
    """The columns there are after each step."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._columns: Mapping[str, Field | None] = fields

    def take(self, step: str) -> Iterator[str]:
        command, _, said = step.partition(" ")
        match command:
            case "where":
                yield from self._calculation(said)
            case "eval":
                yield from self._eval(said)
            case "stats":
                yield from self._stats(said)
            case "rename":
                yield from self._rename(said)
            case "sort":
                yield from self._sort(said)
            case "keep":
                yield from self._keep(_listed(said))
            case "limit" if said.isdecimal():
                pass
            case _:
                yield f"no query of ours has the step {step}"

    def _calculation(self, text: str) -> Iterator[str]:
        for found in _NAME.finditer(text):
            name = found[0].removesuffix("(").strip()
            if name in _KEYWORDS:
                continue
            if found["call"] is None:
                yield from self._column(name)
            elif name not in _FUNCTIONS:
                yield f"8.12 may not know the function {name}"

    def _column(self, name: str) -> Iterator[str]:
        if name not in self._columns:
            yield f"{name} is in no mapping, and no step before made it"
        elif (field := self._columns[name]) is not None and field.type == "flattened":
            yield f"{name} is flattened, which ES|QL does not read"

    def _new(self, name: str) -> Iterator[str]:
        if name in _RESERVED:
            yield f"{name} is a word of ES|QL and can be no column"

    def _eval(self, said: str) -> Iterator[str]:
        for one in _GIVEN.split(said):
            given = _ONE_GIVEN.fullmatch(one)
            if given is None:
                yield f"eval gives no name to {one}"
                continue
            yield from self._new(given["name"])
            yield from self._calculation(given["text"])
            self._columns = {**self._columns, given["name"]: None}

    def _stats(self, said: str) -> Iterator[str]:
        calculated, _, by = said.partition(" by ")
        groups, names = _listed(by) if by else [], []
        for one in _GIVEN.split(calculated):
            given = _ONE_GIVEN.fullmatch(one)
            if given is None or not _AGGREGATE.fullmatch(given["text"]):
                yield f"8.12 may not calculate within stats: {one}"
                continue
            names.append(given["name"])
            yield from self._new(given["name"])
            yield from self._calculation(given["text"])
        for group in groups:
            yield from self._column(group)
        self._columns = {**{name: self._columns.get(name) for name in groups}, **dict.fromkeys(names)}

    def _rename(self, said: str) -> Iterator[str]:
        for one in _listed(said):
            found = _RENAMED.fullmatch(one)
            if found is None:
                yield f"rename does not say what as what: {one}"
                continue
            yield from self._new(found["new"])
            yield from self._column(found["old"])
            kept = {name: field for name, field in self._columns.items() if name != found["old"]}
            self._columns = {**kept, found["new"]: self._columns.get(found["old"])}

    def _sort(self, said: str) -> Iterator[str]:
        for one in _listed(said):
            found = _ORDER.fullmatch(one)
            yield from self._column(found["name"]) if found is not None else [f"sorts by no column: {one}"]

    def _keep(self, names: list[str]) -> Iterator[str]:
        for name in names:
            yield from self._column(name)
        self._columns = {name: self._columns.get(name) for name in names}


def _listed(said: str) -> list[str]:
    return [one.strip() for one in said.split(",")]
