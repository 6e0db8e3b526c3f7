"""Rules for ElastAlert 2, for clusters without Kibana's Security app: https://elastalert2.readthedocs.io."""

from shipper.rules.targets.elastalert.query import filters
from shipper.rules.targets.elastalert.rule import body, elastalert

__all__ = ["body", "elastalert", "filters"]
