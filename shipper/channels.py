"""Which channels are wanted: what ``--channels`` says, as a value that every source asks."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from shipper.errors import UsageError
from shipper.model import Event

#: What ``--channels connector`` reads: the connector of 2016 to 2021, and the one since.
CONNECTOR_CHANNELS = (
    "Microsoft Intune Connector",
    "Microsoft-Intune-CertificateConnectors/Admin",
    "Microsoft-Intune-CertificateConnectors/Operational",
)


_WORDS = ("connector", "neighbours", "all")


class Neighbour(Protocol):
    """A source beside the connector's own channels, as ``shipper.catalog`` describes it."""

    @property
    def channel(self) -> str:
        """Its System/Channel."""
        ...

    @property
    def provider(self) -> str | None:
        """Its System/Provider/@Name; ``None`` for any."""
        ...

    @property
    def ids(self) -> Sequence[int]:
        """The event ids that are wanted; empty for all."""
        ...

    @property
    def services(self) -> Sequence[str]:
        """Only events that name one of these Windows services; empty for all."""
        ...


class NeighbourSource(msgspec.Struct, frozen=True):
    """What of a neighbour decides whether an event is wanted; the names are lower-case.

    Attributes:
        channel: System/Channel.
        provider: System/Provider/@Name; ``None`` for any.
        ids: event ids; empty for all.
        services: names of Windows services, one of which the event must carry; empty for all events.
        needle: the name that stands in the bytes of every chunk that holds such an event, as the neighbour spells it.
    """

    channel: str
    provider: str | None
    ids: frozenset[int]
    services: tuple[str, ...]
    needle: str

    def accepts(self, channel: str, provider: str, event_id: int) -> bool:
        """Say whether System's values are this neighbour's; names are compared in lower case."""
        return channel == self.channel and self.provider in (None, provider) and (not self.ids or event_id in self.ids)

    def names_a_service(self, event: Event) -> bool:
        """Say whether the event carries the name of a wanted service, as text or as hex of UTF-16LE.

        The service control manager puts a service's display name into its texts and the name itself into Binary.
        """
        texts = [text.lower() for _, text in event.data]
        needles = [needle for name in self.services for needle in (name, name.encode("utf-16-le").hex())]
        return any(needle in text or needle in _lowered_hex(text) for needle in needles for text in texts)


def _lowered_hex(text: str) -> str:
    """Return hex of UTF-16LE text as hex of the same text in lower case, anything else as it is."""
    try:
        return bytes.fromhex(text).decode("utf-16-le").lower().encode("utf-16-le").hex()
    except (ValueError, UnicodeError):
        return text


class ChannelFilter(msgspec.Struct, frozen=True):
    """The channels and neighbours that are wanted.

    Attributes:
        channels: lower-case names; ``None`` for every channel.
        names: the same names as they were spelled, for ``needles``.
        neighbours: what is wanted of other channels.
    """

    channels: frozenset[str] | None = None
    names: tuple[str, ...] = ()
    neighbours: tuple[NeighbourSource, ...] = ()

    def accepts(self, channel: str, provider: str, event_id: int) -> bool:
        """Say whether an event with these System values may be wanted; see ``admits`` for what its data decide."""
        if self.channels is None:
            return True
        lowered = channel.lower()
        if lowered in self.channels:
            return True
        return any(wanted.accepts(lowered, provider.lower(), event_id) for wanted in self.neighbours)

    def decides(self, channel: str) -> bool | None:
        """Say whether every event of a channel is wanted (or none), ``None`` where it depends on the event."""
        if self.channels is None:
            return True
        lowered = channel.lower()
        if lowered in self.channels:
            return True
        return None if any(wanted.channel == lowered for wanted in self.neighbours) else False

    def admits(self, event: Event) -> bool:
        """Say whether an event is wanted, its data included: a neighbour may want certain services only."""
        if self.channels is None or event.channel.lower() in self.channels:
            return True
        parts = (event.channel.lower(), event.provider.lower(), event.event_id)
        return any(
            wanted.accepts(*parts) and (not wanted.services or wanted.names_a_service(event))
            for wanted in self.neighbours
        )

    def needles(self) -> tuple[bytes, ...]:
        """Return the byte strings of which one stands in every chunk of an .evtx that holds a wanted event.

        UTF-16LE, case-sensitive: a channel has one spelling, the one it was registered under, so a name that a user
        spells otherwise finds nothing in an .evtx. Empty where every chunk is wanted. A needle proves nothing: other
        events may quote the name.
        """
        if self.channels is None:
            return ()
        spelled = [*_with_shared_prefixes(self.names), *(wanted.needle for wanted in self.neighbours)]
        return tuple(name.encode("utf-16-le") for name in dict.fromkeys(spelled))


def _with_shared_prefixes(names: Sequence[str]) -> Iterator[str]:
    """Yield ``Provider/`` for channels of one provider, every other name as it is."""
    channels_of = Counter(name.partition("/")[0] for name in names if "/" in name)
    for name in names:
        provider, slash, _ = name.partition("/")
        yield f"{provider}/" if slash and channels_of[provider] > 1 else name


def parse_channels(text: str, neighbours: Iterable[Neighbour] = ()) -> ChannelFilter:
    """Return the filter that a ``--channels`` text asks for.

    Args:
        text: ``connector``, ``neighbours`` (the connector's channels and its neighbours'), ``all``, or the names of
            channels, separated by commas; ``connector`` and ``neighbours`` may stand among names.
        neighbours: what ``neighbours`` stands for, from the catalog.

    Raises:
        UsageError: the text names nothing.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise UsageError(
            "no channel is named", where="--channels", hint="connector, neighbours, all, or names of channels"
        )
    _refuse_slips(words)
    lowered = {word.lower() for word in words}
    if "all" in lowered:
        return ChannelFilter()
    names = [word for word in words if word.lower() not in {"connector", "neighbours"}]
    if lowered & {"connector", "neighbours"}:
        names += [name for name in CONNECTOR_CHANNELS if name.lower() not in lowered]
    return ChannelFilter(
        frozenset(name.lower() for name in names),
        tuple(dict.fromkeys(names)),
        tuple(map(_neighbour_source, neighbours)) if "neighbours" in lowered else (),
    )


def _refuse_slips(words: Iterable[str]) -> None:
    """Refuse what is nearly one of the three words: taken for a channel it would find nothing, and say nothing."""
    for word in words:
        near = difflib.get_close_matches(word.lower(), _WORDS, n=1, cutoff=0.75)
        if near and word.lower() not in _WORDS:
            raise UsageError(f"no such channels: {word}", where="--channels", hint=f"did you mean {near[0]}?")


def _neighbour_source(neighbour: Neighbour) -> NeighbourSource:
    provider = neighbour.provider
    return NeighbourSource(
        neighbour.channel.lower(),
        provider.lower() if provider is not None else None,
        frozenset(neighbour.ids),
        tuple(name.lower() for name in neighbour.services),
        provider or neighbour.channel,
    )
