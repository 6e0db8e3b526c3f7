"""What the dashboards are, before Kibana's format: read from ``dashboards/*.toml``, checked, frozen."""

from shipper.kibana.spec.loading import load
from shipper.kibana.spec.model import Board, Shared, Spec
from shipper.kibana.spec.panels import Panel

__all__ = ["Board", "Panel", "Shared", "Spec", "load"]
