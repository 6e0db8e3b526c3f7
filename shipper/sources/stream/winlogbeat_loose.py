"""Lines that say what Winlogbeat says in another layout: read through their dotted names.

Among them: names with dots instead of nesting (``"winlog.channel": ...``), hits as Elasticsearch exports them (below
``_source``, or every value a list), the top-level names of Winlogbeat 5 and 6, and values of a type of their own.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from shipper.sources.stream.winlogbeat_line import EventPart, Line, Log, Process, Thread, User, Winlog
from shipper.sources.unreadable import Unreadable

_decode = msgspec.json.Decoder().decode
_EVENT_DATA = ("winlog.event_data.", "event_data.")
_USER_DATA = ("winlog.user_data.", "user_data.")
#: Marks a line as a Windows event; the second of each pair is the name up to Winlogbeat 6.
_CHANNEL, _PROVIDER = ("winlog.channel", "log_name"), ("winlog.provider_name", "source_name")


def read_loosely(text: bytes) -> Line:
    """Return what a JSON object holds of a Windows event; one without ``winlog`` where it is about something else.

    Raises:
        Unreadable: the text is no JSON object.
    """
    try:
        tree = _decode(text)
        hit = tree.get("_source") if isinstance(tree, dict) else None
        leaves = dict(_leaves(hit if isinstance(hit, dict) else tree))
    except RecursionError as error:
        raise Unreadable("JSON nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"malformed JSON: {error}") from error
    return _line(leaves)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that is no object, by its dotted path."""
    if not isinstance(value, dict):
        yield path, value
        return
    for name, below in value.items():
        yield from _leaves(below, f"{path}.{name}" if path else name)


def _line(leaves: dict[str, Any]) -> Line:
    def one(*paths: str) -> str | None:
        return next((text for path in paths if (text := _text(leaves.get(path))) is not None), None)

    channel, provider = one(*_CHANNEL), one(*_PROVIDER)
    known = channel is not None or provider is not None
    return Line(
        timestamp=one("@timestamp"),
        message=one("message"),
        winlog=_winlog(leaves, one, channel, provider) if known else None,
        event=EventPart(one("event.code"), one("event.created"), one("event.original", "xml"), one("event.provider")),
        log=Log(one("log.level", "level")),
    )


def _winlog(
    leaves: dict[str, Any], one: Callable[..., str | None], channel: str | None, provider: str | None
) -> Winlog:
    return Winlog(
        channel=channel,
        computer_name=one("winlog.computer_name", "computer_name"),
        provider_name=provider,
        event_id=one("winlog.event_id", "event_id"),
        record_id=one("winlog.record_id", "record_number"),
        time_created=one("winlog.time_created"),
        provider_guid=one("winlog.provider_guid", "provider_guid"),
        event_data=_below(leaves, _EVENT_DATA),
        user_data=_below(leaves, _USER_DATA),
        activity_id=one("winlog.activity_id", "activity_id"),
        related_activity_id=one("winlog.related_activity_id", "related_activity_id"),
        keywords=_texts(leaves.get("winlog.keywords", leaves.get("keywords"))),
        opcode=one("winlog.opcode", "opcode"),
        task=one("winlog.task", "task"),
        version=one("winlog.version", "version"),
        process=Process(one("winlog.process.pid", "process_id"), Thread(one("winlog.process.thread.id", "thread_id"))),
        user=User(one("winlog.user.identifier", "user.identifier")),
    )


def _below(leaves: dict[str, Any], prefixes: tuple[str, ...]) -> dict[str, str] | None:
    found = {
        path[len(prefix) :]: _text(value) or ""
        for path, value in leaves.items()
        for prefix in prefixes
        if path.startswith(prefix)
    }
    return found or None


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := _text(item))]


def _text(value: Any) -> str | None:
    """Return a value as text; of a list its only item, else the list as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return _text(value[0]) if len(value) == 1 else msgspec.json.encode(value).decode() if value else None
    if value is None:
        return None
    return msgspec.json.encode(value).decode()
