import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shipper.kibana.asking import Question, Row, questions
from shipper.kibana.asking.aggregation import MISSING
from shipper.kibana.build import build
from shipper.kibana.spec import load
from tests.kibana.panels import table
from tests.kibana.panels.corpus import ENDED_REQUEST, HOST, UNNAMED_FAILURES

SPEC = load()
ASKED = list(questions(build(SPEC)))
PAGE = Path(__file__).parents[3] / "docs/how-to/dashboards.md"

Answers = Mapping[tuple[str, str], list[Row]]


@pytest.mark.parametrize("question", ASKED, ids=lambda one: f"{one.board}/{one.panel}")
def test_every_panel_is_answered_with_rows_that_tell_something(question: Question, answers: Answers) -> None:
    rows = answers[question.board, question.panel]

    assert any(row.tells for row in rows)


def test_every_panel_that_asks_has_a_note_for_the_documentation() -> None:
    asking = {(one.board, one.panel) for one in ASKED}
    notes = {(board.id, panel.id): panel.note for board in SPEC.boards for panel in board.panels}
    assert all(notes[place] for place in asking)
    assert len(set(asking)) == len(ASKED)


def test_the_documented_table_names_every_panel(answers: Answers) -> None:
    made = table.written(SPEC, ASKED, answers)
    if os.environ.get("PANEL_TABLE") == "write":
        PAGE.write_text(table.refreshed(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")

    shown = table.in_page(PAGE.read_text(encoding="utf-8"))

    assert table.without_rows(shown) == table.without_rows(made), "PANEL_TABLE=write makes it again"


def test_a_request_counts_once(answers: Answers) -> None:
    (share,) = answers["intune-connector-overview", "share-failed"]
    by_outcome = answers["intune-connector-overview", "by-operation"]
    failed = sum(row.values["m1"] or 0 for row in by_outcome if "failure" in row.keys)
    requests = sum(row.values["m1"] or 0 for row in by_outcome)

    (metric,) = answers["intune-connector-failures", "failed"]

    assert metric.values["m1"] == failed
    assert share.values["m1"] == failed / requests
    assert metric.values["m2"], "attempts are counted apart"


def test_the_dashboards_find_the_incidents_of_the_week(answers: Answers) -> None:
    rows = answers["intune-connector-failures", "causes"]

    causes = {row.keys[5]: row for row in rows}

    assert {"CRPSCEPChallenge_Expired", "CRPSCEPSigningCert_NotFound", "RPC_S_SERVER_UNAVAILABLE"} <= set(causes)
    unexplained = {("1001", None), ("4001", None), ("20102", "0x00000777")}
    assert all(row.keys[-1] for row in rows if row.keys[3:5] not in unexplained), "each has a remedy"


@pytest.mark.parametrize(
    ("board", "panel", "failures"),
    [
        ("failures", "cause-by-time", 2 * UNNAMED_FAILURES),
        ("failures", "cause-by-host", 2 * UNNAMED_FAILURES),
        ("overview", "failed-by-cause", 2 * UNNAMED_FAILURES),
    ],
)
def test_failures_without_a_reason_stand_among_the_causes(
    board: str, panel: str, failures: int, answers: Answers
) -> None:
    rows = answers[f"intune-connector-{board}", panel]

    unnamed = sum(row.values["m1"] or 0 for row in rows if MISSING in row.keys)

    assert unnamed >= failures
    (everything,) = answers["intune-connector-failures", "failed"]
    assert sum(row.values["m1"] or 0 for row in rows) == everything.values["m1"]


def test_the_overview_says_how_many_certificates_each_connector_issued(answers: Answers) -> None:
    rows = answers["intune-connector-overview", "connectors-table"]
    (everywhere,) = answers["intune-connector-overview", "issued"]

    issued = {row.keys[0]: row.values["m2"] for row in rows}

    assert issued[HOST]
    assert sum(number or 0 for number in issued.values()) == everywhere.values["m1"]


def test_the_catalog_misses_name_the_code(answers: Answers) -> None:
    rows = {row.keys[1]: row.keys for row in answers["intune-connector-shipper", "misses"]}

    assert rows["20102"][2] == "0x00000777"
    assert rows["1999"][2] is None


def test_the_bars_of_the_lifecycle_do_not_mix_the_generations_in_one_step_alone(answers: Answers) -> None:
    by_step = {panel: [one["filter"]["query"] for one in columns(panel) if "filter" in one]
               for panel in ("pkcs-steps", "revoke-steps")}  # fmt: skip

    for steps in by_step.values():
        assert len({"Cert" in step for step in steps}) == 1, steps
    received, *_ = (one["filter"]["query"] for one in columns("scep-steps") if "filter" in one)
    assert "CRPVerifyMetric_Success" in received
    assert "*" not in received, "a refused challenge is no request that was received"
    table = answers["intune-connector-lifecycle", "steps-by-host"]
    assert any(row.values["m2"] for row in table if row.keys == ("ndes01.corp.example", "pkcs"))


def columns(panel: str) -> list[dict[str, Any]]:
    """Return the columns of a panel of the lifecycle."""
    (layer,) = (one.layer for one in ASKED if one.board == "intune-connector-lifecycle" and one.panel == panel)
    return list(layer["columns"].values())


def test_requests_that_got_stuck_are_listed_and_those_that_ended_are_not(answers: Answers) -> None:
    rows = answers["intune-connector-lifecycle", "open"]

    assert len(rows) == 8
    assert ENDED_REQUEST not in {row.keys[-1] for row in rows}, "its last event names no device"
    assert {row.keys[1] for row in rows} == {"pkcs", "scep"}
    assert all(int(row.keys[0]) >= 90 for row in rows)


def test_what_happens_to_one_request_takes_as_long_as_it_was_written(answers: Answers) -> None:
    rows = {row.keys[:2]: row.keys for row in answers["intune-connector-lifecycle", "durations"]}

    requests, done, _, back, _ = rows["pkcs-import", "pki01.corp.example"][2:]

    assert (requests, done, back) == (4, 20.0, 40.0)


def test_counters_of_a_shipper_are_added_up_over_its_runs_and_not_over_its_heartbeats(answers: Answers) -> None:
    rows = {row.keys[0]: row.keys for row in answers["intune-connector-shipper", "shippers-table"]}

    assert rows["ndes01.corp.example"][3:6] == (1, 40 * 179, 40 * 179)
