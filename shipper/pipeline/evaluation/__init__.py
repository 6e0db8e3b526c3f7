"""Rules over documents that are there already: in files, or in the data streams of an Elasticsearch."""

from shipper.pipeline.evaluation.counts import EvaluationCounts
from shipper.pipeline.evaluation.evaluation import Evaluation
from shipper.pipeline.evaluation.opening import open_evaluation
from shipper.pipeline.evaluation.wanted import Wanted

__all__ = ["Evaluation", "EvaluationCounts", "Wanted", "open_evaluation"]
