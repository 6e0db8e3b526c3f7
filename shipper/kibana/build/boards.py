"""A dashboard as a saved object."""

from collections.abc import Iterator

from shipper.kibana.build.controls import control_group, control_references
from shipper.kibana.build.filters import INDEX_REFERENCE, dataset_filter
from shipper.kibana.build.panels import Built, build_panel
from shipper.kibana.build.saved_object import Json, kuery, packed, reference, saved_object, tagged
from shipper.kibana.spec.model import Board, Shared

_OPTIONS = {
    "useMargins": True,
    "syncColors": False,
    "syncCursor": True,
    "syncTooltips": False,
    "hidePanelTitles": False,
}
#: What Kibana writes where a dashboard does not ask again by itself, milliseconds.
_PAUSED_MS = 60_000


def build_board(board: Board, shared: Shared) -> Json:
    """Return the saved object of a dashboard."""
    panels = list(_placed(board, shared))
    source = {"query": kuery(), "filter": [dataset_filter([shared.data[name].dataset for name in board.datasets])]}
    attributes = {
        "title": board.title,
        "description": board.question,
        "panelsJSON": packed([built.body for built in panels]),
        "optionsJSON": packed(_OPTIONS),
        "timeRestore": True,
        "timeFrom": board.range.begin,
        "timeTo": board.range.end,
        "refreshInterval": {"pause": not board.refresh_s, "value": board.refresh_s * 1000 or _PAUSED_MS},
        "version": 1,
        **({"controlGroupInput": control_group(board, shared)} if board.controls else {}),
        "kibanaSavedObjectMeta": {"searchSourceJSON": packed(source)},
    }
    return saved_object("dashboard", board.id, attributes, _references(board, shared, panels))


def _references(board: Board, shared: Shared, panels: list[Built]) -> list[Json]:
    return [
        reference("index-pattern", shared.data[board.datasets[0]].id, INDEX_REFERENCE),
        *(one for built in panels for one in built.references),
        *control_references(board, shared),
        tagged(shared.tag.id),
    ]


def _placed(board: Board, shared: Shared) -> Iterator[Built]:
    y = 0
    for row in board.rows:
        x = 0
        for panel in row.panels:
            built = build_panel(panel, board, shared)
            place = {"x": x, "y": y, "w": panel.width, "h": row.height, "i": panel.id}
            kind, *rest = built.body.items()
            yield Built(dict([kind, ("gridData", place), *rest]), built.references)
            x += panel.width
        y += row.height
