"""Sketches of the dashboards' layouts for the documentation: where what stands; no data, no picture of Kibana.

``python -m shipper.kibana.sketch docs/images`` writes one SVG a dashboard.
"""

from shipper.kibana.sketch.drawing import sketch

__all__ = ["sketch"]
