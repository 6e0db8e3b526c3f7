"""From an event to its document: identity, details, explanation, ECS fields, encoding. Pure: no I/O, no clock."""

from shipper.ecs.encode import build_documents
from shipper.ecs.settings import EcsSettings

__all__ = ["EcsSettings", "build_documents"]
