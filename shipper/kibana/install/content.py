"""What of an object is its content: the same however Kibana spells it, without what Kibana adds by itself."""

import hashlib
from typing import Any

import msgspec

from shipper.kibana.install.saved_object import Body, SavedObject

#: The name of a reference that is no reference but our seal (seal.py).
SEAL = "intune-connector-shipper:"

#: Kibana writes into a data view by itself: the fields it saw, and how often somebody looked at one.
_SEEN_FIELDS = "fields"
_POPULARITY = "count"

#: What the detection engine lets a rule say about itself; what it adds (dates, revision, source) is not among it, and
#: neither is what belongs to the user: whether it is enabled, its exceptions, its actions.
#: Source: https://www.elastic.co/docs/api/doc/kibana/operation/operation-importrules
RULE_CONTENT = frozenset(
    {
        "alert_suppression", "author", "building_block_type", "data_view_id", "description", "false_positives",
        "filters", "from", "history_window_start", "index", "interval", "investigation_fields", "language", "license",
        "max_signals", "name", "new_terms_fields", "note", "query", "references", "related_integrations",
        "required_fields", "risk_score", "risk_score_mapping", "rule_name_override", "saved_id", "setup", "severity",
        "severity_mapping", "tags", "threat", "threshold", "timeline_id", "timeline_title", "timestamp_override",
        "timestamp_override_fallback_disabled", "to", "type",
    }
)  # fmt: skip
#: Written by the detection engine where a rule says nothing: seen in exports of 8.12.2.
RULE_DEFAULTS: Body = {"from": "now-6m", "interval": "5m", "to": "now", "max_signals": 100}


def content(one: SavedObject) -> Body:
    """Return what ``one`` says, without where it stands: ids of references differ between spaces."""
    attributes = _decoded(one.attributes)
    if one.type == "index-pattern":
        attributes = _data_view(attributes)
    names = sorted((reference.name, reference.type) for reference in one.references if not is_seal(reference.name))
    return {"attributes": _without_empty(attributes), "references": [list(name) for name in names]}


def rule_content(rule: Body) -> Body:
    """Return what ``rule`` says, without what is its default."""
    said = {key: value for key, value in rule.items() if key in RULE_CONTENT and value != RULE_DEFAULTS.get(key)}
    if "required_fields" in said:  # newer ones say by themselves whether a field is of ECS
        said["required_fields"] = [{"name": one["name"], "type": one["type"]} for one in said["required_fields"]]
    if said.get("type") in ("query", "threshold", "new_terms"):
        said.setdefault("language", "kuery")
    kept: Body = _without_empty(said)
    return kept


def digest(content: Body) -> str:
    """Return 16 hex digits that change with ``content``."""
    encoded = msgspec.json.encode(content, order="sorted")
    return hashlib.blake2b(encoded, digest_size=8).hexdigest()


def is_seal(name: str) -> bool:
    """Say whether a reference of this name is our seal."""
    return name.startswith(SEAL)


def _decoded(value: Any) -> Any:
    """Return ``value`` with the JSON decoded that Kibana keeps as text in many attributes."""
    if isinstance(value, dict):
        return {key: _decoded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_decoded(inner) for inner in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return _decoded(msgspec.json.decode(value))
        except msgspec.DecodeError:
            return value
    return value


def _data_view(attributes: Body) -> Body:
    kept = {key: value for key, value in attributes.items() if key != _SEEN_FIELDS}
    said = kept.get("fieldAttrs")
    if isinstance(said, dict):
        kept["fieldAttrs"] = {
            field: {key: value for key, value in about.items() if key != _POPULARITY} for field, about in said.items()
        }
    return kept


def _without_empty(value: Any) -> Any:
    """Return ``value`` without keys that say nothing: Kibana writes some of them as empty, others not at all."""
    if isinstance(value, dict):
        kept = {key: _without_empty(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, "", [], {}) and inner is not False}
    if isinstance(value, list):
        return [_without_empty(inner) for inner in value]
    return value
