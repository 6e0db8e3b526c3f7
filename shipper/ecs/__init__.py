"""Events and notices become documents: identity, details, explanation, ECS fields, encoding. Pure: no I/O, no clock."""

from shipper.ecs.encode import CatalogMisses, build_documents
from shipper.ecs.notices import build_notices
from shipper.ecs.settings import EcsSettings

__all__ = ["CatalogMisses", "EcsSettings", "build_documents", "build_notices"]
