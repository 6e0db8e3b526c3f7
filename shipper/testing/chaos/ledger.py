"""What must be in the index, what is there, and the difference: lost, doubled, invented."""

import http
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from shipper.ecs.identity import document_id
from shipper.errors import EngineError
from shipper.model import Event, Position
from shipper.testing.engine import Access
from shipper.testing.evtx_writer import EventSpec
from shipper.testing.evtx_writer.values import ticks

#: FILETIME of 1970-01-01: 100 ns since 1601-01-01.
_UNIX_EPOCH_TICKS = 116_444_736_000_000_000
_TICKS_PER_S = 10_000_000
_PAGE_DOCS = 10_000
#: What the shipper says of a log itself; nothing in the log stands for it.
NOTICES = frozenset({"log-cleared", "records-missed"})
_FILTER = "filter_path=_scroll_id,hits.hits._id,hits.hits._index,hits.hits.fields"


class Log(msgspec.Struct, frozen=True):
    """A written log and what has to come of it.

    Attributes:
        path: the file.
        ids: the ``_id`` of each event, in the order of the file.
    """

    path: Path
    ids: list[str]


class Found(msgspec.Struct, frozen=True):
    """One document of the index.

    Attributes:
        id: ``event.id``, which is the same however often an event is stored.
        index: the backing index it is in.
        action: ``event.action``.
    """

    id: str
    index: str
    action: str


class Balance(msgspec.Struct, frozen=True):
    """What a full scan shows against what was written.

    Attributes:
        events: how many different events there had to be.
        lost: how many of them are not there.
        doubled: how many documents there are beyond one an event.
        invented: how many are there that nobody wrote.
        notices: how many documents tell of a log itself.
    """

    events: int
    lost: int
    doubled: int
    invented: int
    notices: int

    @property
    def is_even(self) -> bool:
        """Whether every event is there once, and nothing else."""
        return self.lost == self.doubled == self.invented == 0


def event_ids(events: Iterable[EventSpec], *, first_record: int = 1) -> list[str]:
    """Return the ``_id`` of each event, from what was to be written alone: nothing of it has been read from a log.

    Args:
        events: as the writer was given them.
        first_record: the number of the first, where an event has no ``record_id`` of its own.
    """
    return [_event_id(event, number) for number, event in enumerate(events, first_record)]


def scan(access: Access, data_stream: str) -> list[Found]:
    """Return every document of a data stream, over all its backing indices.

    Raises:
        EngineError: the node refuses.
        OSError: it cannot be reached.
    """
    _asked(access, "POST", f"/{data_stream}/_refresh")
    return list(_scrolled(access, data_stream))


def lines_found(path: Path) -> list[Found]:
    """Return every document of a file that the shipper wrote, one a line.

    Raises:
        ValueError: a line is no document.
    """
    with path.open("rb") as file:
        events = [json.loads(line)["event"] for line in file]
    return [Found(event["id"], str(path), event.get("action", "")) for event in events]


def balance(expected: Sequence[str], found: Iterable[Found]) -> Balance:
    """Return the difference between what had to be there and what is.

    Args:
        expected: ``_id`` of each event; an event that was written twice counts once.
        found: from ``scan``.
    """
    counted: Counter[str] = Counter()
    notices = 0
    for document in found:
        if document.action in NOTICES:
            notices += 1
        else:
            counted[document.id] += 1
    wanted = set(expected)
    return Balance(
        events=len(wanted),
        lost=len(wanted - counted.keys()),
        doubled=sum(counted.values()) - len(counted),
        invented=len(counted.keys() - wanted),
        notices=notices,
    )


def indexed(access: Access, data_stream: str) -> int:
    """Return how many documents a data stream holds; 0 where there is none.

    Raises:
        OSError: the node cannot be reached.
    """
    access.request("POST", f"/{data_stream}/_refresh")
    _, answer = access.request("GET", f"/{data_stream}/_count")
    return int(answer.get("count", 0))


def _event_id(event: EventSpec, number: int) -> str:
    time_s = (ticks(event.time) - _UNIX_EPOCH_TICKS) // _TICKS_PER_S
    record_id = number if event.record_id is None else event.record_id
    read = Event(
        Position("", number), event.provider, event.event_id, event.channel, event.computer, record_id, "", time_s
    )
    return document_id(read)


def _scrolled(access: Access, data_stream: str) -> Iterator[Found]:
    query = {"size": _PAGE_DOCS, "sort": ["_doc"], "_source": False, "fields": ["event.id", "event.action"]}
    page = _asked(access, "POST", f"/{data_stream}/_search?scroll=2m&{_FILTER}", query)
    while hits := page.get("hits", {}).get("hits"):
        for hit in hits:
            fields = hit.get("fields", {})
            yield Found(fields.get("event.id", [hit["_id"]])[0], hit["_index"], fields.get("event.action", [""])[0])
        page = _asked(access, "POST", f"/_search/scroll?{_FILTER}", {"scroll": "2m", "scroll_id": page["_scroll_id"]})
    _asked(access, "DELETE", "/_search/scroll", {"scroll_id": page["_scroll_id"]})


def _asked(access: Access, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    status, answer = access.request(method, path, body)
    if status != http.HTTPStatus.OK:
        raise EngineError(f"{method} {path}: {status} {json.dumps(answer)}", where=access.url)
    return answer
