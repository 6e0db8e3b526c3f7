"""What a data stream holds at one moment, entered into the ledger.

The documents are read, not aggregated: ``event.id`` has no doc values, and only the ids tell a double from numbers that
restart. The privileges that shipping needs are enough: ``read`` for the documents, ``view_index_metadata`` for the
settings.
"""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from shipper.audit.document import FIELDS, FIELDS_OF_NOTICES, audited
from shipper.audit.ledger import Ledger, Sighting, Which
from shipper.audit.missed import Missed
from shipper.audit.notices import NOTICE_ACTIONS, Notices
from shipper.audit.period import Period, parsed_us
from shipper.audit.point_in_time import Hit, PointInTime, open_point_in_time
from shipper.audit.report import StoredNotice
from shipper.ecs.envelope import AGENT_TYPE
from shipper.model import Position
from shipper.sinks.elasticsearch.server import Server

_LONGEST_WAIT_S = 60.0
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0}
_INTERVAL = re.compile(r"(\d+)(ms|s|m)")
#: Windows' own events of cleared logs come from other providers.
_NOTICES = {"bool": {"filter": [{"terms": {"event.action": NOTICE_ACTIONS}}, {"term": {"event.provider": AGENT_TYPE}}]}}


class StreamAccount(msgspec.Struct, frozen=True):
    """What a data stream is, beside the events that are compared.

    Attributes:
        exists: whether there is such a data stream.
        documents: how many documents of events it holds, doubles among them.
        notices: documents of the shipper's own about logs; the first of them.
        notices_total: how many there are.
        missed: how many records they report as overwritten or removed before they could be read.
        missed_uncounted: how often they cannot say how many.
        cleared: how often they report that a log was cleared or replaced; whether it held more than had been read by
            then, nobody can say.
        refreshes: whether it makes new documents visible by itself; if not, the last ones may not have been seen.
    """

    exists: bool
    documents: int = 0
    notices: tuple[StoredNotice, ...] = ()
    notices_total: int = 0
    missed: int = 0
    missed_uncounted: int = 0
    cleared: int = 0
    refreshes: bool = True


class _Settings(msgspec.Struct, frozen=True):
    settings: dict[str, str] = {}


def read_stream(
    server: Server,
    data_stream: str,
    ledger: Ledger,
    missed: Missed,
    period: Period,
    *,
    tell: Callable[[int], None],
    sleep: Callable[[float], None] = time.sleep,
) -> StreamAccount:
    """Enter every document of ``data_stream`` whose time lies in ``period``.

    What was indexed before the call is seen: two refresh intervals are waited for, since the role may not refresh, and
    a refresh that is under way does not see what comes last.

    Args:
        server: which Elasticsearch.
        data_stream: its name; it need not exist.
        ledger: where the documents of events are entered.
        missed: takes what the shipper's own documents report.
        period: which times are compared.
        tell: hears, as it goes, how many documents have been read.
        sleep: waits for some seconds.

    Raises:
        SinkError: Elasticsearch cannot be reached, or does not answer in full.
        AuthenticationError: the privilege ``read`` is missing.
    """
    interval_s = _refresh_interval_s(server, data_stream)
    sleep(min(2 * abs(interval_s), _LONGEST_WAIT_S))
    point = open_point_in_time(server, data_stream)
    if point is None:
        return StreamAccount(exists=False)
    bounds = period.bounds()
    in_period = [{"range": {"@timestamp": {**bounds, "format": "epoch_millis"}}}] if bounds else []
    with point:
        documents = _enter_events(point, in_period, ledger, tell)
        notices = Notices(missed)
        _take_notices(point, in_period, notices)
    return StreamAccount(
        exists=True,
        documents=documents,
        notices=tuple(notices.told),
        notices_total=notices.total,
        missed=missed.records,
        missed_uncounted=missed.uncounted,
        cleared=notices.cleared,
        refreshes=interval_s >= 0,
    )


def _enter_events(point: PointInTime, in_period: list[Any], ledger: Ledger, tell: Callable[[int], None]) -> int:
    documents = 0
    for hits in point.pages({"bool": {"filter": in_period, "must_not": [_NOTICES]}}, FIELDS):
        ledger.enter(Which.ELASTICSEARCH, map(_sighting, hits))
        documents += len(hits)
        tell(documents)
    return documents


def _take_notices(point: PointInTime, in_period: list[Any], notices: Notices) -> None:
    for hits in point.pages({"bool": {"filter": [*in_period, _NOTICES]}}, FIELDS_OF_NOTICES, "@timestamp"):
        for hit in hits:
            document = audited(hit.source)
            notices.take(document.event.id or hit.id, document)


def _sighting(hit: Hit) -> Sighting:
    document = audited(hit.source)
    return Sighting(
        document.event.id or hit.id,
        document.host.name or "",
        document.winlog.channel or "",
        document.event.sequence,
        parsed_us(document.timestamp) or 0,
        Position(hit.index, -1),
    )


def _refresh_interval_s(server: Server, data_stream: str) -> float:
    """Return how long it takes at most until a document can be found; below 0 where nothing makes it so."""
    answer = server.ask("GET", f"/{quote(data_stream)}/_settings/index.refresh_interval?flat_settings=true")
    found = answer.decoded(dict[str, _Settings]).values() if answer.ok else ()
    intervals = [_seconds(index.settings.get("index.refresh_interval", "1s")) for index in found]
    return min(intervals) if min(intervals, default=0) < 0 else max(intervals, default=0)


def _seconds(text: str) -> float:
    match = _INTERVAL.fullmatch(text)
    return int(match[1]) * _UNITS_S[match[2]] if match else -1
