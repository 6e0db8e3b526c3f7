"""Looking things up in the catalog."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property

from shipper.catalog import files
from shipper.catalog.entries import CodeEntry, ErrorEntry, EventEntry, Neighbour, Schema
from shipper.channels import CONNECTOR_CHANNELS

#: Version of the catalog's content; every document carries it. Raised with each change of meaning or text.
VERSION = "1.0.0"

#: The classic log of the connector until 2021, and the channels of the unified one: Admin has one event a request,
#: Operational several. https://learn.microsoft.com/intune/intune-service/protect/certificate-connector-overview
LEGACY_CHANNEL, ADMIN_CHANNEL, OPERATIONAL_CHANNEL = CONNECTOR_CHANNELS
UNIFIED_PROVIDER = "Microsoft-Intune-CertificateConnectors"

_SCHEMA_OF: dict[str, Schema] = {
    LEGACY_CHANNEL: "legacy",
    ADMIN_CHANNEL: "unified",
    OPERATIONAL_CHANNEL: "unified",
}
_SCHEMA_OF_FOLDED = {channel.lower(): schema for channel, schema in _SCHEMA_OF.items()}


class Catalog:
    """All that is known, each file read when it is first needed; use ``load`` to get it."""

    version = VERSION

    def event(self, channel: str, event_id: int) -> EventEntry | None:
        """Return what an event id of a channel means, or ``None`` where it is unknown.

        The unified connector is one manifest, in which an id stands for one event whatever its channel: an id that
        arrives in the channel it is not documented for is still that event. Channel names fold case, as in Windows.
        """
        schema = _SCHEMA_OF.get(channel) or _SCHEMA_OF_FOLDED.get(channel.lower())
        return None if schema is None else self.events(schema).get(event_id)

    def events(self, schema: Schema) -> Mapping[int, EventEntry]:
        """Return the events of one generation by id."""
        return self._legacy if schema == "legacy" else self._unified

    def code(self, value: int) -> CodeEntry | None:
        """Return what a diagnostic code means, or ``None``: neighbours of a known code are unknown."""
        return self.codes.get(value)

    def error(self, hresult: int) -> ErrorEntry | None:
        """Return what an HRESULT (unsigned) means, or ``None``."""
        return self._by_hresult.get(hresult)

    def error_in(self, text: str) -> ErrorEntry | None:
        """Return the known error that free text names by its words, or ``None``; HRESULTs are not looked for.

        Where it names several, the one that says most: a cause goes before ``Denied by Policy Module``, which goes
        before the summary line of a failed request. The order of ``errors.json`` is that order.
        """
        found = {self._rank[phrase] for phrase in self._phrases.findall(text.lower())}
        return self.errors[min(found)] if found else None

    def scep_reason(self, name: str) -> ErrorEntry | None:
        """Return one of the 25 SCEP validation reasons by its name, whatever its case, or ``None``."""
        return self._scep.get(name.lower())

    def named(self, name: str) -> Iterator[EventEntry | CodeEntry | ErrorEntry]:
        """Yield every entry of that symbolic name or alias, whatever its case."""
        folded = name.lower()
        for entry in self._aliased():
            if folded == entry.name.lower() or folded in map(str.lower, entry.aliases):
                yield entry
        yield from (entry for entry in self.errors if folded in (entry.name.lower(), entry.key))

    def names(self) -> Iterator[str]:
        """Yield every symbolic name, aliases included."""
        for entry in self._aliased():
            yield entry.name
            yield from entry.aliases
        yield from (entry.name for entry in self.errors)

    def _aliased(self) -> Iterator[EventEntry | CodeEntry]:
        yield from self._legacy.values()
        yield from self._unified.values()
        yield from self.codes.values()

    @cached_property
    def codes(self) -> Mapping[int, CodeEntry]:
        """The diagnostic codes by value."""
        return files.read_codes()

    @cached_property
    def errors(self) -> tuple[ErrorEntry, ...]:
        """HRESULTs, error texts and SCEP validation reasons."""
        return files.read_errors()

    @cached_property
    def neighbours(self) -> tuple[Neighbour, ...]:
        """The sources that admins look at beside the connector's channels."""
        return files.read_neighbours()

    @cached_property
    def _legacy(self) -> dict[int, EventEntry]:
        return files.read_events("legacy")

    @cached_property
    def _unified(self) -> dict[int, EventEntry]:
        return files.read_events("unified")

    @cached_property
    def _by_hresult(self) -> dict[int, ErrorEntry]:
        return {entry.hresult: entry for entry in self.errors if entry.hresult is not None}

    @cached_property
    def _scep(self) -> dict[str, ErrorEntry]:
        return {entry.name.lower(): entry for entry in self.errors if entry.scep}

    @cached_property
    def _rank(self) -> dict[str, int]:
        return {phrase: rank for rank, entry in enumerate(self.errors) for phrase in entry.matches}

    @cached_property
    def _phrases(self) -> re.Pattern[str]:
        # Longest first: an alternation takes the first that fits at a place.
        phrases = sorted(self._rank, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)")


@cache
def load() -> Catalog:
    """Return the catalog; the same one at every call."""
    return Catalog()
