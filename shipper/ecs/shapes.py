"""What the names of a payload decide, found out once for all events that carry the same ones.

An event id has one shape, rarely a few, so that all but the first of its events only look their values up: half the
time of asking for each name again (1.0 us against 2.0 for six).
"""

import msgspec

from shipper.ecs.keys import ROUTES, UNNAMED, Slot

#: Slots whose value is looked at before it is taken; what is refused stays among the details.
READ_SLOTS: frozenset[Slot] = frozenset(("code", "error", "prose"))
#: Names of hostile length or number are looked at each time; memory stays bounded.
_MOST_SHAPES, _MOST_CHARACTERS = 1024, 4096


class Shape(msgspec.Struct, frozen=True, gc=False):
    """Where each name of a payload leads that has a value.

    Attributes:
        plain: there are names, every one says something and is kept as it is written. Of any other payload the rest
            is not told.
        taken: (slot, name) of the values that are taken as they are.
        others: (slot to read the value for, name) of the others, in order; the slot is ``None`` for a mere detail.
    """

    plain: bool
    taken: tuple[tuple[Slot, str], ...] = ()
    others: tuple[tuple[Slot | None, str], ...] = ()


class Named(msgspec.Struct, frozen=True, gc=False):
    """The values of a payload by name, without the empty ones, where each name is plain and comes once."""

    values: dict[str, str]
    shape: Shape


class _Shapes(dict[tuple[str | None, ...], Shape]):
    def __missing__(self, names: tuple[str | None, ...]) -> Shape:
        shape = _shape_of(names)
        if sum(len(name or "") + 1 for name in names) <= _MOST_CHARACTERS:
            if len(self) >= _MOST_SHAPES:
                self.clear()
            self[names] = shape
        return shape


def _shape_of(names: tuple[str | None, ...]) -> Shape:
    if not names:
        return Shape(plain=False)
    taken: dict[Slot, str] = {}
    others: list[tuple[Slot | None, str]] = []
    for name in names:
        if name is None or name in UNNAMED or ROUTES[name][1] != name:
            return Shape(plain=False)
        slot = ROUTES[name][0]
        if slot is None or slot in READ_SLOTS:
            others.append((slot, name))
        elif slot in taken:
            others.append((None, name))
        else:
            taken[slot] = name
    return Shape(True, tuple(taken.items()), tuple(others))


_SHAPES = _Shapes()


def named_data(data: tuple[tuple[str | None, str], ...]) -> Named | None:
    """Return EventData as far as it is of the everyday kind, ``None`` where it needs a closer look."""
    values = dict(data)
    return named_values(values) if len(values) == len(data) else None  # type: ignore[arg-type]  # plain has no None


def named_values(values: dict[str, str]) -> Named | None:
    """Return values by name as far as they are of the everyday kind, ``None`` where they need a closer look."""
    if not all(values.values()):  # empty ones are told of nowhere in a document
        values = {name: value for name, value in values.items() if value}
    shape = _SHAPES[tuple(values)]
    return Named(values, shape) if shape.plain else None
