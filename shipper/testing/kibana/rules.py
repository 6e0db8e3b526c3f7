"""The detection rules of the stand-in: import, search, patch, deletion.

As seen in a running Kibana 8.12.2; the patch after Kibana's source (patch_rules.ts, apply_rule_patch.ts).
"""

import re
import uuid
from collections.abc import Sequence

from shipper.testing.kibana.clock import Clock
from shipper.testing.kibana.reply import Body, Reply, answered, refused_rule

_NEEDED = ("rule_id", "name", "description", "type", "severity", "risk_score")
_COMMON: Body = {
    "name": "", "description": "", "tags": [], "interval": "5m", "enabled": True, "risk_score": 0, "severity": "low",
    "license": "", "output_index": "", "author": [], "false_positives": [], "from": "now-6m", "rule_id": "",
    "max_signals": 100, "risk_score_mapping": [], "severity_mapping": [], "threat": [], "to": "now", "references": [],
    "version": 1, "exceptions_list": [], "related_integrations": [], "required_fields": [], "setup": "", "actions": [],
    "type": "",
}  # fmt: skip
_OPTIONAL = (
    "note", "meta", "timestamp_override", "timestamp_override_fallback_disabled", "investigation_fields",
    "building_block_type", "rule_name_override", "timeline_id", "timeline_title",
)  # fmt: skip
_OF_TYPE = {
    "query": ("index", "data_view_id", "query", "language", "filters", "saved_id", "alert_suppression"),
    "threshold": ("index", "data_view_id", "query", "language", "filters", "threshold", "alert_suppression"),
    "new_terms": ("index", "query", "language", "filters", "new_terms_fields", "history_window_start"),
    "esql": ("query", "language"),
    "eql": ("index", "query", "language", "filters", "event_category_override", "timestamp_field"),
}
_LISTS = ("index", "filters", "new_terms_fields")
_FILTER = re.compile(r'alert\.attributes\.tags: "([^"]+)"')
_MOST_RISK = 100
_SERVER = ("id", "immutable", "revision", "created_at", "created_by", "updated_at", "updated_by")


class Rules:
    """The rules of all spaces.

    Args:
        clock: of dates.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stored: dict[str, dict[str, Body]] = {}
        #: Ids of the exception lists that exist; a rule with another one is refused.
        self.exception_lists: set[str] = set()
        #: Ids of the connectors that exist.
        self.connectors: set[str] = set()

    def of(self, space: str) -> dict[str, Body]:
        """Return the rules of a space by their ``rule_id``; what is changed in it is changed."""
        return self._stored.setdefault(space, {})

    def find(self, space: str, query: dict[str, str]) -> Reply:
        """Answer ``GET _find``."""
        asked = query.get("filter", "")
        found = _FILTER.fullmatch(asked)
        if asked and not found:
            return refused_rule(400, f"this stand-in knows no such filter: {asked}")
        tag = found[1] if found else None
        rules = [rule for rule in self.of(space).values() if tag is None or tag in rule["tags"]]
        page, per_page = int(query.get("page", "1")), int(query.get("per_page", "20"))
        shown = rules[(page - 1) * per_page : page * per_page]
        return answered({"page": page, "perPage": per_page, "total": len(rules), "data": shown})

    def read(self, space: str, rule_id: str) -> Reply:
        """Answer ``GET``."""
        rule = self.of(space).get(rule_id)
        return answered(rule) if rule else refused_rule(404, f'rule_id: "{rule_id}" not found')

    def delete(self, space: str, rule_id: str) -> Reply:
        """Answer ``DELETE``."""
        rule = self.of(space).pop(rule_id, None)
        return answered(rule) if rule else refused_rule(404, f'rule_id: "{rule_id}" not found')

    def take(self, space: str, lines: Sequence[Body], *, overwrite: bool) -> Reply:
        """Answer ``_import``."""
        rules = [line for line in lines if "exported_count" not in line]
        errors = []
        for rule in rules:
            status, message = self._taken(space, rule, overwrite=overwrite)
            if message:
                name = rule.get("rule_id") or "(unknown id)"
                errors.append({"rule_id": name, "error": {"status_code": status, "message": message}})
        return answered(
            {
                "success": not errors, "success_count": len(rules) - len(errors), "rules_count": len(rules),
                "errors": errors, "exceptions_errors": [], "exceptions_success": True, "exceptions_success_count": 0,
                "action_connectors_success": True, "action_connectors_success_count": 0,
                "action_connectors_errors": [], "action_connectors_warnings": [],
            }
        )  # fmt: skip

    def patch(self, space: str, said: Body) -> Reply:
        """Answer ``PATCH``: what is not named stays; the type stays in any case."""
        rule = self.of(space).get(str(said.get("rule_id")))
        if rule is None:
            return refused_rule(404, f'rule_id: "{said.get("rule_id")}" not found')
        named = {key: value for key, value in said.items() if value is not None and key not in ("type", *_SERVER)}
        merged = {**rule, **_fields(rule["type"], named)}
        if complaint := _complaint({**merged, "immutable": False}):
            return refused_rule(400, complaint)
        self._store(space, merged, enabled=bool(named.get("enabled", rule["enabled"])), revision=rule["revision"] + 1)
        return answered(self.of(space)[rule["rule_id"]])

    def edit(self, space: str, rule_id: str, **fields: object) -> None:
        """Save as the editor of rules does, which writes ``meta`` of its own."""
        rule = self.of(space)[rule_id]
        meta = {"from": "1m", "kibana_siem_app_url": "http://kibana.example/app/security"}
        changed = {**rule, **fields, "meta": meta}
        self._store(space, changed, enabled=rule["enabled"], revision=rule["revision"] + 1)

    def _taken(self, space: str, rule: Body, *, overwrite: bool) -> tuple[int, str]:
        if complaint := _complaint(rule):
            return 400, complaint
        lists = {one["list_id"] for one in rule.get("exceptions_list", [])}
        if missing := lists - self.exception_lists:
            return 400, f"Rule with rule_id: {rule['rule_id']} references a non existent exception list {missing}"
        if missing := {one["id"] for one in rule.get("actions", [])} - self.connectors:
            return 404, f"{len(missing)} connector is missing. Connector id missing is: {', '.join(sorted(missing))}"
        there = self.of(space).get(rule["rule_id"])
        if there and not overwrite:
            return 409, f'rule_id: "{rule["rule_id"]}" already exists'
        merged = {**(there or _COMMON), **_fields(rule["type"], rule)}
        if there:
            merged["exceptions_list"] = rule.get("exceptions_list", [])
        enabled = bool(rule.get("enabled", True))
        self._store(space, merged, enabled=enabled, revision=there["revision"] + 1 if there else 0)
        return 200, ""

    def _store(self, space: str, rule: Body, *, enabled: bool, revision: int) -> None:
        before = self.of(space).get(rule["rule_id"])
        now = self._clock.now()
        self.of(space)[rule["rule_id"]] = {
            **rule,
            "id": before["id"] if before else str(uuid.uuid4()),
            "enabled": enabled,
            "immutable": False,
            "revision": revision,
            "created_at": before["created_at"] if before else now,
            "created_by": "elastic",
            "updated_at": now,
            "updated_by": "elastic",
        }


def _fields(type_: str, rule: Body) -> Body:
    """Return what is kept of a rule; the rest is dropped without a word."""
    known = (*_COMMON, *_OPTIONAL, *_OF_TYPE[type_])
    kept = {key: value for key, value in rule.items() if key in known}
    if "required_fields" in kept:
        kept["required_fields"] = [{"ecs": True, **one} for one in kept["required_fields"]]
    if "threat" in kept:
        kept["threat"] = [_threat(one) for one in kept["threat"]]
    return kept


def _threat(one: Body) -> Body:
    techniques = [{"subtechnique": [], **technique} for technique in one.get("technique", [])]
    return {**one, "technique": techniques}


def _complaint(rule: Body) -> str:
    """Return what the schema of rules says against one, empty for nothing."""
    if missing := [key for key in _NEEDED if rule.get(key) in (None, "")]:
        return f"{', '.join(missing)}: Required"
    said = (
        (rule["type"] not in _OF_TYPE, f"type: Invalid discriminator value {rule['type']}"),
        (bool(rule.get("immutable")), "immutable: Invalid literal value, expected false"),
        (not _is_risk(rule["risk_score"]), "risk_score: Expected integer from 0 to 100"),
        (any(rule.get(key, 1) < 1 for key in ("version", "max_signals")), "version, max_signals: must be 1 or more"),
        (rule["type"] in ("esql", "eql") and not rule.get("language"), "language: Required"),
        (rule.get("note", "") is None, "note: Expected string, received null"),
        (rule.get("investigation_fields") == {"field_names": []}, "investigation_fields.field_names: at least 1"),
        (not re.fullmatch(r"\d+[smhd]", rule.get("interval", "5m")), "interval: Invalid"),
        (any(not isinstance(rule.get(key, []), list) for key in _LISTS), "index: Expected array"),
    )
    return next((message for wrong, message in said if wrong), "")


def _is_risk(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= _MOST_RISK
