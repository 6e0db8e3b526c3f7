"""``shipper setup --kibana`` when something is wrong: each a clear error with a next step, and nothing said twice."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from shipper.cli import main
from shipper.errors import SinkError
from shipper.kibana.install import connect
from shipper.kibana.install.kibana import Kibana
from shipper.sinks.elasticsearch import Connection
from shipper.testing.engine.certificates import Certificates, write_certificates
from shipper.testing.kibana import Fault, Reply, StandIn
from shipper.testing.kibana.ran import Setup
from shipper.testing.kibana.release import OBJECTS, RULES, dashboard, esql_rule, rule, write

CANARY = "canary-20f7"
LOGIN_PAGE = Reply(200, b"<!DOCTYPE html><html>Sign in</html>", "text/html")
IMPORT = "/api/saved_objects/_import"
RULES_IMPORT = "/api/detection_engine/rules/_import"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return write_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def secured(certificates: Certificates) -> Iterator[StandIn]:
    """Yield one with TLS that wants the password."""
    pair = base64.b64encode(f"elastic:{CANARY}".encode()).decode()
    with StandIn(certificates=certificates, authorization=f"Basic {pair}") as kibana:
        yield kibana


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPPER_USERNAME", "elastic")
    monkeypatch.setenv("SHIPPER_PASSWORD", CANARY)


@pytest.mark.usefixtures("password")
def test_over_tls_with_a_password_everything_is_installed(
    secured: StandIn, setup: Setup, certificates: Certificates
) -> None:
    ran = setup("--kibana-ca-file", str(certificates.authority), url=secured.url)
    assert (ran.code, set(ran.results.values())) == (0, {"created"})


@pytest.mark.usefixtures("password")
def test_the_authority_of_elasticsearch_serves_where_no_other_is_named(
    secured: StandIn, setup: Setup, certificates: Certificates
) -> None:
    assert setup("--ca-file", str(certificates.authority), url=secured.url).code == 0


@pytest.mark.usefixtures("password")
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(secured: StandIn, setup: Setup) -> None:
    ran = setup(url=secured.url)
    assert ran.code == 3
    assert "not trusted" in ran.err
    assert "SHIPPER_KIBANA_CA_FILE" in ran.err
    assert secured.requests == []


def test_credentials_are_not_sent_in_clear_text_over_a_network(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPPER_API_KEY", CANARY)
    ran = setup(url="http://kibana.example:5601")
    assert ran.code == 2
    assert "clear text" in ran.err


@pytest.mark.parametrize(
    "url", ["kibana.example", "ftp://kibana.example", "http://[", "https://", "http://kibana.example:x"]
)
def test_what_is_no_url_is_bad_usage(setup: Setup, url: str) -> None:
    ran = setup(url=url)
    assert ran.code == 2
    assert "is no URL of a Kibana" in ran.err


def test_a_url_with_a_password_in_it_is_refused_without_showing_it(setup: Setup) -> None:
    ran = setup(url=f"http://elastic:{CANARY}@localhost:5601")
    assert ran.code == 2
    assert CANARY not in ran.err


@pytest.mark.usefixtures("password")
def test_refused_credentials_are_said_and_not_shown(kibana: StandIn, setup: Setup) -> None:
    kibana.faults.append(Fault("/api/status", Reply(401, b'{"message":"unable to authenticate"}')))
    ran = setup()
    assert ran.code == 3
    assert "401" in ran.err
    assert CANARY not in ran.err + ran.out


@pytest.mark.parametrize(
    ("denied", "privilege"),
    [
        ("_export", "Saved Objects Management"),
        ("_import", "Saved Objects Management"),
        ("detection_engine", "Security"),
    ],
)
def test_a_missing_privilege_is_named(kibana: StandIn, setup: Setup, denied: str, privilege: str) -> None:
    kibana.denied.add(denied)
    ran = setup()
    assert ran.code == 3
    assert "(403)" in ran.err
    assert privilege in ran.err


def test_what_had_been_done_before_an_error_is_said(kibana: StandIn, setup: Setup) -> None:
    kibana.denied.add("detection_engine")
    ran = setup()
    assert ran.code == 3
    assert [ran.results[one["id"]] for one in OBJECTS] == ["created"] * len(OBJECTS)


def test_after_an_error_the_same_command_goes_on(kibana: StandIn, setup: Setup) -> None:
    kibana.denied.add("detection_engine")
    setup()
    kibana.denied.clear()
    ran = setup()
    assert [ran.results[one["id"]] for one in OBJECTS] == ["unchanged"] * len(OBJECTS)
    assert [ran.results[one["rule_id"]] for one in RULES] == ["created"] * len(RULES)


def test_a_space_that_is_not_there_is_bad_usage_and_nothing_is_written(setup: Setup) -> None:
    with StandIn(spaces=("default", "soc")) as kibana:
        ran = setup("--space", "sok", url=kibana.url)
        assert ran.code == 2
        assert "no space sok" in ran.err
        assert "default, soc" in ran.err
        assert kibana.writes() == []


def test_a_space_that_cannot_be_one_is_bad_usage(setup: Setup) -> None:
    assert "is no id of a space" in setup("--space", "../x").err


@pytest.mark.parametrize("version", ["8.11.4", "7.17.0", "10.0.0"])
def test_another_kibana_than_we_know_is_refused(setup: Setup, version: str) -> None:
    with StandIn(version=version) as kibana:
        ran = setup(url=kibana.url)
        assert ran.code == 3
        assert f"is Kibana {version}; 8.12 to 9.x are supported" in ran.err
        assert kibana.writes() == []


@pytest.mark.parametrize("version", ["8.12.0", "8.19.1", "9.0.0", "9.2.0-SNAPSHOT"])
def test_a_kibana_that_we_know_is_taken(setup: Setup, version: str) -> None:
    with StandIn(version=version) as kibana:
        assert setup(url=kibana.url).code == 0


def test_a_kibana_that_hides_its_version_is_taken(kibana: StandIn, setup: Setup) -> None:
    kibana.faults.append(Fault("/api/status", Reply(200, b'{"status":{"overall":{"level":"available"}}}')))
    assert setup().code == 0


def test_an_elasticsearch_is_no_kibana(setup: Setup, kibana: StandIn) -> None:
    kibana.faults.append(Fault("/api/status", Reply(400, b'{"error":"no handler found for uri [/api/status]"}')))
    ran = setup()
    assert ran.code == 3
    assert "refuses its status (400)" in ran.err


@pytest.mark.parametrize("path", ["/api/status", "_export", IMPORT, "_find", RULES_IMPORT])
def test_a_page_of_a_proxy_is_not_taken_for_an_answer(kibana: StandIn, setup: Setup, path: str) -> None:
    kibana.faults.append(Fault(path, LOGIN_PAGE))
    ran = setup()
    assert ran.code == 3
    assert "a web page that is not Kibana's" in ran.err


def test_a_redirect_is_not_followed_with_our_credentials(kibana: StandIn, setup: Setup) -> None:
    moved = Reply(302, b"", headers={"location": "https://login.example/"})
    kibana.faults.append(Fault("/api/status", moved))
    ran = setup()
    assert ran.code == 3
    assert "https://login.example/" in ran.err


def test_a_file_that_a_proxy_finds_too_large_is_said_with_the_setting(kibana: StandIn, setup: Setup) -> None:
    kibana.faults.append(Fault(IMPORT, Reply(413, b"<html>413 Request Entity Too Large</html>", "text/html")))
    ran = setup()
    assert ran.code == 3
    assert "(413)" in ran.err
    assert "client_max_body_size" in ran.err


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_s_error_is_said_with_its_status(kibana: StandIn, setup: Setup, status: int) -> None:
    kibana.faults.append(Fault(IMPORT, Reply(status, b"")))
    ran = setup()
    assert ran.code == 3
    assert f"({status})" in ran.err
    assert "try:" in ran.err


@pytest.mark.parametrize("path", ["/api/status", IMPORT, RULES_IMPORT])
@pytest.mark.parametrize("status", [503, 429])
def test_a_kibana_that_is_not_ready_is_waited_for(kibana: StandIn, release: Path, path: str, status: int) -> None:
    from shipper.kibana.install import install, read_folder

    waits: list[float] = []
    kibana.faults.append(Fault(path, Reply(status, b"Kibana server is not ready yet", "text/plain"), times=3))
    found = list(install(Kibana(Connection(url=kibana.url), sleep=waits.append), read_folder(release)))
    assert {finding.result for finding in found} == {"created"}
    assert len(waits) == 3


def test_a_kibana_that_never_gets_ready_is_given_up(kibana: StandIn) -> None:
    waits: list[float] = []
    told: list[str] = []
    kibana.faults.append(Fault("", Reply(503, b"Kibana server is not ready yet", "text/plain"), times=1000))
    with pytest.raises(SinkError, match="is not ready for its status"):
        Kibana(Connection(url=kibana.url), tell=told.append, sleep=waits.append).open()
    assert 100 <= sum(waits) <= 140
    assert told == [f"{kibana.url} is not ready (503); waiting up to 120 s"]


def test_nobody_there_is_one_line_with_a_hint(setup: Setup) -> None:
    ran = setup(url="http://127.0.0.1:1")
    assert ran.code == 3
    assert ran.err.splitlines()[0] == "shipper: http://127.0.0.1:1: cannot be reached: connection refused"
    assert len(ran.err.splitlines()) == 2


@pytest.mark.parametrize("path", ["_export", "_find"])
def test_an_answer_that_was_cut_off_is_not_taken_for_a_whole_one(kibana: StandIn, setup: Setup, path: str) -> None:
    setup()
    kibana.faults.append(Fault(path, kind="cut"))
    before = kibana.writes()
    ran = setup()
    assert ran.code == 3
    assert kibana.writes() == before


def test_an_export_without_its_last_line_is_not_taken_for_a_whole_one(kibana: StandIn, setup: Setup) -> None:
    kibana.faults.append(Fault("_export", Reply(200, msgspec.json.encode(OBJECTS[0]), "application/ndjson")))
    ran = setup()
    assert ran.code == 3
    assert "the export has no end" in ran.err


@pytest.mark.parametrize("path", [IMPORT, RULES_IMPORT])
def test_an_import_without_an_answer_is_said_to_be_unknown_and_the_next_run_looks(
    kibana: StandIn, setup: Setup, path: str
) -> None:
    kibana.faults.append(Fault(path, kind="drop"))
    ran = setup()
    assert ran.code == 3
    assert "nobody knows" in ran.err
    assert set(setup().results.values()) <= {"created", "unchanged"}
    assert set(setup().results.values()) == {"unchanged"}


def test_a_kibana_that_falls_silent_is_not_waited_for_for_ever(
    kibana: StandIn, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPPER_REQUEST_TIMEOUT_S", "0.3")
    kibana.faults.append(Fault(IMPORT, kind="stall", stall_s=5))
    ran = setup()
    assert ran.code == 3
    assert "no answer within 0.3 s" in ran.err


def test_rules_that_the_answer_does_not_name_are_looked_for(kibana: StandIn, setup: Setup) -> None:
    fault = {"success": False, "success_count": 0, "errors": [{"rule_id": "(unknown id)", "error": {"message": "odd"}}]}
    kibana.faults.append(Fault(RULES_IMPORT, Reply(200, json.dumps(fault).encode())))
    ran = setup()
    assert ran.code == 1
    assert {ran.results[one["rule_id"]] for one in RULES} == {"failed"}
    assert "odd" in ran.detail(str(RULES[0]["rule_id"]))


def test_objects_that_the_answer_does_not_name_have_failed(kibana: StandIn, setup: Setup) -> None:
    kibana.faults.append(Fault(IMPORT, Reply(200, b'{"success":true,"successCount":0}')))
    ran = setup()
    assert ran.code == 1
    assert {ran.results[one["id"]] for one in OBJECTS} == {"failed"}


def test_a_leftover_that_cannot_be_removed_has_failed(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    setup(files=write(tmp_path / "earlier", [*OBJECTS, dashboard("old")], [*RULES, rule("old-rule")]))
    kibana.faults.append(Fault("", Reply(500, b'{"message":"no"}'), method="DELETE", times=2))
    ran = setup()
    assert ran.code == 1
    assert (ran.results["intune-connector-old"], ran.results["intune-connector-old-rule"]) == ("failed", "failed")


def test_kibana_below_a_base_path_is_reached_there(setup: Setup) -> None:
    with StandIn(base_path="/kibana", spaces=("default", "soc")) as kibana:
        assert setup("--space", "soc", url=kibana.url).code == 0
        assert len(kibana.objects.of("soc")) == len(OBJECTS)


def test_every_request_carries_the_header_and_who_we_are(kibana: StandIn, setup: Setup) -> None:
    setup()
    assert {request.headers["kbn-xsrf"] for request in kibana.requests} == {"true"}
    assert {request.headers["user-agent"].partition("/")[0] for request in kibana.requests} == {
        "intune-connector-shipper"
    }


def test_nothing_is_sent_before_the_first_question() -> None:
    from shipper.config import Elasticsearch

    assert connect("http://127.0.0.1:1", Elasticsearch(), print).target == "http://127.0.0.1:1"


def test_what_had_become_of_rules_before_an_error_is_said(kibana: StandIn, setup: Setup, tmp_path: Path) -> None:
    setup("--enable-rules")
    changed = [rule(query="a : 1"), rule("revoke-denied", query="b : 1"), rule("brand-new")]
    kibana.faults.append(Fault("/api/detection_engine", Reply(502, b""), method="PATCH"))
    ran = setup(files=write(tmp_path / "later", rules=changed))
    assert ran.code == 3
    assert ran.results["intune-connector-brand-new"] == "created"
    assert "the change of the rule intune-connector-issue-failed" in ran.err
    again = setup(files=tmp_path / "later")
    assert again.results["intune-connector-issue-failed"] == "updated"


def test_a_rule_that_was_deleted_to_be_made_anew_and_was_not_is_named(
    kibana: StandIn, setup: Setup, tmp_path: Path
) -> None:
    setup("--enable-rules")
    kibana.faults.append(Fault(RULES_IMPORT, Reply(502, b"")))
    ran = setup(files=write(tmp_path / "later", rules=[esql_rule("issue-failed"), *RULES[1:]]))
    assert ran.code == 3
    assert "intune-connector-issue-failed had been deleted to be made anew, and it had enabled" in ran.err
    assert setup(files=tmp_path / "later").results["intune-connector-issue-failed"] == "created"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"type": "unsupported_type"}, "does not know the type"),
        ({"type": "ambiguous_conflict", "destinations": [{"id": "a"}, {"id": "b"}]}, "a, b"),
        ({"type": "conflict"}, "does not overwrite it"),
        ({"type": "unknown", "statusCode": 403, "message": "read-only"}, "read-only (403)"),
        ({"type": "something new"}, "no reason given"),
    ],
    ids=lambda value: value.get("type") if isinstance(value, dict) else "",
)
def test_each_reason_why_an_object_was_refused_is_told(
    kibana: StandIn, setup: Setup, error: dict[str, object], told: str
) -> None:
    refused = {"type": "dashboard", "id": "intune-connector-overview", "error": error}
    others = [{"type": one["type"], "id": one["id"]} for one in OBJECTS if one["type"] != "dashboard"]
    answer = {"success": False, "successCount": len(others), "successResults": others, "errors": [refused]}
    kibana.faults.append(Fault(IMPORT, Reply(200, json.dumps(answer).encode())))
    ran = setup()
    assert (ran.code, ran.results["intune-connector-overview"]) == (1, "failed")
    assert told in ran.detail("intune-connector-overview")
    assert ran.results["intune-connector-events"] == "created"


def test_an_import_that_fails_for_what_was_not_sent_ends(kibana: StandIn, setup: Setup) -> None:
    foreign = {"type": "search", "id": "foreign", "error": {"type": "missing_references"}}
    answer = {"success": False, "successCount": 0, "errors": [foreign]}
    kibana.faults.append(Fault(IMPORT, Reply(200, json.dumps(answer).encode())))
    ran = setup("--no-rules")
    assert (ran.code, set(ran.results.values())) == (1, {"failed"})


def test_an_export_that_fails_for_another_reason_than_absence_ends(kibana: StandIn, setup: Setup) -> None:
    gone = {"type": "dashboard", "id": "intune-connector-overview", "error": {"statusCode": 500}}
    body = {"statusCode": 400, "message": "Error fetching objects to export", "attributes": {"objects": [gone]}}
    kibana.faults.append(Fault("_export", Reply(200, b'{"exportedCount":0}', "application/ndjson")))
    kibana.faults.append(Fault("_export", Reply(400, json.dumps(body).encode())))
    ran = setup()
    assert ran.code == 3
    assert "Error fetching objects to export" in ran.err


def test_a_space_that_we_may_not_enter_is_said(setup: Setup) -> None:
    with StandIn(spaces=("default", "soc")) as kibana:
        kibana.denied.add("/api/spaces/space/soc")
        ran = setup("--space", "soc", url=kibana.url)
        assert ran.code == 3
        assert "not into the space soc (403)" in ran.err


def test_a_folder_that_cannot_be_written_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("a file")
    assert main(["setup", "--export", str(tmp_path / "taken")]) == 2
    assert "cannot be written" in capsys.readouterr().err
