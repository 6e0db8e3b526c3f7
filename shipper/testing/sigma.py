"""Sigma files as the queries that pySigma makes of them: what somebody gets who runs ``sigma convert`` on them.

Needs pySigma and its Elasticsearch backend, which the development extra brings.
"""

import yaml
from sigma.backends.elasticsearch.elasticsearch_lucene import LuceneBackend
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingPipeline

from shipper.rules.targets.sigma import pipeline


def sigma_lucene(text: str) -> str:
    """Return the Lucene query of the documents that a Sigma file's rule matches, by way of our pipeline.

    Args:
        text: the file; of a correlation, the query is that of the documents that it counts.
    """
    single = [document for document in yaml.safe_load_all(text) if "correlation" not in document]
    backend = LuceneBackend(ProcessingPipeline.from_yaml(pipeline()))
    (query,) = backend.convert(SigmaCollection.from_dicts(single))
    return str(query)
