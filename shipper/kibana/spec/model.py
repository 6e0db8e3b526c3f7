"""A dashboard, and what the dashboards share."""

import msgspec

from shipper.kibana.spec.panels import Panel, Range

#: Kibana's grid.
COLUMNS = 48


class DataView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which indices.

    Attributes:
        id: of the saved object.
        indices: pattern.
        dataset: ``event.dataset`` of its documents.
        formats: field to how its values are shown: the name of a format of Kibana's, or a URL with ``{{value}}``, which
            is escaped, or ``{{rawValue}}``, which is not.
        labels: field to the words that stand in place of its name.
    """

    id: str
    name: str
    indices: str
    dataset: str
    formats: dict[str, str] = msgspec.field(default_factory=dict)
    labels: dict[str, str] = msgspec.field(default_factory=dict)


class SavedSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Documents in columns.

    Attributes:
        id: of the saved object.
        columns: field to width in pixels; 0 leaves it to Kibana.
        lines: of text that a cell shows.
    """

    id: str
    title: str
    description: str
    data: str
    where: str = ""
    columns: dict[str, int]
    lines: int = 1


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of values to choose from."""

    field: str
    title: str
    data: str = "events"


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A colour from a value on."""

    begin: float
    colour: str


class Tag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the objects are found by in Kibana's lists."""

    id: str
    name: str
    description: str
    colour: str


class Shared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``dashboards/shared.toml``.

    Attributes:
        filters: named pieces of KQL and ES|QL; ``{name}`` in a ``where``, ``among`` or ``query`` stands for one.
        colours: name to ``#RRGGBB``.
        colourings: name to value to name of a colour: the same value has the same colour everywhere.
        bands: name to bands, lowest first.
        order: the dashboards, as they stand in the navigation.
    """

    tag: Tag
    filters: dict[str, str]
    colours: dict[str, str]
    colourings: dict[str, dict[str, str]]
    bands: dict[str, tuple[Band, ...]]
    data: dict[str, DataView]
    searches: dict[str, SavedSearch]
    controls: dict[str, Control]
    order: tuple[str, ...]


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Panels beside each other, from the left; their widths are 48 together at most."""

    height: int
    panels: tuple[Panel, ...]


class Board(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One dashboard.

    Attributes:
        id: of the saved object.
        link: what the navigation calls it.
        question: what it answers; one sentence.
        range: the time range it opens with.
        refresh_s: it asks again by itself; 0 does not.
        datasets: short names of the data views whose datasets it keeps to; the first is that of its filter.
        controls: names of the shared file.
        shares_filters: filters are kept on the way to and from others of which this is said, too.
    """

    id: str
    title: str
    link: str
    question: str
    range: Range
    refresh_s: int = 0
    datasets: tuple[str, ...] = ("events",)
    controls: tuple[str, ...] = ()
    shares_filters: bool = False
    rows: tuple[Row, ...]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, in reading order."""
        return tuple(panel for row in self.rows for panel in row.panels)


class Spec(msgspec.Struct, frozen=True):
    """Everything that is built from."""

    shared: Shared
    boards: tuple[Board, ...]
