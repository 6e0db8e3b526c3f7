"""The ``winlog`` part of a document, as Winlogbeat would write it."""

from functools import lru_cache

from shipper.ecs.fields import Winlog, WinlogProcess, WinlogThread, WinlogUser
from shipper.ecs.keys import PARAMETERS, ROUTES
from shipper.ecs.shapes import Named
from shipper.ecs.values import windows_guid, windows_text
from shipper.model import Event

Flat = dict[str, str | list[str]]


def winlog_part(event: Event, event_code: str, named: Named | None = None) -> Winlog:
    """Return ``winlog.*`` of ``event``; names of task, opcode and keywords only where the collector rendered them."""
    # By position: keywords take six times as long here (0.65 us against 0.10).
    return Winlog(
        event.channel,
        event.computer,
        event_code,
        event.provider,
        None if event.missing and "record_id" in event.missing else str(event.record_id),
        named.values if named is not None and _is_tidy(named.values) else event_data(event.data),
        user_data(event.user_data) if event.user_data else None,
        _provider_guid(event.provider_guid) if event.provider_guid else None,
        event.version,
        event.task_name or None,
        event.opcode_name or None,
        event.keyword_names,
        _process(event.process_id, event.thread_id) if event.process_id is not None else None,
        windows_guid(event.activity_id) if event.activity_id else None,
        windows_guid(event.related_activity_id) if event.related_activity_id else None,
        _user(event.user_sid) if event.user_sid else None,
    )


def _is_tidy(values: dict[str, str]) -> bool:
    """Say whether ``windows_text`` would change none of the values; may say no where it would not."""
    text = "\0".join(values.values())
    return "\r" not in text and "\n\0" not in text and text[-1] != "\n"


def event_data(data: tuple[tuple[str | None, str], ...]) -> Flat | None:
    """Return EventData by name; an unnamed or nameless-by-default Data is ``param`` and its place, from 1.

    Empty values are left out, as Winlogbeat does. A name that comes twice has a list, where Winlogbeat keeps but
    the first: nothing is dropped here.
    """
    flat: Flat = {}
    for index, (name, value) in enumerate(data, 1):
        if value:
            key = ROUTES[name][1] if name and name != "Data" else _parameter(index)
            if key in flat or "\r" in value or value[-1] == "\n":
                _put(flat, key, value)
            else:
                flat[key] = value
    return flat or None


def user_data(leaves: tuple[tuple[str, str], ...]) -> Flat | None:
    """Return UserData below its one element, whose name is ``xml_name``, as Winlogbeat has it."""
    flat: Flat = {}
    for path, value in leaves:
        root, dot, below = path.partition(".")
        if dot:
            flat.setdefault("xml_name", root)
        if value:
            _put(flat, ROUTES[below or root][1], value)
    return flat or None


def _put(flat: Flat, key: str, value: str) -> None:
    value = windows_text(value)
    before = flat.get(key)
    if before is None:
        flat[key] = value
    else:
        flat[key] = [*before, value] if isinstance(before, list) else [before, value]


def _parameter(index: int) -> str:
    return PARAMETERS[index] if index < len(PARAMETERS) else f"param{index}"


@lru_cache(maxsize=256)
def _provider_guid(guid: str) -> str:
    return windows_guid(guid)


@lru_cache(maxsize=4096)
def _process(process_id: int, thread_id: int | None) -> WinlogProcess:
    """Return ``winlog.process``; a service has few threads, so the part is shared between documents."""
    return WinlogProcess(process_id, None if thread_id is None else WinlogThread(thread_id))


@lru_cache(maxsize=4096)
def _user(sid: str) -> WinlogUser:
    return WinlogUser(sid)
