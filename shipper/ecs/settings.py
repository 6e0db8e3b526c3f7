"""What a user decides about documents."""

import msgspec

from shipper.catalog import Language


class EcsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How documents are built: a value, so that it can be handed to other processes and serve as a cache key.

    Attributes:
        namespace: last part of the data stream's name.
        tags: stand first in ``tags`` of every document.
        labels: (name, value) pairs for ``labels``; a dot in a name becomes ``_``, since labels do not nest.
        preserve_original: fill ``event.original`` where the source kept the event's text.
        backfill_after_s: an event older than this when shipped is tagged ``backfill``.
        lang: language of ``message`` where the collector rendered none, and of what the catalog explains.
        agent_name, agent_id, agent_ephemeral_id: who ships; empty where not known.
    """

    namespace: str = "default"
    tags: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    preserve_original: bool = False
    backfill_after_s: int = 86_400
    lang: Language = "en"
    agent_name: str = ""
    agent_id: str = ""
    agent_ephemeral_id: str = ""
