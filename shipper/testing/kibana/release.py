"""Small made-up releases in the shapes of the real files: what an earlier and a later shipper would install."""

from pathlib import Path
from typing import Any

import msgspec

from shipper.testing.kibana.reply import Body

TAG = {
    "type": "tag",
    "id": "intune-connector",
    "attributes": {"name": "Intune connector", "description": "Of the shipper", "color": "#6092C0"},
    "coreMigrationVersion": "8.8.0",
    "typeMigrationVersion": "8.0.0",
    "references": [],
}
TAGGED = {"type": "tag", "id": "intune-connector", "name": "tag-ref-intune-connector"}


def data_view(name: str = "events") -> Body:
    """Return a data view."""
    return {
        "type": "index-pattern",
        "id": f"intune-connector-{name}",
        "attributes": {
            "title": f"logs-intune_connector.{name}-*",
            "name": f"Intune connector {name}",
            "timeFieldName": "@timestamp",
            "fieldAttrs": '{"host.name":{"customLabel":"Host"}}',
        },
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": "8.0.0",
        "references": [],
    }


def search(title: str = "Failures") -> Body:
    """Return a saved search."""
    source = {
        "query": {"query": "", "language": "kuery"},
        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
    }
    return {
        "type": "search",
        "id": "intune-connector-search-failures",
        "attributes": {
            "title": title,
            "columns": ["host.name", "event.code"],
            "sort": [["@timestamp", "desc"]],
            "kibanaSavedObjectMeta": {"searchSourceJSON": msgspec.json.encode(source).decode()},
        },
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": "8.0.0",
        "references": [
            {"type": "index-pattern", "id": "intune-connector-events", "name": source["indexRefName"]},
            TAGGED,
        ],
    }


def dashboard(name: str = "overview", title: str = "Overview") -> Body:
    """Return a dashboard with the saved search on it."""
    panel = {"type": "search", "panelIndex": "latest", "panelRefName": "panel_latest", "gridData": {"x": 0, "y": 0}}
    return {
        "type": "dashboard",
        "id": f"intune-connector-{name}",
        "attributes": {
            "title": title,
            "description": "",
            "version": 1,
            "panelsJSON": msgspec.json.encode([panel]).decode(),
            "optionsJSON": '{"useMargins":true}',
            "timeRestore": True,
            "timeFrom": "now-7d",
            "timeTo": "now",
            "kibanaSavedObjectMeta": {"searchSourceJSON": '{"query":{"query":"","language":"kuery"},"filter":[]}'},
        },
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": "8.9.0",
        "references": [
            {"type": "search", "id": "intune-connector-search-failures", "name": "latest:panel_latest"},
            TAGGED,
        ],
    }


def rule(name: str = "issue-failed", **fields: Any) -> Body:
    """Return a query rule; ``fields`` go above its own."""
    return {
        "rule_id": f"intune-connector-{name}",
        "name": f"Rule {name}",
        "description": "A certificate was not issued.",
        "type": "query",
        "language": "kuery",
        "index": ["logs-intune_connector.events-*"],
        "query": 'event.dataset : "intune_connector.events" and event.code : "20102"',
        "severity": "medium",
        "risk_score": 47,
        "tags": ["Intune certificate connector", "Nature: failure"],
        "enabled": False,
        "interval": "5m",
        "from": "now-9m",
        "to": "now",
        "max_signals": 100,
        "note": "## First look",
        "threat": [
            {
                "framework": "MITRE ATT&CK",
                "tactic": {"id": "TA0006", "name": "Credential Access", "reference": "https://attack.mitre.org/"},
                "technique": [{"id": "T1649", "name": "Certificates", "reference": "https://attack.mitre.org/"}],
            }
        ],
        "required_fields": [{"name": "event.code", "type": "keyword", "ecs": True}],
        "version": 1,
        **fields,
    }


def esql_rule(name: str = "quiet") -> Body:
    """Return an ES|QL rule."""
    said = rule(name, type="esql", language="esql", query="from logs-* | stats n = count(*) by host.name")
    return {key: value for key, value in said.items() if key != "index"}


OBJECTS = [TAG, data_view("events"), data_view("alerts"), search(), dashboard()]
RULES = [rule(), rule("revoke-denied", severity="high"), esql_rule()]


def write(folder: Path, objects: list[Body] | None = None, rules: list[Body] | None = None) -> Path:
    """Write a release into ``folder``, and return it."""
    lines = msgspec.json.Encoder().encode_lines
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "intune-connector.ndjson").write_bytes(lines(OBJECTS if objects is None else objects))
    (folder / "rules" / "kibana.ndjson").write_bytes(lines(RULES if rules is None else rules))
    return folder
