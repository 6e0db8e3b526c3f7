"""Each rule finds what its cases say: in one execution, and in the stream."""

from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest
from msgspec.structs import replace

from shipper.assets import Body
from shipper.rules.evaluator import Evaluator
from shipper.rules.execution import execute
from shipper.rules.fields import known_fields
from shipper.rules.model import New, Rule, Seen
from shipper.rules.seeing import Viewer
from shipper.testing.rule_cases import Case, Expected
from tests.rules.case import FOLDER, all_cases, rules

CASES = list(all_cases())
STREAMED = [case for case in CASES if case.stream == "same"]
_AT_LEAST_OF_EACH = 2


def _name(case: Case) -> str:
    return f"{case.rule_id}-{case.number}"


def _seen(rule: Rule, case: Case) -> list[Seen]:
    viewer = Viewer([rule])
    viewed = [viewer.view(document.body) for document in case.documents]
    assert viewer.counts.unreadable == viewer.counts.untimed == 0
    return [seen for seen in viewed if seen is not None]


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_an_execution_finds_what_the_case_says(case: Case) -> None:
    rule = rules()[case.rule_id]
    found = execute(rule, _seen(rule, case), case.t0_ms, case.t1_ms)
    assert sorted(Expected(one.group, tuple(sorted(one.ids))) for one in found) == list(case.expected), case.name


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_the_order_of_the_documents_does_not_matter(case: Case) -> None:
    rule = rules()[case.rule_id]
    seen = _seen(rule, case)
    assert execute(rule, seen, case.t0_ms, case.t1_ms) == execute(rule, seen[::-1], case.t0_ms, case.t1_ms)


@pytest.mark.parametrize("case", STREAMED, ids=_name)
def test_the_stream_raises_alerts_for_the_groups_of_the_case(case: Case) -> None:
    rule = _impatient(rules()[case.rule_id])
    seen = sorted(_seen(rule, case), key=lambda one: one.time_ms)
    evaluator = Evaluator([rule])
    evaluator.see([one for one in seen if isinstance(rule.looks_for, New) and one.time_ms < case.t0_ms])
    alerts = evaluator.see([one for one in seen if one.time_ms >= case.t0_ms or not isinstance(rule.looks_for, New)])
    alerts += evaluator.advance(case.t1_ms)
    assert {alert.finding.group for alert in alerts} == {one.group for one in case.expected}, case.name


def _impatient(rule: Rule) -> Rule:
    """Return a rule that neither learns nor keeps quiet, since a case is told within a moment."""
    wanted = rule.looks_for
    return replace(
        rule, quiet_for="0s", looks_for=replace(wanted, learn_for="0s") if isinstance(wanted, New) else wanted
    )


@pytest.mark.parametrize("rule_id", rules())
def test_a_rule_has_two_cases_in_which_it_fires_and_two_near_misses(rule_id: str) -> None:
    of_it = [case for case in CASES if case.rule_id == rule_id]
    outcomes = Counter(bool(case.expected) for case in of_it)
    assert outcomes[True] >= _AT_LEAST_OF_EACH <= outcomes[False]
    assert all(case.name.startswith("near miss: ") != bool(case.expected) for case in of_it)
    assert len({case.name for case in of_it}) == len(of_it)


def test_every_file_of_cases_is_of_a_rule() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(rules())


def test_ids_are_unique_over_all_cases() -> None:
    owners = Counter(document_id for case in CASES for document_id in {document.id for document in case.documents})
    assert not [document_id for document_id, owned in owners.items() if owned > 1]


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_documents_have_only_fields_that_the_shipper_writes(case: Case) -> None:
    known = set(known_fields(rules()[case.rule_id].reads)) | {"labels.case"}
    for document in case.documents:
        assert set(_leaves(msgspec.json.decode(document.body))) <= known


def _leaves(body: Body, path: str = "") -> Iterator[str]:
    for name, value in body.items():
        yield from _leaves(value, f"{path}{name}.") if isinstance(value, dict) else (path + name,)
