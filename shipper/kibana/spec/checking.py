"""What types cannot say: names that exist, widths that fit, measures that are whole."""

from collections import Counter
from collections.abc import Iterator

from shipper.errors import ConfigError
from shipper.kibana.spec.measures import Group, Measure, Terms
from shipper.kibana.spec.model import COLUMNS, Board, Shared, Spec
from shipper.kibana.spec.panels import Asking, Chart, Donut, HeatMap, Metric, Panel, Query, Search, Table

#: What is wrong, and at which key.
Wrong = tuple[str, str]


def check(spec: Spec) -> None:
    """Look at everything that the types let through.

    Raises:
        ConfigError: names file and key of the first thing that is wrong.
    """
    for key, wrong in _shared(spec.shared):
        raise ConfigError(wrong, where=f"shared.toml: {key}")
    for name, board in zip(spec.shared.order, spec.boards, strict=True):
        for key, wrong in _board(board, spec):
            raise ConfigError(wrong, where=f"{name}.toml: {key}")


def _shared(shared: Shared) -> Iterator[Wrong]:
    for name, colouring in shared.colourings.items():
        yield from ((f"colourings.{name}.{value}", f"no colour is called {colour}")
                    for value, colour in colouring.items() if colour not in shared.colours)  # fmt: skip
    for name, bands in shared.bands.items():
        begins = [band.begin for band in bands]
        if not bands or begins != sorted(begins):
            yield f"bands.{name}", "the lowest stands first"
        yield from ((f"bands.{name}", f"no colour is called {band.colour}")
                    for band in bands if band.colour not in shared.colours)  # fmt: skip
    for kind, named in (("searches", shared.searches), ("controls", shared.controls)):
        yield from ((f"{kind}.{name}.data", f"no data view is called {one.data}")
                    for name, one in named.items() if one.data not in shared.data)  # fmt: skip


def _board(board: Board, spec: Spec) -> Iterator[Wrong]:
    shared = spec.shared
    yield from (("controls", f"no control is called {name}") for name in board.controls if name not in shared.controls)
    yield from (("datasets", f"no data view is called {name}") for name in board.datasets if name not in shared.data)
    counted = Counter(panel.id for panel in board.panels)
    yield from (("rows", f"the panel {name} stands there twice") for name, times in counted.items() if times > 1)
    for place, row in enumerate(board.rows):
        if sum(panel.width for panel in row.panels) > COLUMNS:
            yield f"rows[{place}]", f"is wider than {COLUMNS} columns"
        for number, panel in enumerate(row.panels):
            yield from ((f"rows[{place}].panels[{number}] ({panel.id}){key}", wrong)
                        for key, wrong in _panel(panel, spec))  # fmt: skip


def _panel(panel: Panel, spec: Spec) -> Iterator[Wrong]:
    if isinstance(panel, Asking | Query) and panel.data not in spec.shared.data:
        yield ".data", f"no data view is called {panel.data}"
    if isinstance(panel, Search) and panel.search not in spec.shared.searches:
        yield ".search", f"no search is called {panel.search}"
    if not isinstance(panel, Asking):
        return
    boards = {board.id for board in spec.boards}
    yield from ((".opens", f"no dashboard is {one.board}") for one in panel.opens if one.board not in {"", *boards})
    alone = {board.id for board in spec.boards if not board.shares_filters}
    yield from ((".opens", f"{one.board} shares no filters") for one in panel.opens if one.board in alone)
    measures = measures_of(panel)
    for measure in measures:
        yield from _measure(measure, spec.shared)
    for group in groups_of(panel):
        yield from _group(group, len(measures), spec.shared)


def _measure(measure: Measure, shared: Shared) -> Iterator[Wrong]:
    fieldless = measure.calculates in ("count", "share")
    if fieldless == bool(measure.of):
        yield f" {measure.label}.of", "belongs to what is calculated of a field, and there alone"
    if (measure.calculates == "share") != bool(measure.among):
        yield f" {measure.label}.among", "belongs to a share, and there alone"
    if "'" in measure.where + measure.among and measure.calculates == "share":
        yield f" {measure.label}.where", "a quote ' would end the formula"
    if measure.colour and measure.colour not in shared.colours:
        yield f" {measure.label}.colour", f"no colour is called {measure.colour}"
    if measure.bands and measure.bands not in shared.bands:
        yield f" {measure.label}.bands", f"no bands are called {measure.bands}"


def _group(group: Group, measures: int, shared: Shared) -> Iterator[Wrong]:
    if not isinstance(group, Terms):
        return
    if not -1 <= group.order < measures:
        yield f" {group.label}.order", "is the number of no measure"
    if group.coloured and group.coloured not in shared.colourings:
        yield f" {group.label}.coloured", f"no colouring is called {group.coloured}"


def measures_of(panel: Asking) -> tuple[Measure, ...]:
    """Return the measures of a panel, in the order in which they are numbered."""
    match panel:
        case Metric(value=value, beside=beside):
            return (value,) if beside is None else (value, beside)
        case Donut(value=value) | HeatMap(value=value):
            return (value,)
        case Chart(values=values) | Table(values=values):
            return values
    raise TypeError(panel)


def groups_of(panel: Asking) -> tuple[Group, ...]:
    """Return the groups of a panel."""
    match panel:
        case Donut(by=Terms() as by) | Metric(by=Terms() as by):
            return (by,)
        case HeatMap(x=x, y=y):
            return (x, y)
        case Chart(x=x, split=split):
            return (x,) if split is None else (split, x)
        case Table(by=groups):
            return groups
    return ()
