"""What a Kibana of 8.12 knows of each type of saved object, and what a newer one makes of it.

Seen in a running Kibana 8.12.2, where nothing else is said.
"""

from typing import Any

import msgspec

from shipper.testing.kibana.reply import Body, RefusedError

#: The last migration of each type; a newer number is refused. Links have none.
LAST_MIGRATION = {
    "dashboard": "8.9.0", "lens": "8.9.0", "index-pattern": "8.0.0", "search": "8.0.0", "tag": "8.0.0", "links": "",
}  # fmt: skip
#: Those of a newer Kibana, which migrates what it imports: made-up numbers of the form that 8.19 and 9.x write.
NEWER_MIGRATION = {
    "dashboard": "10.2.0", "lens": "10.1.0", "index-pattern": "8.0.0", "search": "10.5.0", "tag": "8.0.0",
    "links": "10.1.0",
}  # fmt: skip
_ANY: dict[str, Any] = {}
_ATTRIBUTES: dict[str, dict[str, Any]] = {
    "dashboard": {
        "title": _ANY, "description": _ANY, "panelsJSON": _ANY, "optionsJSON": _ANY, "hits": _ANY, "version": _ANY,
        "timeRestore": _ANY, "timeFrom": _ANY, "timeTo": _ANY,
        "refreshInterval": {"display": _ANY, "pause": _ANY, "section": _ANY, "value": _ANY},
        "kibanaSavedObjectMeta": {"searchSourceJSON": _ANY},
        "controlGroupInput": {
            "panelsJSON": _ANY, "controlStyle": _ANY, "chainingSystem": _ANY, "ignoreParentSettingsJSON": _ANY,
        },
    },
    "search": {
        "title": _ANY, "description": _ANY, "columns": _ANY, "sort": _ANY, "grid": _ANY, "hits": _ANY, "version": _ANY,
        "hideChart": _ANY, "isTextBasedQuery": _ANY, "usesAdHocDataView": _ANY, "timeRestore": _ANY, "timeRange": _ANY,
        "refreshInterval": _ANY, "rowHeight": _ANY, "rowsPerPage": _ANY, "viewMode": _ANY, "breakdownField": _ANY,
        "hideAggregatedPreview": _ANY, "kibanaSavedObjectMeta": _ANY,
    },
}  # fmt: skip
_TAG = {"name", "description", "color"}


def check_migration(one: Body, known: dict[str, str]) -> None:
    """Refuse what a newer Kibana wrote, and what is so old that its migrations fail.

    Raises:
        RefusedError: for the whole file.
    """
    type_, said = one["type"], one.get("typeMigrationVersion") or ""
    if _numbers(said) > _numbers(known[type_]):
        raise RefusedError(
            422,
            f'Document "{one["id"]}" belongs to a more recent version of Kibana [{said}] when the last known version is'
            f" [{known[type_] or 'undefined'}].",
        )
    if type_ == "dashboard" and _numbers(said) < _numbers("8.9.0"):
        raise RefusedError(500, "An internal server error occurred. Check Kibana server logs for details.")
    if type_ == "tag" and set(one.get("attributes", {})) - _TAG:
        raise RefusedError(500, "An internal server error occurred. Check Kibana server logs for details.")


def complaint(one: Body) -> str:
    """Return what the type's schema says against an object, empty for nothing."""
    attributes = one.get("attributes", {})
    unknown = _unknown(attributes, _ATTRIBUTES.get(one["type"], {}), "attributes")
    if unknown:
        return f"[{unknown}]: definition for this key is missing"
    needed = "name" if one["type"] == "tag" else "title"
    if not isinstance(attributes.get(needed), str):
        return f"[attributes.{needed}]: expected value of type [string] but got [undefined]"
    if not isinstance(attributes.get("panelsJSON", ""), str):
        return "[attributes.panelsJSON]: expected value of type [string] but got [Array]"
    return ""


def migrated(one: Body) -> Body:
    """Return what a newer Kibana makes of an object: other spellings of the same."""
    attributes = dict(one["attributes"])
    if one["type"] == "dashboard":
        panels = msgspec.json.decode(attributes.get("panelsJSON", "[]"))
        attributes["panelsJSON"] = msgspec.json.encode([{**panel, "migrated": True} for panel in panels]).decode()
        attributes["sections"] = []
    if one["type"] == "search":
        attributes["tabs"] = [{"id": "first", "label": "Untitled"}]
    known = NEWER_MIGRATION[one["type"]]
    return {**one, "attributes": attributes, "typeMigrationVersion": known}


def _unknown(value: Any, known: dict[str, Any], place: str) -> str:
    if not known or not isinstance(value, dict):
        return ""
    for key, inner in value.items():
        if key not in known:
            return f"{place}.{key}"
        deeper = _unknown(inner, known[key], f"{place}.{key}")
        if deeper:
            return deeper
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
