"""The cases that each rule comes with, run by Kibana's side: what the case expects is what the compiled rule finds."""

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from shipper.rules.model import New, Reads
from shipper.testing.parity import Kept, kibana
from shipper.testing.parity.indexing import index
from shipper.testing.parity.searches import Searches
from shipper.testing.rule_cases import Case, Expected
from tests.parity.stage import Stage
from tests.rules.case import all_cases, rules

if TYPE_CHECKING:
    import elasticsearch

NAMESPACE = f"cases{uuid.uuid4().hex[:8]}"
CASES = {f"{case.rule_id}-{case.number}": case for case in all_cases(NAMESPACE)}


def documents(cases: Iterator[Case]) -> Iterator[Kept]:
    """Yield the documents of the cases, once each; that a copy is the same document is the index's to see to."""
    seen = set()
    for one in (document for case in cases for document in case.documents):
        if one.id not in seen:
            seen.add(one.id)
            reads: Reads = "metrics" if one.stream.startswith("metrics") else "events"
            yield Kept(one.id, one.time_ms, reads, one.body)


@pytest.fixture(scope="session")
def indexed(es: "elasticsearch.Elasticsearch", stage: Stage) -> "elasticsearch.Elasticsearch":
    """Return the client, when the documents of all cases are there; the corpus has installed the mappings."""
    assert stage.compiled
    index(es, documents(iter(CASES.values())), NAMESPACE)
    return es


@pytest.mark.parametrize("name", CASES)
def test_the_compiled_rule_finds_what_a_case_expects(
    name: str, indexed: "elasticsearch.Elasticsearch", stage: Stage
) -> None:
    case = CASES[name]
    searches = Searches(indexed, NAMESPACE, {"term": {"labels.case": f"{case.rule_id}/{case.number}"}})
    rule = rules()[case.rule_id]
    # Kibana calls new what is later than the beginning of a run, not what is at it; its runs overlap.
    t0_ms = case.t0_ms - 1 if isinstance(rule.looks_for, New) else case.t0_ms
    found = kibana.run(searches, rule, stage.compiled[rule.id], t0_ms, case.t1_ms)

    assert sorted(Expected(group, tuple(sorted(ids))) for group, ids in found.items()) == list(case.expected)
