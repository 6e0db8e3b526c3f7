"""Documents as rules see them: decoded only as far as the rules at hand need."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec

from shipper.rules.fields import MappedField, mapped_field
from shipper.rules.instants import to_ms
from shipper.rules.model import Condition, Count, Rule, Scalar, Seen, Unanswered
from shipper.rules.values import SURELY_SHORT, held

#: What an alert shows where all its documents agree.
SHOWN = (
    "host.name",
    "device.id",
    "user.id",
    "error.code",
    "intune_connector.ca.name",
    "intune_connector.certificate.template_name",
    "intune_connector.operation",
    "intune_connector.diagnostic.code",
    "intune_connector.error.hresult",
    "event.code",
)
_DATASET, _ID, _TAGS, _TIME = "event.dataset", "event.id", "tags", "@timestamp"
_BACKFILL = "backfill"
#: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/mapping-id-field.html
_MOST_ID_BYTES = 512
_SHORT_ID = 128
_UNKNOWN = MappedField("keyword")

#: Kinds of fields whose strings may be taken as they are, where they are short.
_TEXTS = frozenset({"keyword", "date", "text"})
#: Names by the parts of their dotted spelling; ``None`` is a leaf.
_Tree: TypeAlias = dict[str, "_Tree | None"]


class ViewCounts(msgspec.Struct):
    """How many documents no rule has looked at, and why.

    Attributes:
        unreadable: they are no JSON object of our shape; no index would take them either.
        untimed: they have no ``@timestamp``, or no id.
        backfill: they were old when they were shipped.
    """

    unreadable: int = 0
    untimed: int = 0
    backfill: int = 0


class Viewer:
    """Reads documents for one set of rules.

    Attributes:
        counts: what could not be seen.
    """

    def __init__(self, rules: Iterable[Rule], include_backfill: bool = False) -> None:
        rules = tuple(rules)
        names = {*SHOWN, _DATASET, _ID, _TAGS, _TIME, *(name for rule in rules for name in fields_of(rule))}
        self.counts = ViewCounts()
        self._include_backfill = include_backfill
        self._mapped = {name: mapped_field("events", name) or mapped_field("metrics", name) for name in names}
        self._texts = [name for name in sorted(names) if self._is_text(name)]
        self._others = [name for name in sorted(names) if not self._is_text(name)]
        shape, paths = _shape(_tree(names), "")
        self._paths = tuple(paths[name] for name in (*self._texts, *self._others))
        self._leaves = attrgetter(*self._paths)
        self._decode = msgspec.json.Decoder(shape).decode

    def view(self, body: bytes, document_id: str = "") -> Seen | None:
        """Return the document, or ``None`` where no rule may look at it; never fails, whatever the bytes are.

        Args:
            body: one JSON object.
            document_id: its ``_id``; by default what ``event.id`` says.
        """
        try:
            fields = self._fields(self._values(self._decode(body)))
        except (ValueError, RecursionError):
            self.counts.unreadable += 1
            return None
        return self._seen(document_id or _id(fields), fields)

    def _fields(self, values: Sequence[Any]) -> dict[str, tuple[Scalar, ...]]:
        """Return the fields that are there: short texts, which nearly all are, as they stand."""
        fields: dict[str, tuple[Scalar, ...]] = {}
        for name, value in zip(self._texts, values, strict=False):
            if value is None:
                continue
            if isinstance(value, str) and len(value) <= SURELY_SHORT:
                fields[name] = (value,)
            elif kept := held(value, self._mapped[name] or _UNKNOWN):
                fields[name] = kept
        for name, value in zip(self._others, values[len(self._texts) :], strict=True):
            if value is not None and (kept := held(value, self._mapped[name] or _UNKNOWN)):
                fields[name] = kept
        return fields

    def _is_text(self, name: str) -> bool:
        return (self._mapped[name] or _UNKNOWN).kind in _TEXTS

    def _values(self, decoded: msgspec.Struct) -> tuple[Any, ...]:
        try:
            leaves: tuple[Any, ...] = self._leaves(decoded)
        except AttributeError:  # an object that is null
            return tuple(_leaf(decoded, path) for path in self._paths)
        return leaves

    def _seen(self, document_id: str, fields: dict[str, tuple[Scalar, ...]]) -> Seen | None:
        if _BACKFILL in fields.get(_TAGS, ()) and not self._include_backfill:
            self.counts.backfill += 1
            return None
        try:
            time_ms = to_ms(str(fields[_TIME][0]))
        except (KeyError, ValueError, OverflowError):
            time_ms = None
        if time_ms is None or not document_id:
            self.counts.untimed += 1
            return None
        return Seen(document_id, time_ms, fields)


def fields_of(rule: Rule) -> Iterator[str]:
    """Yield every field that a rule names: those of its conditions, then those it groups and counts by."""
    yield from _named(rule.where)
    if isinstance(rule.looks_for, Unanswered):
        yield from _named(rule.looks_for.answer)
    yield from rule.by
    if isinstance(rule.looks_for, Count) and rule.looks_for.distinct:
        yield rule.looks_for.distinct


def _named(condition: Condition) -> Iterator[str]:
    yield from condition.equals
    yield from condition.equals_none
    yield from condition.exists
    yield from condition.missing
    yield from condition.at_least


def _id(fields: Mapping[str, tuple[Scalar, ...]]) -> str:
    found = str(fields.get(_ID, ("",))[0])
    return found if len(found) <= _SHORT_ID or len(found.encode()) <= _MOST_ID_BYTES else ""


def _leaf(decoded: object, path: str) -> object:
    for step in path.split("."):
        decoded = getattr(decoded, step, None)
    return decoded


def _tree(names: Iterable[str]) -> _Tree:
    tree: _Tree = {}
    for name in sorted(names):
        *above, last = name.split(".")
        below = tree
        for step in above:
            found = below.setdefault(step, {})
            below = found if found is not None else {}  # no field of the mappings is an object, too
        below[last] = None
    return tree


def _shape(tree: _Tree, path: str) -> tuple[type[msgspec.Struct], dict[str, str]]:
    """Make the struct that an object is decoded into, and tell where in it each leaf is: ``f3.f0``.

    A leaf may hold anything, since an index may take it; an object must be one. One that is missing is an empty one, so
    that all leaves are fetched at once.
    """
    members: list[tuple[str, Any, Any]] = []
    paths: dict[str, str] = {}
    for number, (name, below) in enumerate(tree.items()):
        place = f"f{number}"
        if below is None:
            members.append((place, Any, None))
            paths[path + name] = place
        else:
            shape, deeper = _shape(below, f"{path}{name}.")
            members.append((place, shape | None, shape()))
            paths |= {leaf: f"{place}.{rest}" for leaf, rest in deeper.items()}
    rename = {f"f{number}": name for number, name in enumerate(tree)}
    return msgspec.defstruct("Part", members, rename=rename, frozen=True, gc=False), paths
