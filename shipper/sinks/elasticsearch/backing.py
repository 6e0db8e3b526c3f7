"""The backing indices of a data stream: which there are, since when, and which of them cannot be searched yet."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec

from shipper.sinks.elasticsearch.asking import NOT_FOUND, answered
from shipper.sinks.elasticsearch.server import Server

#: How far the clocks of the events' computers may be ahead of Elasticsearch's. Kerberos, and so a Windows domain,
#: takes five minutes at most: https://learn.microsoft.com/windows/security/threat-protection/security-policy-settings/maximum-tolerance-for-computer-clock-synchronization
CLOCK_MARGIN = timedelta(minutes=10)
#: What was indexed this long ago has been made searchable: the index refreshes every second as we set it up, and
#: hardly anybody's own setting is above a minute.
REFRESHED_AFTER = timedelta(minutes=5)


class Backing(msgspec.Struct, frozen=True):
    """The backing indices of one data stream, the oldest first; none where there is no data stream.

    Attributes:
        names: of the indices.
        created: when each was created, by Elasticsearch's clock.
    """

    names: tuple[str, ...] = ()
    created: tuple[datetime, ...] = ()

    @property
    def written_since(self) -> datetime:
        """When the index that is written now was created; there has to be one."""
        return self.created[-1]

    @property
    def recent(self) -> tuple[str, ...]:
        """Names of those that may hold what is not searchable yet: written now, or until shortly before that.

        Told by Elasticsearch's own clock alone: from when the next one was created.
        """
        if not self.names:
            return ()
        since = self.created[-1] - REFRESHED_AFTER
        ended = zip(self.names, self.created[1:], strict=False)
        return (*(name for name, ended_at in ended if ended_at >= since), self.names[-1])


class _Settings(msgspec.Struct):
    creation_date: str = msgspec.field(default="0", name="index.creation_date")


class _Index(msgspec.Struct):
    settings: _Settings = msgspec.field(default_factory=_Settings)


def backing_of(server: Server, data_stream: str) -> Backing:
    """Ask for the backing indices; this needs the privilege ``view_index_metadata``.

    Raises:
        Unanswered: there is no answer now.
        SinkError: the question is refused.
    """
    answer = answered(server, "GET", f"/{quote(data_stream)}/_settings/index.creation_date?flat_settings=true")
    if answer.status == NOT_FOUND:
        return Backing()
    found = answer.decoded(dict[str, _Index])
    dated = sorted((int(index.settings.creation_date), name) for name, index in found.items())
    times = (datetime.fromtimestamp(milliseconds / 1000, UTC) for milliseconds, _ in dated)
    return Backing(tuple(name for _, name in dated), tuple(times))
