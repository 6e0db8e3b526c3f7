"""What other targets look at: the same documents as the rule."""

from pathlib import Path

import pytest
import yaml

from shipper import assets
from shipper.kibana.kql import parse, to_dsl
from shipper.rules.model import INDEX_PATTERNS, Rule
from shipper.rules.targets.kql import matched_kql
from shipper.testing.sigma import sigma_lucene
from tests.parity.stage import RULES, Stage
from tests.parity.table import Book

FOLDER = Path(str(assets.folder("dashboards"))) / "rules"
SIGMA = [rule for rule in RULES if (FOLDER / "sigma" / f"{rule.id}.yml").exists()]
ELASTALERT = [rule for rule in RULES if (FOLDER / "elastalert" / f"{rule.id}.yaml").exists()]
IN_KQL = [rule for rule in RULES if matched_kql(rule)]


@pytest.mark.parametrize("rule", SIGMA, ids=lambda rule: rule.id)
def test_the_sigma_rule_selects_the_documents_of_the_rule(rule: Rule, stage: Stage, book: Book) -> None:
    """A Sigma rule names ids of events instead of what follows from them, so that it works without the shipper."""
    query = sigma_lucene((FOLDER / "sigma" / f"{rule.id}.yml").read_text(encoding="utf-8"))
    found = stage.searches.times([INDEX_PATTERNS[rule.reads]], {"query_string": {"query": query}}) - stage.impossible

    assert found == stage.chosen(rule) - stage.impossible
    assert found
    book.line(rule).sigma = len(found)


@pytest.mark.parametrize("rule", ELASTALERT, ids=lambda rule: rule.id)
def test_the_filters_of_elastalert_select_the_documents_of_the_rule(rule: Rule, stage: Stage, book: Book) -> None:
    file = yaml.safe_load((FOLDER / "elastalert" / f"{rule.id}.yaml").read_text(encoding="utf-8"))
    found = stage.searches.times([file["index"]], {"bool": {"filter": file["filter"]}})

    assert found == stage.chosen(rule)
    book.line(rule).elastalert = len(found - stage.impossible)


@pytest.mark.parametrize("rule", IN_KQL, ids=lambda rule: rule.id)
def test_the_query_of_the_guide_shows_the_documents_of_the_rule(rule: Rule, stage: Stage) -> None:
    query = to_dsl(parse(matched_kql(rule) or ""))

    assert stage.searches.times([INDEX_PATTERNS[rule.reads]], query) == stage.chosen(rule)
