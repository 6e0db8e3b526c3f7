"""What a person is told: from the rule and from the catalog."""

from collections.abc import Callable

import pytest

from shipper.catalog import Language
from shipper.rules.loading import load_rules
from shipper.rules.model import Condition, Count, Hours, New, Rule, Silence, Unanswered
from shipper.rules.targets import guide, matched_kql
from shipper.rules.targets.names import generations
from shipper.rules.targets.words import in_words

MakeRule = Callable[..., Rule]
SHIPPED = load_rules()
_SEE: dict[Language, str] = {"en": "See the events", "it": "Vedere gli eventi"}


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: rule.id)
def test_a_guide_says_all_that_the_rule_says_in_both_languages(rule: Rule) -> None:
    for language, text in rule.text.items():
        told = guide(rule, language)
        assert all(sentence in told for sentence in (text.why, *text.first_steps, *rule.limits))
        assert ("## Cosa fare" if language == "it" else "## What to do") in told or not rule.advice_from


def test_the_advice_of_the_catalog_stands_once_for_all_that_share_it(make_rule: MakeRule) -> None:
    told = guide(make_rule(advice_from=("1001", "4009", "1051", "1001")))
    assert told.count("**1001 PkcsRequestFailure**, **1051 PkcsIssuedFailedAttempt**\n\n- ") == 1
    assert told.count("**") == 2 * 3


def test_a_guide_has_no_heading_without_a_text(make_rule: MakeRule) -> None:
    assert [line for line in guide(make_rule()).splitlines() if line.startswith("#")] == [
        "## Why this matters",
        "## First steps",
        "## See the events",
    ]


def test_a_rule_with_hours_has_no_kql(make_rule: MakeRule) -> None:
    rule = make_rule({"outside": (Hours(begin=8, end=18),)})
    assert matched_kql(rule) is None


def test_the_guide_of_a_rule_with_hours_gives_the_query_without_them_and_says_so(make_rule: MakeRule) -> None:
    where = {"equals": {"event.code": "1"}}
    timed, plain = make_rule({**where, "outside": (Hours(begin=8, end=18),)}), make_rule(where)
    english, italian = (guide(timed, language).partition(heading)[2] for language, heading in _SEE.items())
    assert english.startswith("\n\nThis query cannot say hours")
    assert italian.startswith("\n\nQuesta query non può indicare gli orari")
    assert f"```\n{matched_kql(plain)}\n```" in english
    assert "cannot say hours" not in guide(plain)


def test_the_kql_is_that_of_the_opening_documents_with_their_group(make_rule: MakeRule) -> None:
    answer = Condition(equals={"event.code": "2"})
    looks_for = Unanswered(by=("host.name",), answer=answer, within="1h", look_back="1d")
    rule = make_rule({"equals": {"event.code": "1"}, "missing": ("user.id",)}, looks_for)
    assert matched_kql(rule) == (
        'event.dataset: "intune_connector.events" and not tags: "backfill" and event.code: "1" '
        "and not user.id: * and host.name: *"
    )


@pytest.mark.parametrize(
    ("looks_for", "words"),
    [
        (Count(by=("host.name",), at_least=3, within="1h"), ": 3 or more within 1h, for each `host.name`"),
        (
            Count(at_least=3, within="1h", distinct="device.id"),
            ": 3 or more different `device.id` within 1h",
        ),
        (New(values_of=("host.name", "user.id"), not_seen_for="7d"), ": `host.name` and `user.id` not seen for 7d"),
        (
            Silence(by=("host.name",), longer_than="1h", look_back="1d"),
            ": none for more than 1h, for each `host.name`",
        ),
        (
            Unanswered(by=("host.name",), answer=Condition(exists=("user.id",)), within="1h", look_back="1d"),
            "; within 1h not followed by `user.id` is there, for each `host.name`",
        ),
    ],
)
def test_a_rule_is_told_in_words(looks_for: object, words: str, make_rule: MakeRule) -> None:
    assert in_words(make_rule(looks_for=looks_for)) == f"`event.code` is 20102{words}"


def test_a_condition_is_told_in_words(make_rule: MakeRule) -> None:
    where = {
        "equals_none": {"event.code": ("1", "2")},
        "missing": ("user.id",),
        "at_least": {"event.severity": 47},
        "outside": (Hours(begin=6, end=20, days=(1, 2)), Hours(end=5)),
    }
    assert in_words(make_rule(where)) == (
        "`event.code` is not 1 or 2 and `user.id` is missing and `event.severity` is 47 or more and it is not Mon, Tue "
        "06:00 to 20:00 UTC and it is not 00:00 to 05:00 UTC"
    )


@pytest.mark.parametrize(
    ("equals", "expected"),
    [
        ({"intune_connector.schema": "legacy", "event.code": "1001"}, ("legacy",)),
        ({"winlog.channel": "Microsoft-Intune-CertificateConnectors/Admin"}, ("unified",)),
        ({"winlog.channel": "System"}, ()),
        ({"event.code": ("20102", "1001")}, ("legacy", "unified")),
        ({"event.code": "20102"}, ("legacy",)),
        ({"event.outcome": "failure"}, ("legacy", "unified")),
    ],
)
def test_the_generation_follows_from_what_the_condition_names(
    equals: dict[str, str], expected: tuple[str, ...], make_rule: MakeRule
) -> None:
    assert generations(make_rule({"equals": equals})) == expected


def test_heartbeats_are_of_no_generation(make_rule: MakeRule) -> None:
    assert generations(make_rule(reads="metrics")) == ()
