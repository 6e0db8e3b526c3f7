"""The catalog: what event ids, diagnostic codes, HRESULTs and error texts of the connector mean.

The data are JSON files in ``data/``; this room reads them. docs/reference/catalog.md tells how they are meant.
"""

from shipper.catalog.entries import (
    LANGUAGES,
    SEVERITY_OF_LEVEL,
    CodeEntry,
    Confidence,
    ErrorEntry,
    EventEntry,
    Language,
    Neighbour,
    Schema,
    Text,
    Texts,
)
from shipper.catalog.lookup import (
    ADMIN_CHANNEL,
    LEGACY_CHANNEL,
    OPERATIONAL_CHANNEL,
    UNIFIED_PROVIDER,
    VERSION,
    Catalog,
    load,
)
from shipper.catalog.numbers import format_code, parse_code, parse_hresult
from shipper.channels import CONNECTOR_CHANNELS

__all__ = [
    "ADMIN_CHANNEL",
    "CONNECTOR_CHANNELS",
    "LANGUAGES",
    "LEGACY_CHANNEL",
    "OPERATIONAL_CHANNEL",
    "SEVERITY_OF_LEVEL",
    "UNIFIED_PROVIDER",
    "VERSION",
    "Catalog",
    "CodeEntry",
    "Confidence",
    "ErrorEntry",
    "EventEntry",
    "Language",
    "Neighbour",
    "Schema",
    "Text",
    "Texts",
    "format_code",
    "load",
    "parse_code",
    "parse_hresult",
]
