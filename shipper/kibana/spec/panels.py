"""The kinds of panels."""

from typing import Literal, TypeAlias

import msgspec

from shipper.kibana.spec.measures import Group, Measure, Terms, Time


class Opens(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a click on a bar or a cell offers.

    Attributes:
        board: id of the dashboard that is opened with filter and time kept; none: the documents, in Discover.
        label: what the menu says.
    """

    label: str
    board: str = ""


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A time range as Kibana writes it: ``now-24h``."""

    begin: str
    end: str = "now"


class PanelBase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """What all panels have.

    Attributes:
        id: unique on its dashboard; kebab-case.
        width: columns of 48.
        title: none hides the title bar.
        note: what docs say it answers; one clause.
    """

    id: str
    width: int
    title: str = ""
    note: str = ""


class Asking(PanelBase, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A panel that asks the documents of one data view.

    Attributes:
        data: which data view, by its short name.
        where: KQL that all of the panel keeps to.
        range: its own time range, in place of the dashboard's.
        opens: what a click offers.
    """

    data: str = "events"
    where: str = ""
    range: Range | None = None
    opens: tuple[Opens, ...] = ()


class Metric(Asking, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="metric"):
    """One number, large, or one in a tile for each value of a field.

    Attributes:
        by: one tile a value.
        value: the number.
        beside: a second one, small.
        subtitle: what it is of.
    """

    by: Terms | None = None
    value: Measure
    beside: Measure | None = None
    subtitle: str = ""


Shape = Literal["line", "bar", "bar_stacked", "bar_horizontal", "bar_horizontal_stacked"]


class Chart(Asking, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="chart"):
    """Lines or bars.

    Attributes:
        shape: ``bar`` stands side by side.
        x: what stands along the axis of names or times.
        split: one series a value.
        values: one series each.
        legend: where it stands; none hides it.
    """

    shape: Shape
    x: Group
    values: tuple[Measure, ...]
    split: Terms | None = None
    legend: Literal["", "right", "top", "bottom"] = "right"


class Donut(Asking, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="donut"):
    """Shares of a whole."""

    by: Terms
    value: Measure


class Table(Asking, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="table"):
    """One row a combination of values.

    Attributes:
        by: the groups, outermost first.
        values: the numbers.
        sort: number of the measure the rows are sorted by, largest first; -1 leaves the order of the groups.
        rows: a page.
        whole: cells show all of their text, not one line of it.
    """

    by: tuple[Terms, ...]
    values: tuple[Measure, ...]
    sort: int = 0
    rows: int = 10
    whole: bool = False


class HeatMap(Asking, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="heatmap"):
    """A colour for each crossing of two groups.

    Attributes:
        value: its bands say which colour.
        numbers: stand in the cells; too many cells have no room for them.
    """

    x: Group
    y: Terms
    value: Measure
    numbers: bool = True


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A column that an ES|QL query answers with, in the query's order."""

    name: str
    type: Literal["string", "number", "date"] = "string"
    width: int = 0


class Query(PanelBase, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="esql"):
    """A table that an ES|QL query answers.

    Attributes:
        data: the data view whose indices it reads; the query begins with what follows ``from``.
        query: lines joined to one; words that 8.12 has.
        rows, whole: as of ``Table``.
    """

    data: str = "events"
    query: str
    columns: tuple[Column, ...]
    rows: int = 10
    whole: bool = False


class Words(PanelBase, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="words"):
    """Markdown."""

    text: str


class Navigation(PanelBase, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="navigation"):
    """Links to the dashboards."""


class Search(PanelBase, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="search"):
    """The documents of a saved search.

    Attributes:
        search: short name of the search in the shared file.
    """

    search: str


Picture: TypeAlias = Metric | Chart | Donut | Table | HeatMap
Panel: TypeAlias = Picture | Query | Words | Navigation | Search

__all__ = [
    "Asking",
    "Chart",
    "Column",
    "Donut",
    "Group",
    "HeatMap",
    "Measure",
    "Metric",
    "Navigation",
    "Opens",
    "Panel",
    "PanelBase",
    "Picture",
    "Query",
    "Range",
    "Search",
    "Shape",
    "Table",
    "Terms",
    "Time",
    "Words",
]
