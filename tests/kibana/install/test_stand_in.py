"""The stand-in against what a real Kibana 8.12.2 was seen to do: its exports, its refusals."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from shipper.kibana.install.multipart import form
from shipper.testing.kibana import StandIn
from shipper.testing.kibana.release import OBJECTS, TAG, dashboard, rule, search

#: What Kibana gives afresh at each import.
FRESH = {"id", "version", "created_at", "updated_at"}


def asked(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, body, named, method=method)  # noqa: S310 (loopback)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (loopback)
            raw, status = answer.read(), answer.status
    except urllib.error.HTTPError as error:
        raw, status = error.read(), error.code
    if b"\n" in raw:
        return status, [json.loads(line) for line in raw.splitlines()]
    return status, json.loads(raw)


def uploaded(kibana: StandIn, path: str, file: bytes) -> tuple[int, Any]:
    body, content_type = form(file)
    return asked(f"{kibana.url}{path}", "POST", body, kbn_xsrf="true", content_type=content_type)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_was_imported_is_exported_as_the_real_one_did(kibana: StandIn, shared: Path) -> None:
    folder = shared / "kibana-examples"
    status, result = uploaded(kibana, "/api/saved_objects/_import", (folder / "dashboard.import.ndjson").read_bytes())
    assert (status, result["success"], result["successCount"]) == (200, True, 6)
    question = {"type": ["dashboard"], "includeReferencesDeep": True}
    _, exported = asked(
        f"{kibana.url}/api/saved_objects/_export",
        "POST",
        json.dumps(question).encode(),
        kbn_xsrf="true",
        content_type="application/json",
    )
    *objects, details = exported
    *expected, expected_details = lines(folder / "dashboard.export.ndjson")
    assert details == expected_details
    for one in expected:
        there = next(other for other in objects if (other["type"], other["id"]) == (one["type"], one["id"]))
        dates = {"created_at", "updated_at", "version"}
        assert {key: value for key, value in there.items() if key not in dates} == {
            key: value for key, value in one.items() if key not in dates
        }
        assert there["created_at"] == there["updated_at"]


def test_rules_that_were_imported_are_found_as_the_real_one_gave_them_out(kibana: StandIn, shared: Path) -> None:
    folder = shared / "kibana-examples"
    status, result = uploaded(
        kibana, "/api/detection_engine/rules/_import", (folder / "rules.import.ndjson").read_bytes()
    )
    assert (status, result["success"], result["success_count"]) == (200, True, 8)
    for one in lines(folder / "rules.export.ndjson")[:-1]:
        there = kibana.rules.of("default")[one["rule_id"]]
        assert {key: value for key, value in there.items() if key not in FRESH} == {
            key: value for key, value in one.items() if key not in FRESH
        }


def test_a_request_without_its_header_is_refused(kibana: StandIn) -> None:
    status, body = asked(f"{kibana.url}/api/saved_objects/_export", "POST", b"{}", content_type="application/json")
    assert status == 400
    assert "kbn-xsrf" in body["message"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n{}\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            400,
        ),
    ],
    ids=["no form", "no file", "another ending"],
)
def test_an_import_that_is_no_form_with_a_file_is_refused(
    kibana: StandIn, body: bytes, content_type: str, status: int
) -> None:
    url = f"{kibana.url}/api/saved_objects/_import"
    assert asked(url, "POST", body, kbn_xsrf="true", content_type=content_type)[0] == status


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_there_is_overwritten_only_where_that_is_asked_for(kibana: StandIn, overwrite: bool) -> None:
    kibana.objects.take("default", OBJECTS, overwrite=False)
    renamed = dashboard(title="Renamed")
    result = json.loads(kibana.objects.take("default", [renamed], overwrite=overwrite).body)
    assert result["success"] is overwrite
    title = kibana.objects.of("default")["dashboard", renamed["id"]]["attributes"]["title"]
    assert title == ("Renamed" if overwrite else "Overview")


def test_a_missing_reference_keeps_all_from_being_written_though_others_are_called_successes(kibana: StandIn) -> None:
    result = json.loads(kibana.objects.take("default", [TAG, search()], overwrite=True).body)
    assert (result["success"], result["successCount"]) == (False, 1)
    assert kibana.objects.of("default") == {}


def test_a_dashboard_without_its_migration_number_fails_as_a_whole(kibana: StandIn) -> None:
    old = {key: value for key, value in dashboard().items() if key != "typeMigrationVersion"}
    assert uploaded(kibana, "/api/saved_objects/_import", json.dumps({**old, "references": []}).encode())[0] == 500


def test_an_overwriting_import_of_a_rule_merges(kibana: StandIn) -> None:
    kibana.rules.take("default", [rule()], overwrite=False)
    short = {key: value for key, value in rule().items() if key != "note"}
    kibana.rules.take("default", [short], overwrite=True)
    assert kibana.rules.of("default")["intune-connector-issue-failed"]["note"] == "## First look"


def test_a_rule_that_says_nothing_of_it_is_enabled_and_has_an_id_of_its_own(kibana: StandIn) -> None:
    silent = {key: value for key, value in rule(id="00000000-0000-4000-8000-000000000000").items() if key != "enabled"}
    kibana.rules.take("default", [silent], overwrite=False)
    there = kibana.rules.of("default")["intune-connector-issue-failed"]
    assert there["enabled"] is True
    assert there["id"] != silent["id"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"immutable": True},
        {"risk_score": 47.5},
        {"max_signals": 0},
        {"version": 0},
        {"note": None},
        {"interval": "5 minutes"},
        {"type": "unheard"},
        {"investigation_fields": {"field_names": []}},
        {"exceptions_list": [{"list_id": "nowhere"}]},
        {"actions": [{"id": "nowhere"}]},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_rule_that_the_real_one_refuses_is_refused(kibana: StandIn, wrong: dict[str, Any]) -> None:
    result = json.loads(kibana.rules.take("default", [rule(**wrong)], overwrite=False).body)
    assert (result["success"], result["success_count"]) == (False, 0)
    assert kibana.rules.of("default") == {}
