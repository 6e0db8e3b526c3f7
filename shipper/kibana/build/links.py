"""The navigation: one object of links for each way of going on, with the filters or without."""

from shipper.kibana.build.saved_object import Json, reference, saved_object
from shipper.kibana.spec.model import Board, Shared, Spec


def links_id(board: Board, shared: Shared) -> str:
    """Return the id of the links that a dashboard shows."""
    return f"{shared.tag.id}-links{'' if board.shares_filters else '-plain'}"


def build_links(spec: Spec) -> list[Json]:
    """Return the links of each kind of dashboard there is."""
    kinds = {links_id(board, spec.shared): board for board in spec.boards}
    return [_links(name, board, spec) for name, board in kinds.items()]


def _links(name: str, source: Board, spec: Spec) -> Json:
    links = [_link(order, board, keeps=source.shares_filters and board.shares_filters)
             for order, board in enumerate(spec.boards)]  # fmt: skip
    attributes = {
        "title": f"{spec.shared.tag.name}: pages{'' if source.shares_filters else ', without filters'}",
        "description": "",
        "layout": "horizontal",
        "links": links,
    }
    references = [reference("dashboard", board.id, _reference_name(board)) for board in spec.boards]
    return saved_object("links", name, attributes, references)


def _link(order: int, board: Board, *, keeps: bool) -> Json:
    return {
        "type": "dashboardLink",
        "id": board.id,
        "label": board.link,
        "order": order,
        "destinationRefName": _reference_name(board),
        "options": {"openInNewTab": False, "useCurrentFilters": keeps, "useCurrentDateRange": keeps},
    }


def _reference_name(board: Board) -> str:
    return f"link_{board.id}_dashboard"
