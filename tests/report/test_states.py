"""When a connector is failing or stopped though no request failed, and how the page says it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipper.catalog import Language
from shipper.report.page import write_page
from shipper.report.page.head import verdict
from shipper.report.page.summary import sentences
from shipper.report.words import words
from shipper.testing.reports import document, look

Write = Callable[[Sequence[dict[str, Any]]], Path]


def exchange(number: int, outcome: str = "failure", **told: Any) -> dict[str, Any]:
    """Return the last word on an exchange of the old connector with Intune; by itself it failed."""
    code = {"failure": "20402", "success": "20400"}[outcome]
    kind = {"schema": "legacy", "operation": "transfer", "stage": "download", "counts_as": "attempt"}
    body = document(number, event={"code": code, "action": "download", "outcome": outcome}, intune_connector=kind)
    del body["error"]
    return {**body, **told}


def service(number: int, stage: str) -> dict[str, Any]:
    kind = {"schema": "legacy", "operation": "service", "stage": stage, "counts_as": "lifecycle"}
    code = {"start": "10010", "stop": "10020"}[stage]
    return document(number, event={"code": code, "action": stage, "outcome": "success"}, intune_connector=kind)


def test_nothing_but_failed_downloads_is_no_healthy_connector(write: Write) -> None:
    found = look(str(write([exchange(number) for number in range(20)])))
    connector = found.connectors[0]
    assert (connector.state, connector.failed_steps, connector.worst_cause) == ("failing", 20, "20402")
    assert verdict(found, words("en")) == "The connector is failing"
    page = write_page(found, "en")
    assert "Do this first:" in page
    assert "a step failed 20 times" in page


def test_steps_that_succeed_more_often_than_they_fail_are_no_failing_connector(write: Write) -> None:
    bad = [exchange(number) for number in range(5)]
    good = [exchange(number, "success") for number in range(5, 11)]
    assert look(str(write([*bad, *good]))).connectors[0].state == "healthy"
    assert look(str(write([*bad, *good[:5]]))).connectors[0].state == "failing"


def test_two_failed_steps_are_no_failing_connector(write: Write) -> None:
    assert look(str(write([exchange(0), exchange(1)]))).connectors[0].state == "healthy"


def test_failed_steps_of_the_day_before_are_past(write: Write) -> None:
    bad = [exchange(number) for number in range(5)]
    assert look(str(write([*bad, exchange(40, "success")]))).connectors[0].state == "healthy"


def test_tries_that_are_repeated_are_no_failing_connector(write: Write) -> None:
    tries = [exchange(number) for number in range(5)]
    for one in tries:
        one["intune_connector"]["final"] = False
    assert look(str(write(tries))).connectors[0].state == "healthy"


def test_a_connector_whose_service_stopped_last_is_stopped(write: Write) -> None:
    found = look(str(write([exchange(0, "success"), service(1, "stop")])))
    assert found.connectors[0].state == "stopped"
    assert verdict(found, words("en")) == "The connector has been stopped"
    assert "state-stopped" in write_page(found, "it")


def test_a_connector_that_started_again_is_not_stopped(write: Write) -> None:
    assert look(str(write([service(0, "stop"), service(1, "start")]))).connectors[0].state == "healthy"


@pytest.mark.parametrize(
    ("lang", "live", "said"),
    [
        ("en", True, "The connector is healthy now, after 1 failed request"),
        ("en", False, "The connector is healthy at the end of the period, after 1 failed request"),
        ("it", False, "Il connettore è in salute alla fine del periodo, dopo 1 richiesta non riuscita"),
    ],
)
def test_a_verdict_on_files_is_about_their_end(write: Write, lang: Language, live: bool, said: str) -> None:
    found = msgspec.structs.replace(look(str(write([document(0)]))), is_live=live)
    assert verdict(found, words(lang)) == said


def test_one_of_several_connectors_is_said_with_their_number(write: Write) -> None:
    other = exchange(5, "success", host={"name": "pki02"})
    found = look(str(write([*(exchange(number) for number in range(5)), other])))
    assert verdict(found, words("en")) == "1 of 2 connectors is failing"


@pytest.mark.parametrize(("schema", "asked"), [("legacy", False), ("unified", True)])
def test_a_missing_channel_is_asked_for_where_the_unified_connector_wrote(
    write: Write,
    schema: str,
    asked: bool,
) -> None:
    one = exchange(0, "success")
    one["intune_connector"]["schema"] = schema
    told = " ".join(sentences(look(str(write([one]))), words("en")))
    assert ("Operational" in told) is asked


def test_the_week_ends_healthy(found: Any) -> None:
    assert {connector.failed_steps for connector in found.connectors} == {0}
