"""Compilers from a rule to what others run: Kibana, Sigma, ElastAlert 2; and the page that tells which can say what.

``python -m shipper.rules.targets`` writes every file of ``dashboards/rules/`` that is made from the rules, and
docs/reference/rules.md. Nothing is asked of anyone, and the same rules give the same bytes.
"""

from shipper.rules.targets.guide import guide
from shipper.rules.targets.kql import matched_kql
from shipper.rules.targets.said import Unsayable

__all__ = ["Unsayable", "guide", "matched_kql"]
