"""What logs are called where names must be few, short and harmless: in labels of metrics and in heartbeats."""

from collections.abc import Set as AbstractSet

from shipper.harmless import neutralise

#: So many logs have a name of their own; those beyond share one.
MOST_NAMED = 100
OTHERS = "(others)"
#: A path may be as long as 32,767 characters; its end says more than its beginning.
MOST_CHARACTERS = 256


class Names:
    """Names of the logs that are there, first come first served, so that a name stays with its log."""

    def __init__(self) -> None:
        self._named: dict[str, str] = {}

    def of(self, source: str) -> str:
        """Return what ``source`` is called."""
        name = self._named.get(source)
        if name is None:
            if len(self._named) >= MOST_NAMED:
                return OTHERS
            name = self._named[source] = _short(neutralise(source))
        return name

    def keep(self, sources: AbstractSet[str]) -> None:
        """Forget all but these: logs are archived under new names for years."""
        for gone in self._named.keys() - sources:
            del self._named[gone]


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"...{text[3 - MOST_CHARACTERS :]}"
