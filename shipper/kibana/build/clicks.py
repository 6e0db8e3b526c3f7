"""What a click on a picture offers: another dashboard with the filters kept, or the documents in Discover."""

from shipper.kibana.build.saved_object import Json, reference
from shipper.kibana.spec.panels import Opens

TO_DASHBOARD = "DASHBOARD_TO_DASHBOARD_DRILLDOWN"
TO_DISCOVER = "OPEN_IN_DISCOVER_DRILLDOWN"
_KEPT = {"useCurrentFilters": True, "useCurrentDateRange": True}


def enhancements(opens: tuple[Opens, ...]) -> Json:
    """Return the actions of a panel."""
    return {"dynamicActions": {"events": [_event(one) for one in opens]}} if opens else {}


def _event(opens: Opens) -> Json:
    factory, config = (TO_DASHBOARD, _KEPT) if opens.board else (TO_DISCOVER, {})
    action = {"factoryId": factory, "name": opens.label, "config": {**config, "openInNewTab": False}}
    return {"eventId": _name(opens), "triggers": ["FILTER_TRIGGER"], "action": action}


def click_references(panel: str, opens: tuple[Opens, ...]) -> list[Json]:
    """Return the dashboard's references to the dashboards that a panel opens."""
    return [
        reference("dashboard", one.board, f"{panel}:drilldown:{TO_DASHBOARD}:{_name(one)}:dashboardId")
        for one in opens
        if one.board
    ]


def _name(opens: Opens) -> str:
    return f"open-{opens.board or 'discover'}"
