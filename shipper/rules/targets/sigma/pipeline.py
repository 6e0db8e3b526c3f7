"""What turns the Sigma rules into queries over the shipper's documents: a processing pipeline for pySigma.

https://sigmahq-pysigma.readthedocs.io/en/latest/Processing_Pipelines.html
"""

from shipper.rules.model import DATASETS, Reads
from shipper.rules.targets import yaml
from shipper.rules.targets.kql import BACKFILL
from shipper.rules.targets.sigma.rule import EVENTS_PRODUCT, METRICS_PRODUCT
from shipper.rules.targets.yaml import Value

#: What the documents call what Sigma's rules call by Windows' names.
BACK: dict[str, Value] = {
    "EventID": "event.code",
    "Channel": "winlog.channel",
    "Provider_Name": "event.provider",
    "Computer": "host.name",
}
_COMMENT = "For sigma-cli and pySigma: sigma convert --target lucene --pipeline pipeline.yml RULE.yml"
_PRODUCTS: dict[Reads, str] = {"events": EVENTS_PRODUCT, "metrics": METRICS_PRODUCT}


def pipeline() -> str:
    """Return the text of the pipeline."""
    transformations: list[Value] = [{"id": "names", "type": "field_name_mapping", "mapping": BACK}]
    transformations += [_of_dataset(reads) for reads in _PRODUCTS]
    transformations.append(
        {"id": "no_backfill", "type": "add_condition", "negated": True, "conditions": {"tags": BACKFILL}}
    )
    head: dict[str, Value] = {"name": "Documents of intune-connector-shipper", "priority": 50}
    return yaml.document({**head, "transformations": transformations}, _COMMENT)


def _of_dataset(reads: Reads) -> Value:
    return {
        "id": f"dataset_{reads}",
        "type": "add_condition",
        "conditions": {"event.dataset": DATASETS[reads]},
        "rule_conditions": [{"type": "logsource", "product": _PRODUCTS[reads]}],
    }
