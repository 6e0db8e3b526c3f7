"""Rules evaluated in the stream: documents and the time go in, alerts come out; the state is bounded and is kept."""

from shipper.rules.evaluator.evaluator import Evaluator
from shipper.rules.evaluator.settings import EvaluatorCounts, EvaluatorSettings
from shipper.rules.evaluator.timeline import in_event_time

__all__ = ["Evaluator", "EvaluatorCounts", "EvaluatorSettings", "in_event_time"]
