"""The usual documents, read the short way: every field a short text where one is expected.

Nearly all are such, and a third of the time is enough for them. What is not (a list, a number for a text, a long text)
is left to the viewer of the rules, which knows what an index would make of it; a test holds the two to one answer.
"""

from datetime import UTC, datetime, timedelta

import msgspec

from shipper.report.slim import DATASET, Slim
from shipper.rules.model import Scalar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
#: A text of so few characters is within every bound of our mappings (``ignore_above``).
_SURELY_SHORT = 256
_MOST_LONG = 2**63 - 1


class _Part(msgspec.Struct, frozen=True, gc=False):
    id: str | None = None
    name: str | None = None
    code: str | None = None
    level: str | None = None
    channel: str | None = None
    hresult: str | None = None
    template_name: str | None = None
    path: str | None = None


_NOTHING = _Part()


class _Log(msgspec.Struct, frozen=True, gc=False):
    level: str | None = None
    file: _Part = _NOTHING


class _Event(msgspec.Struct, frozen=True, gc=False):
    id: str | None = None
    dataset: str | None = None
    code: str | None = None
    action: str | None = None
    outcome: str | None = None
    provider: str | None = None
    reason: str | None = None
    sequence: int | None = None


class _Connector(msgspec.Struct, frozen=True, gc=False):
    schema: str | None = None
    operation: str | None = None
    stage: str | None = None
    counts_as: str | None = None
    final: bool | None = None
    diagnostic: _Part = _NOTHING
    error: _Part = _NOTHING
    certificate: _Part = _NOTHING
    ca: _Part = _NOTHING
    transaction: _Part = _NOTHING


class _Document(msgspec.Struct, frozen=True, gc=False, rename={"timestamp": "@timestamp"}):
    timestamp: str | None = None
    event: _Event = _Event()
    host: _Part = _NOTHING
    winlog: _Part = _NOTHING
    log: _Log = _Log()
    error: _Part = _NOTHING
    device: _Part = _NOTHING
    user: _Part = _NOTHING
    intune_connector: _Connector = _Connector()
    tags: tuple[str, ...] = ()


_DECODER = msgspec.json.Decoder(_Document)


def plain_row(known_as: str, body: bytes) -> Slim | None:
    """Return the row of a usual document; ``None`` for every other one, whatever is unusual about it.

    Args:
        known_as: its ``_id``; empty for what the document itself says.
        body: one JSON object.
    """
    try:
        document = _DECODER.decode(body)
        time_ms = _milliseconds(document.timestamp or "")
    except (ValueError, OverflowError, RecursionError):
        return None
    event, told = document.event, document.intune_connector
    if event.dataset != DATASET or event.action == "records-missed":
        return None
    tags = document.tags
    row = Slim(
        known_as or event.id or "",
        time_ms,
        document.host.name,
        document.winlog.channel,
        event.sequence,
        told.schema,
        event.code,
        event.action,
        told.operation,
        told.stage,
        event.outcome,
        told.counts_as,
        document.log.level,
        told.final,
        (document.error.code or told.error.name or event.code) if event.outcome == "failure" else None,
        told.diagnostic.code,
        document.device.id,
        document.user.id,
        told.certificate.template_name,
        told.ca.name,
        event.provider,
        event.reason,
        document.error.code,
        told.error.hresult,
        told.error.name,
        told.transaction.id,
        document.log.file.path,
        "\n".join(tags) if tags else None,
        "unknown_event" in tags,
        "unknown_code" in tags,
        "weak_id" in tags,
        "replaced_characters" in tags,
        None,
        None,
    )
    return row if row.id and all(map(_is_plain, row)) and not any("\n" in tag for tag in tags) else None


def _is_plain(value: Scalar | bytes | None) -> bool:
    if type(value) is str:
        return len(value) <= _SURELY_SHORT
    return type(value) is not int or -_MOST_LONG <= value <= _MOST_LONG


def _milliseconds(time: str) -> int:
    whole = datetime.fromisoformat(time)
    return ((whole if whole.tzinfo is not None else whole.replace(tzinfo=UTC)) - _EPOCH) // _MS
