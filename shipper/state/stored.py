"""A checkpoint as a file: JSON that people can read, one log a line, with a checksum at its end."""

import json
import socket
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any

import msgspec

from shipper import __version__
from shipper.durable import explained
from shipper.errors import StateError
from shipper.model import Cursor

FORMAT = "shipper checkpoint"
VERSION = 2
#: What has no name of a file of alerts is written as a shipper of the first version reads it, too.
_WITHOUT_ALERTS = 1

#: 10,000 logs whose names are as long as names may be, each byte of them escaped, take less.
_MOST_BYTES = 256 << 20
_HINT = "--from start, end or a TIME sets it aside and begins anew"
_CHECKSUM = b',\n  "checksum": "'

_Number = Annotated[int, msgspec.Meta(ge=-1)]


class Log(msgspec.Struct, frozen=True):
    """How far one log has been delivered, and since when that stands.

    Attributes:
        cursor: how far.
        updated: when it last moved, RFC 3339, UTC.
    """

    cursor: Cursor
    updated: str


class Stored(msgspec.Struct, frozen=True):
    """What a checkpoint file says.

    Attributes:
        target: the sink it is for.
        updated: when it was written, RFC 3339, UTC.
        logs: the one that has not moved for longest first.
        output_bytes: how much of the sink's file is delivered; -1 where the sink is none.
        written_by: program, version and host.
        alerts, rules_behind: see ``Checkpoint``.
    """

    target: str
    updated: str
    logs: tuple[Log, ...] = ()
    output_bytes: int = -1
    written_by: str = f"shipper {__version__} on {socket.gethostname()}"
    alerts: str = ""
    rules_behind: bool = False


class _LogOnDisk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    record: _Number
    anchor: _Number
    fingerprint: _Number
    updated: str


class _OnDisk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    written_by: str
    target: str
    updated: str
    output_bytes: _Number
    logs: list[_LogOnDisk]
    checksum: str
    alerts: str = ""
    rules_behind: bool = False


def encode_stored(stored: Stored) -> bytes:
    """Return the file's content."""
    head = {
        "format": FORMAT,
        "version": VERSION if stored.alerts else _WITHOUT_ALERTS,
        "written_by": stored.written_by,
        "target": stored.target,
        "updated": stored.updated,
        "output_bytes": stored.output_bytes,
        **({"alerts": stored.alerts} if stored.alerts else {}),
        **({"rules_behind": True} if stored.rules_behind else {}),
    }
    lines = [
        f'  "{key}": {_text(value) if isinstance(value, str) else json.dumps(value)}' for key, value in head.items()
    ]
    logs = ",\n".join(map(_line, stored.logs))
    lines.append(f'  "logs": [\n{logs}\n  ]' if logs else '  "logs": []')
    body = ("{\n" + ",\n".join(lines)).encode()
    return b"".join((body, _CHECKSUM, _checksum(body).encode(), b'"\n}\n'))


def _line(log: Log) -> str:
    cursor = log.cursor
    return (
        f'    {{"source": {_text(cursor.source)}, "record": {cursor.record}, "anchor": {cursor.anchor}, '
        f'"fingerprint": {cursor.fingerprint}, "updated": {_text(log.updated)}}}'
    )


def _text(text: str) -> str:
    r"""Return a JSON string as people read it; a name that is no UTF-8 keeps its bytes as ``\udcNN``."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _checksum(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()


def read_stored(path: Path) -> Stored | None:
    """Return what a checkpoint file says, ``None`` where there is none.

    Raises:
        StateError: it cannot be read, is damaged, of a newer shipper, or no checkpoint at all.
    """
    with explained(path, "cannot be read"):
        try:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            return None
    if not content:
        raise _unusable(path, "the checkpoint is empty")
    if len(content) > _MOST_BYTES:
        raise _unusable(path, "is too large to be a checkpoint")
    return _decoded(path, content)


def _decoded(path: Path, content: bytes) -> Stored:
    try:
        value: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise _unusable(path, "the checkpoint is damaged: it is cut short or no JSON") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _unusable(path, "is no checkpoint of a shipper")
    version = value.get("version")
    if isinstance(version, int) and version > VERSION:
        raise _unusable(path, f"the checkpoint was written by a newer shipper: version {version}, not {VERSION}")
    if _checksum(content.rpartition(_CHECKSUM)[0]) != value.get("checksum"):
        raise _unusable(path, "the checkpoint is damaged or was changed by hand: its checksum is wrong")
    try:
        return _stored(msgspec.convert(value, _OnDisk))
    except msgspec.ValidationError as error:
        raise _unusable(path, f"the checkpoint is damaged: {error}") from None


def _stored(found: _OnDisk) -> Stored:
    logs = (Log(Cursor(log.source, log.record, log.anchor, log.fingerprint), log.updated) for log in found.logs)
    return Stored(
        found.target,
        found.updated,
        tuple(logs),
        found.output_bytes,
        found.written_by,
        found.alerts,
        found.rules_behind,
    )


def _unusable(path: Path, reason: str) -> StateError:
    return StateError(reason, where=str(path), hint=_HINT)
