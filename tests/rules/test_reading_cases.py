"""Files of cases are read as docs/how-to/write-a-rule.md says, and refused with a reason."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipper.errors import ConfigError
from shipper.testing.rule_cases import Case, Expected, load_cases
from tests.rules.case import rules

BURST = rules()["host-failure-burst"]
LATE = "2026-11-28T12:00:00Z"


def read(folder: Path, text: str, rule_id: str = BURST.id) -> Case:
    (folder / f"{rule_id}.toml").write_text(text, encoding="utf-8")
    (case,) = load_cases(rules()[rule_id], folder, "ns")
    return case


def bodies(case: Case) -> list[dict[str, Any]]:
    return [msgspec.json.decode(document.body) for document in case.documents]


def one(documents: str, more: str = "") -> str:
    return f'[[cases]]\nname = "c"\ndocuments = [{documents}]\n{more}\n'


def test_a_row_of_documents_is_numbered_in_ids_times_and_values(tmp_path: Path) -> None:
    row = '{ at = "-1m30s", id = "r", times = 3, every = "1m30s", "device.id" = "d{n}" }'
    case = read(tmp_path, one(row, f"t1 = {LATE}"))
    assert [document.id for document in case.documents] == [f"{BURST.id}.1.r{number}" for number in (1, 2, 3)]
    assert [document.time_ms - case.t1_ms for document in case.documents] == [-90_000, 0, 90_000]
    assert [(body["@timestamp"], body["device"]["id"]) for body in bodies(case)] == [
        ("2026-11-28T11:58:30.000Z", "d1"),
        ("2026-11-28T12:00:00.000Z", "d2"),
        ("2026-11-28T12:01:30.000Z", "d3"),
    ]


def test_the_catalog_fills_in_what_an_id_decides_but_for_another_program(tmp_path: Path) -> None:
    both = '{ at = "-1m", "event.code" = "1001" }, { at = "-1m", "event.code" = "1001", "event.provider" = "Other" }'
    ours, foreign = bodies(read(tmp_path, one(both)))
    assert ours["intune_connector"]["counts_as"] == "request"
    assert ours["event"]["outcome"] == "failure"
    assert "intune_connector" not in foreign


def test_what_a_case_says_goes_before_what_it_is_like_and_before_the_catalog(tmp_path: Path) -> None:
    like = '[documents.x]\n"event.code" = "1001"\n"user.id" = "u"\n"host.name" = "h"\n'
    listed = one('{ like = "x", at = "-1m", "user.id" = "v", "event.outcome" = "success", without = ["host.name"] }')
    (body,) = bodies(read(tmp_path, like + listed))
    assert (body["user"]["id"], body["event"]["outcome"], "host" in body) == ("v", "success", False)


def test_an_execution_is_as_long_as_the_rule_counts_or_an_hour(tmp_path: Path) -> None:
    text = one('{ at = "-1m" }')
    assert _length_ms(read(tmp_path, text)) == 30 * 60_000
    assert _length_ms(read(tmp_path, text, "pkcs-request-failed")) == 60 * 60_000
    assert _length_ms(read(tmp_path, text + 'span = "2h"')) == 120 * 60_000


def _length_ms(case: Case) -> int:
    return case.t1_ms - case.t0_ms


def test_the_group_is_the_usual_one_where_none_is_named(tmp_path: Path) -> None:
    case = read(tmp_path, one('{ at = "-1m" }', 'finds = [{ ids = ["b", "a1..2"] }]'))
    ids = tuple(f"{BURST.id}.1.{name}" for name in ("a1", "a2", "b"))
    assert case.expected == (Expected(("pki01.contoso.example",), ids),)


def test_documents_name_the_data_stream_of_their_rule(tmp_path: Path) -> None:
    text = one('{ at = "-1m" }')
    of_events, of_metrics = read(tmp_path, text), read(tmp_path, text, "heartbeat-lost")
    assert of_events.documents[0].stream == "logs-intune_connector.events-ns"
    assert of_metrics.documents[0].stream == "metrics-intune_connector.shipper-ns"
    assert [body["data_stream"]["type"] for case in (of_events, of_metrics) for body in bodies(case)] == [
        "logs",
        "metrics",
    ]


@pytest.mark.parametrize(
    "text",
    [
        one('{ at = "10m" }'),
        one('{ at = "-10x" }'),
        one('{ like = "nobody", at = "-1m" }'),
        one('{ "event.code" = "1001" }'),
        one('{ at = "-1m" }', "find = []"),
        one('{ at = "-1m" }', 'span = "soon"'),
        "cases = 1",
        "[[cases",
    ],
)
def test_a_file_that_holds_no_cases_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"host-failure-burst\.toml.*holds no cases"):
        read(tmp_path, text)


def test_a_rule_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no cases"):
        load_cases(BURST, tmp_path)
