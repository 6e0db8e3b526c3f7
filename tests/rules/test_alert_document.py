"""The document of an alert: what it says, and that nothing an event holds spoils it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.ecs import EcsSettings
from shipper.model import INGESTED_PLACEHOLDER, INGESTED_WIDTH
from shipper.rules.alert import Alert, alert_id
from shipper.rules.alert_document import MOST_IDS, alert_document
from shipper.rules.model import Count, Finding, LooksFor, Match, New, Rule, Silence, Technique, Unanswered
from shipper.rules.reason import reason
from tests.rules.samples import ANSWERED, DAY_MS, MINUTE_MS, rule

AGENT = EcsSettings(agent_name="shipper01", agent_id="i", agent_ephemeral_id="e")
HOST = ("host.name",)
COUNT = rule(Count(by=HOST, at_least=2, within="30m"), references=("https://example.org/a", "https://example.org/b"))


def alert(one: Rule, group: tuple[str, ...] = ("a",), count: int = 2, **shown: Any) -> Alert:
    ids = tuple(f"d{number}" for number in range(count))
    finding = Finding(one.id, group, ids, count, DAY_MS, DAY_MS + MINUTE_MS)
    fields = {name.replace("__", "."): value for name, value in shown.items()}
    return Alert(one, finding, DAY_MS + MINUTE_MS, alert_id(one.id, *group), fields)


def document(given_alert: Alert, lang: Any = "en") -> dict[str, Any]:
    built = alert_document(given_alert, namespace="default", lang=lang, agent=AGENT)
    body: dict[str, Any] = json.loads(built.body)
    return body


def test_it_goes_to_the_data_stream_of_alerts_under_the_id_of_the_alert() -> None:
    one = alert(COUNT)
    built = alert_document(one, namespace="site", lang="en", agent=AGENT)
    assert (built.id, built.data_stream) == (one.id, "logs-intune_connector.alerts-site")
    assert str(built.position) == "rule some-rule"


def test_ingested_is_where_a_sink_writes_it() -> None:
    built = alert_document(alert(COUNT), namespace="site", lang="en", agent=AGENT)
    place = slice(built.ingested_at, built.ingested_at + INGESTED_WIDTH)
    assert built.body[place].decode() == INGESTED_PLACEHOLDER


def test_it_says_what_was_found_and_by_which_rule() -> None:
    body = document(alert(COUNT, host__name="a", error__code="0x00000400"))
    assert body["event"] | {"ingested": ""} == {
        "ingested": "",
        "kind": "alert",
        "module": "intune_connector",
        "dataset": "intune_connector.alerts",
        "provider": "intune-connector-shipper",
        "id": alert_id("some-rule", "a"),
        "created": "2026-11-24T00:01:00.000Z",
        "severity": 35,
        "reason": "Something failed: 2 events within 30 minutes (host.name a).",
    }
    assert body["message"] == body["event"]["reason"]
    assert body["rule"] == {
        "id": "some-rule",
        "name": "Something failed",
        "description": "It matters.",
        "category": "failure",
        "version": "1",
        "reference": "https://example.org/a",
    }
    assert body["intune_connector"]["alert"] == {
        "severity": "medium",
        "count": 2,
        "event_ids": ["d0", "d1"],
        "first_seen": "2026-11-24T00:00:00.000Z",
        "last_seen": "2026-11-24T00:01:00.000Z",
        "group": ["a"],
        "group_by": ["host.name"],
        "resolution": "Look at it.",
    }
    assert (body["host"], body["error"], body["log"]) == ({"name": "a"}, {"code": "0x00000400"}, {"level": "warning"})
    assert body["agent"]["name"] == "shipper01"
    assert "threat" not in body


def test_what_is_shown_stands_where_it_stands_in_an_event() -> None:
    body = document(
        alert(
            COUNT,
            device__id="d",
            user__id="u",
            intune_connector__ca__name="c",
            intune_connector__certificate__template_name="t",
            intune_connector__operation="pkcs",
            intune_connector__diagnostic__code="0x00000400",
            intune_connector__error__hresult="0x800706BA",
        )
    )
    ours = body["intune_connector"]
    assert (body["device"], body["user"]) == ({"id": "d"}, {"id": "u"})
    assert (ours["ca"], ours["certificate"]) == ({"name": "c"}, {"template_name": "t"})
    assert (ours["operation"], ours["diagnostic"]) == ("pkcs", {"code": "0x00000400"})
    assert ours["error"] == {"hresult": "0x800706BA"}


def test_an_attack_is_named_with_tactic_and_technique() -> None:
    technique = Technique(
        tactic_id="TA0006", tactic="Credential Access", technique_id="T1649", technique="Steal or Forge Certificates"
    )
    body = document(alert(rule(nature="attack", threat=(technique, technique))))
    assert body["threat"] == {
        "framework": "MITRE ATT&CK",
        "tactic": {"id": ["TA0006"], "name": ["Credential Access"]},
        "technique": {"id": ["T1649"], "name": ["Steal or Forge Certificates"]},
    }


def test_a_match_has_no_group() -> None:
    body = document(alert(rule(Match(by=HOST)), ("d0",), 1, host__name="a"))
    assert "group" not in body["intune_connector"]["alert"]
    assert "group_by" not in body["intune_connector"]["alert"]


def test_of_thousands_of_documents_the_first_hundred_are_named() -> None:
    details = document(alert(COUNT, count=5000))["intune_connector"]["alert"]
    assert details["count"] == 5000
    assert details["event_ids"] == [f"d{number}" for number in range(MOST_IDS)]


def test_when_it_was_created_may_be_said() -> None:
    built = alert_document(alert(COUNT), namespace="n", lang="en", agent=AGENT, created_ms=DAY_MS)
    assert json.loads(built.body)["event"]["created"] == "2026-11-24T00:00:00.000Z"


ADVISED = rule(Count(by=HOST, at_least=2, within="1h"), advice_from=("20102", "20302"))


@pytest.mark.parametrize(
    ("shown", "cause"),
    [
        ({"intune_connector__diagnostic__code": "0x00000411", "event__code": "20102"}, "challenge"),
        ({"intune_connector__error__hresult": "0x800706BA"}, "RPC"),
        ({"intune_connector__diagnostic__code": "0x00000000", "event__code": "20302"}, "upload"),
        ({"intune_connector__diagnostic__code": "0xDEADBEEF", "event__code": "20302"}, "upload"),
        ({"event__code": "20102"}, "PKCS"),
    ],
)
def test_cause_and_remedy_are_of_what_the_documents_share(shown: dict[str, Any], cause: str) -> None:
    details = document(alert(ADVISED, **shown))["intune_connector"]["alert"]
    assert cause in details["cause"]
    assert details["resolution"] != "Look at it."


def test_without_anything_shared_the_advice_is_of_all_that_the_rule_is_about() -> None:
    whole = document(alert(ADVISED))["intune_connector"]["alert"]
    for code in ADVISED.advice_from:
        one = document(alert(ADVISED, event__code=code))["intune_connector"]["alert"]
        assert one["cause"].partition(". ")[0] in whole["cause"]


def test_advice_and_texts_are_in_the_language_asked() -> None:
    body = document(alert(COUNT), "it")
    assert body["rule"]["name"] == "Qualcosa non va"
    assert body["event"]["reason"] == "Qualcosa non va: 2 eventi in 30 minuti (host.name a)."
    assert body["intune_connector"]["alert"]["resolution"] == "Guardare."


@pytest.mark.parametrize(
    ("looks_for", "count", "english", "italian"),
    [
        (Match(by=HOST), 1, "Something failed.", "Qualcosa non va."),
        (
            Unanswered(by=HOST, answer=ANSWERED, within="1h", look_back="2h"),
            1,
            "Something failed: 1 event without a follow-up within 1 hour (host.name a).",
            "Qualcosa non va: 1 evento senza seguito entro 1 ora (host.name a).",
        ),
        (
            New(values_of=HOST, not_seen_for="30d"),
            1,
            "Something failed: not seen for 30 days (host.name a).",
            "Qualcosa non va: assente da 30 giorni (host.name a).",
        ),
        (
            Silence(by=HOST, longer_than="90s", look_back="1d"),
            1,
            "Something failed: no sign for more than 90 seconds (host.name a).",
            "Qualcosa non va: nessun segnale da più di 90 secondi (host.name a).",
        ),
    ],
)
def test_the_reason_is_one_sentence_in_either_language(
    looks_for: LooksFor, count: int, english: str, italian: str
) -> None:
    one = alert(rule(looks_for), count=count)
    assert (reason(one, "en"), reason(one, "it")) == (english, italian)


HOSTILE = st.text(st.characters(exclude_categories=()), max_size=40)


@settings(deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_of_an_event_spoils_the_document(group: str, shown: str, identity: str) -> None:
    finding = Finding("some-rule", (group,), (identity,), 1, DAY_MS, DAY_MS)
    fields = dict.fromkeys(("host.name", "error.code", "intune_connector.diagnostic.code", "event.code"), shown)
    body = document(Alert(COUNT, finding, DAY_MS, alert_id(group, identity), fields))
    assert body["event"]["reason"].isprintable()
    assert len(body["event"]["reason"]) <= 1000


def test_a_huge_name_is_shortened_where_it_is_told_and_whole_where_it_is_data() -> None:
    name = "x" * 100_000
    body = document(alert(COUNT, (name,), host__name=name))
    assert len(body["message"]) < 300
    assert body["host"]["name"] == name


def test_ids_depend_on_every_part_and_on_where_it_ends() -> None:
    assert len({alert_id("a", "bc"), alert_id("ab", "c"), alert_id("abc"), alert_id("a", "b", "c")}) == 4
    assert alert_id("some-rule", "x") == "ncTl1nmZqdBlOQHibrjR"
