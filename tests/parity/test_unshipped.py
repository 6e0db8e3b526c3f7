"""Each part of the model means the same in the compiled rule, whether a shipped rule uses it or not."""

import pytest

from shipper.rules.model import Rule
from shipper.rules.targets.kibana import body
from shipper.testing.parity import kibana
from tests.parity.stage import Stage, differences
from tests.parity.unshipped import UNSHIPPED


@pytest.mark.parametrize("rule", UNSHIPPED, ids=lambda rule: rule.id)
def test_the_compiled_rule_finds_what_the_rule_means(rule: Rule, stage: Stage) -> None:
    compiled = body(rule)
    assert isinstance(compiled, dict)
    spans, groups = stage.free(rule), 0
    for span in spans:
        meant = stage.meant(rule, span)
        groups += len(meant)

        assert list(differences(span, meant, kibana.run(stage.searches, rule, compiled, *span))) == []
        assert list(differences(span, meant, stage.own(rule, span))) == []
    assert groups
