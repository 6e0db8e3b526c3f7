"""The lists above a dashboard."""

from shipper.kibana.build.saved_object import Json, packed, reference
from shipper.kibana.spec.model import Board, Shared


def control_group(board: Board, shared: Shared) -> Json:
    """Return the controls of a dashboard, in the attributes that 8.12 knows."""
    panels = {f"control-{name}": _control(name, order, shared) for order, name in enumerate(board.controls)}
    ignored = ("Filters", "Query", "Timerange", "Validations")
    return {
        "chainingSystem": "HIERARCHICAL",
        "controlStyle": "oneLine",
        "ignoreParentSettingsJSON": packed({f"ignore{what}": False for what in ignored}),
        "panelsJSON": packed(panels),
    }


def _control(name: str, order: int, shared: Shared) -> Json:
    control = shared.controls[name]
    inside = {
        "id": f"control-{name}",
        "fieldName": control.field,
        "title": control.title,
        "selectedOptions": [],
        "enhancements": {},
    }
    return {"type": "optionsListControl", "order": order, "grow": True, "width": "medium", "explicitInput": inside}


def control_references(board: Board, shared: Shared) -> list[Json]:
    """Return the dashboard's references to the data views of its controls."""
    return [
        reference(
            "index-pattern",
            shared.data[shared.controls[name].data].id,
            f"controlGroup_control-{name}:optionsListDataView",
        )
        for name in board.controls
    ]
