"""The way an event takes: plan, read, explain, batch, deliver, count. The one room that knows all the others."""

from shipper.pipeline.counts import Counts
from shipper.pipeline.delivery import Delivery, DeliverySettings
from shipper.pipeline.preparation import Prepared, Recipe, prepare
from shipper.pipeline.progress import Progress
from shipper.pipeline.run import Observer, Routine, RunSettings, run

__all__ = [
    "Counts",
    "Delivery",
    "DeliverySettings",
    "Observer",
    "Prepared",
    "Progress",
    "Recipe",
    "Routine",
    "RunSettings",
    "prepare",
    "run",
]
