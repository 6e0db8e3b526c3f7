import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tell = Callable[..., Any]
Log = Callable[[int], Path]


def test_a_check_without_a_failure_is_0_and_shows_each_finding(tell: Tell, connector_log: Log) -> None:
    log = connector_log(3)
    told = tell("check", log)
    assert told.code == 0
    assert log.name in "".join(told.out.split())
    assert "looked at: 0 failures" in told.out


def test_a_check_with_a_failure_is_1_and_shows_the_remedy(tell: Tell) -> None:
    told = tell("check", "--to", "nowhere")
    assert told.code == 1
    assert "FAILURE" in told.out
    assert "names no sink" in told.out
    assert "1 failure" in told.out


def test_json_is_a_list_of_findings_and_nothing_else(tell: Tell, connector_log: Log) -> None:
    told = tell("check", connector_log(3), "--json")
    findings = json.loads(told.out)
    assert {frozenset(finding) for finding in findings} == {frozenset({"status", "what", "where", "remedy"})}
    assert told.err == ""


def test_a_configuration_that_cannot_be_loaded_is_a_finding(tell: Tell, tmp_path: Path) -> None:
    told = tell("check", "--config", tmp_path / "absent.toml", "--json")
    assert told.code == 1
    assert [finding["status"] for finding in json.loads(told.out)] == ["failure"]


def test_a_flag_that_does_not_exist_is_bad_usage(tell: Tell) -> None:
    assert tell("check", "--nonsense").code == 2


def test_variables_are_taken_as_ship_takes_them(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPPER_TO", "nowhere")
    assert "names no sink" in tell("check").out


def test_a_hostile_name_of_a_file_is_harmless_on_the_terminal(tell: Tell, tmp_path: Path) -> None:
    told = tell("check", tmp_path / "a\x1b[31mred.evtx")
    assert "\x1b[31mred" not in told.out


def test_nothing_is_written(tell: Tell, connector_log: Log, tmp_path: Path) -> None:
    log = connector_log(3)
    before = sorted(tmp_path.rglob("*"))
    tell("check", log, "--state", tmp_path / "state", "--to", f"ndjson:{tmp_path / 'out.ndjson'}")
    assert sorted(tmp_path.rglob("*")) == before
