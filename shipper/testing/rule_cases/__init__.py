"""Cases of a rule: a few documents, and what one execution of the rule finds among them. SYNTHETIC throughout.

A file ``<rule id>.toml`` holds the cases of one rule; docs/how-to/write-a-rule.md shows one. ``load_cases`` returns
them with whole documents, of the form in which the shipper delivers them: with ``@timestamp``, ``event.dataset``,
``event.id``, ``event.ingested`` and ``data_stream.*``, so that they can be indexed into the real data streams. What the
catalog says of an ``event.code`` is filled in. Ids are unique over all cases of all rules, and each document has the
label ``case`` (``<rule id>/<number>``), so that all of them can be in one index and be told apart.
"""

from shipper.testing.rule_cases.case import Case, CaseDocument, Expected
from shipper.testing.rule_cases.reading import load_cases

__all__ = ["Case", "CaseDocument", "Expected", "load_cases"]
