import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shipper.check import Finding
from shipper.check.server import examine_clock
from shipper.sinks.elasticsearch.answer import Answer
from shipper.testing.engine import Access, Node
from shipper.testing.engine.certificates import write_certificates

Examine = Callable[..., list[Finding]]


def failures(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings if finding.status == "failure"]


def said(findings: list[Finding], part: str) -> Finding:
    found = [finding for finding in findings if part in finding.what]
    assert found, findings
    return found[0]


def test_an_elasticsearch_that_is_set_up_has_no_failure(examine: Examine, ready_url: str) -> None:
    findings = examine(to=ready_url)
    assert failures(findings) == []
    assert said(findings, "templates are as this version has them").status == "ok"
    assert said(findings, "clock and this machine's agree").status == "ok"
    assert said(findings, "security is switched off").status == "note"


def test_a_name_that_nobody_knows_is_a_failure_and_nothing_behind_it_is_asked(examine: Examine) -> None:
    findings = examine(to="https://es.invalid:9200")
    assert "es.invalid is not known" in failures(findings)[0]
    assert len(failures(findings)) == 1


def test_a_port_that_nobody_listens_at_is_a_failure(examine: Examine) -> None:
    assert "refused" in failures(examine(to="http://127.0.0.1:1"))[0]


def test_a_secured_elasticsearch_that_is_set_up_has_no_failure(examine: Examine, secured: dict[str, str]) -> None:
    findings = examine(**secured)
    assert failures(findings) == []
    assert said(findings, "the certificate is signed by").status == "ok"
    assert said(findings, "may do more than shipping needs: all on the cluster").status == "note"


def test_an_untrusted_certificate_is_a_failure_with_the_setting_to_set(
    examine: Examine, secured: dict[str, str], tmp_path: Path
) -> None:
    findings = examine(**{**secured, "ca_file": str(write_certificates(tmp_path).authority)})
    failed = next(finding for finding in findings if finding.status == "failure")
    assert "certificate is not trusted" in failed.what
    assert "SHIPPER_CA_FILE" in failed.remedy


def test_a_certificate_that_ends_soon_is_a_warning(examine: Examine, secured: dict[str, str]) -> None:
    found = said(examine(**secured), "the server's certificate ends in")
    assert found.status == "warning"
    assert "renewed" in found.remedy


def test_refused_credentials_are_a_failure_and_not_shown(examine: Examine, secured: dict[str, str]) -> None:
    findings = examine(**{**secured, "password": "canary-6a10"})
    assert failures(findings) == ["refuses the credentials (401)"]
    assert "canary" not in str(findings)


def test_a_missing_privilege_is_a_failure_that_says_what_it_is_for(
    examine: Examine, secured: dict[str, str], secured_elasticsearch: Node
) -> None:
    role = {"cluster": ["monitor"], "indices": [{"names": ["logs-*", "metrics-*"], "privileges": ["create_doc"]}]}
    key = secured_elasticsearch.create_api_key("weak", {"weak": role})
    findings = examine(to=secured["to"], ca_file=secured["ca_file"], api_key=key)
    found = said(findings, "lacks the privilege read")
    assert found.status == "failure"
    assert "older backing index" in found.what
    assert "intune_connector_shipper.json" in found.remedy


def test_templates_that_are_missing_are_failures_with_the_command_that_installs_them(
    examine: Examine, elasticsearch_node: Callable[..., Node]
) -> None:
    url = elasticsearch_node(heap_mb=512).url
    findings = [one for one in examine(to=url) if one.what == "is not installed"]
    assert {finding.status for finding in findings} == {"failure"}
    assert {finding.remedy for finding in findings} == {f"shipper setup --to {url}"}


def test_a_template_that_was_changed_by_hand_is_a_warning(
    examine: Examine, elasticsearch_node: Callable[..., Node]
) -> None:
    access = elasticsearch_node(heap_mb=512).access
    body: dict[str, Any] = {"template": {"settings": {"index.number_of_shards": 2}}}
    access.request("PUT", "/_component_template/intune_connector@base", body)
    found = [one for one in examine(to=access.url) if one.where == "intune_connector@base"]
    assert [(one.status, one.what) for one in found] == [("warning", "was changed by hand")]


def test_a_data_stream_behind_this_version_is_a_warning_that_names_the_fields(
    examine: Examine, ready_url: str, fresh_namespace: str
) -> None:
    name = f"logs-intune_connector.events-{fresh_namespace}"
    meta = {"managed_by": "intune-connector-shipper"}
    fields = {"event": {"properties": {"code": {"type": "keyword"}}}}
    body = {
        "index_patterns": [name],
        "data_stream": {},
        "priority": 900,
        "template": {"mappings": {"_meta": meta, "properties": fields}},
    }
    access = Access(ready_url)
    access.request("PUT", f"/_index_template/behind-{fresh_namespace}", body)
    access.request("POST", f"/{name}/_doc", {"@timestamp": "2026-11-23T09:30:00.123Z"})
    found = said(examine(to=ready_url, namespace=fresh_namespace), "fields of this version")
    access.request("DELETE", f"/_index_template/behind-{fresh_namespace}")
    assert found.status == "warning"
    assert found.where.startswith(f".ds-{name}")


@pytest.mark.parametrize(("allowed", "status"), [(False, "failure"), (True, "warning")])
def test_a_data_stream_of_somebody_else_is_a_failure_but_where_that_is_allowed(
    examine: Examine, ready_url: str, fresh_namespace: str, allowed: bool, status: str
) -> None:
    name = f"logs-intune_connector.events-{fresh_namespace}"
    access = Access(ready_url)
    body = {"index_patterns": [name], "data_stream": {}, "priority": 900}
    access.request("PUT", f"/_index_template/foreign-{fresh_namespace}", body)
    findings = examine(to=ready_url, namespace=fresh_namespace, allow_foreign_mapping=allowed)
    access.request("DELETE", f"/_index_template/foreign-{fresh_namespace}")
    assert [finding.status for finding in findings if finding.where == name] == [status]


class TellsTheTime:
    """An Elasticsearch whose clock goes wrong by so many seconds: the real one has ours."""

    target = "https://es.example:9200"

    def __init__(self, ahead_s: float) -> None:
        self._ahead_s = ahead_s

    def ask(self, *_request: object) -> Answer:
        now_ms = int((time.time() + self._ahead_s) * 1000)
        return Answer(200, json.dumps({"nodes": {"a": {"timestamp": now_ms}}}).encode())


@pytest.mark.parametrize(
    ("ahead_s", "status", "part"),
    [(0, "ok", "agree"), (50, "ok", "agree"), (300, "warning", "300 s behind"), (-300, "warning", "300 s ahead of")],
)
def test_clocks_that_differ_by_more_than_a_minute_are_a_warning(ahead_s: float, status: str, part: str) -> None:
    (finding,) = examine_clock(TellsTheTime(ahead_s))  # type: ignore[arg-type]  # (it asks and has a target alone)
    assert finding.status == status
    assert part in finding.what


def test_a_file_to_write_to_in_a_folder_that_does_not_exist_is_a_failure(examine: Examine, tmp_path: Path) -> None:
    assert failures(examine(to=f"ndjson:{tmp_path / 'no' / 'out.ndjson'}")) == ["its folder does not exist"]


def test_a_file_that_can_be_written_is_fine_and_not_made(examine: Examine, tmp_path: Path) -> None:
    findings = examine(to=f"ndjson:{tmp_path / 'out.ndjson'}")
    assert failures(findings) == []
    assert not (tmp_path / "out.ndjson").exists()


def test_what_names_no_sink_is_a_failure_and_is_not_repeated(examine: Examine) -> None:
    findings = examine(to="ftp://me:canary@es")
    assert failures(findings) == ["names no sink"]
    assert "canary" not in str(findings)
