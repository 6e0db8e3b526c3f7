"""Rules for everyone else's SIEM, in Sigma: https://sigmahq.io."""

from shipper.rules.targets.sigma.pipeline import pipeline
from shipper.rules.targets.sigma.rule import form, sigma, works_on_raw_events

__all__ = ["form", "pipeline", "sigma", "works_on_raw_events"]
