"""An alert as one syslog message: RFC 5424 with the document as JSON, bounded, nothing in it but printable ASCII.

Source: https://www.rfc-editor.org/rfc/rfc5424 section 6
"""

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec

from shipper.harmless import shortened
from shipper.model import Document

#: "local0", which nothing else of a system uses by itself.
_FACILITY = 16
#: Severities of syslog by those of alerts: critical, error, warning, notice.
_SEVERITIES = {"critical": 2, "high": 3, "medium": 4, "low": 5}
_NOTICE = 5
_APP_NAME = "intune-connector-shipper"
_NIL = "-"
_MOST_HOST, _MOST_MSGID = 255, 32
_NOT_PRINTABLE = re.compile(r"[^\x21-\x7e]")
#: What is left out first where a message is too long, in this order; the ids of events can be asked for by the alert's.
_EXPENDABLE = (
    ("intune_connector", "alert", "event_ids"),
    ("threat",),
    ("rule", "description"),
    ("message",),
    ("intune_connector", "alert", "cause"),
    ("intune_connector", "alert", "resolution"),
    ("intune_connector", "alert", "group"),
    ("labels",),
    ("tags",),
)
_MOST_REASON = 200
_LEAST_REASON = 5


class _Rule(msgspec.Struct):
    id: str = ""


class _Alert(msgspec.Struct):
    severity: str = ""


class _Ours(msgspec.Struct):
    alert: _Alert = msgspec.field(default_factory=_Alert)


class _Agent(msgspec.Struct):
    name: str = ""


class _Told(msgspec.Struct):
    """What the head of a message is made of."""

    timestamp: str = msgspec.field(default="", name="@timestamp")
    rule: _Rule = msgspec.field(default_factory=_Rule)
    agent: _Agent = msgspec.field(default_factory=_Agent)
    intune_connector: _Ours = msgspec.field(default_factory=_Ours)


def syslog_message(alert: Document, ingested: bytes, most_bytes: int) -> bytes:
    """Return one message.

    HOSTNAME is the host that ships, MSGID the rule, TIMESTAMP that of the alert; MSG is the document as JSON in which
    everything but printable ASCII is escaped, so that neither a line feed nor an escape sequence of an event reaches
    a log. What is too long loses some of its fields, and says so with ``"shortened": true``; it stays whole JSON.

    Args:
        alert: its document.
        ingested: the 24 bytes of ``event.ingested``.
        most_bytes: how long the message may be.
    """
    body = alert.stamped(ingested)
    head = _head(msgspec.json.decode(body, type=_Told))
    return head + _fitted(json.loads(body), most_bytes - len(head))


def _head(told: _Told) -> bytes:
    severity = _SEVERITIES.get(told.intune_connector.alert.severity, _NOTICE)
    host, msgid = _word(told.agent.name, _MOST_HOST), _word(told.rule.id, _MOST_MSGID)
    time = _word(told.timestamp, _MOST_HOST)
    return f"<{_FACILITY * 8 + severity}>1 {time} {host} {_APP_NAME} {_NIL} {msgid} {_NIL} ".encode("ascii")


def _word(text: str, most: int) -> str:
    """Return a text as a field of the head takes it: printable, without blanks, bounded; ``-`` for none."""
    return _NOT_PRINTABLE.sub("?", text)[:most] or _NIL


def _fitted(document: dict[str, Any], most_bytes: int) -> bytes:
    text = _ascii(document)
    for path in _EXPENDABLE:
        if len(text) <= most_bytes:
            return text
        _leave_out(document, path)
        document["shortened"] = True
        text = _ascii(document)
    most_reason = _MOST_REASON
    while len(text) > most_bytes and most_reason > _LEAST_REASON:  # a character takes up to twelve bytes
        text = _ascii(_least(document, most_reason))
        most_reason //= 2
    return text


def _least(document: dict[str, Any], most_reason: int) -> dict[str, Any]:
    """Return what is told at least: when, which alert, of which rule, and the beginning of its sentence."""
    at: Callable[[str, str], Any] = lambda part, key: document.get(part, {}).get(key, "")  # noqa: E731 (two words, twice)
    return {
        "@timestamp": document.get("@timestamp", ""),
        "event": {"kind": "alert", "id": at("event", "id"), "reason": shortened(at("event", "reason"), most_reason)},
        "rule": {"id": _word(str(at("rule", "id")), _MOST_MSGID)},  # a rule of the user's may have any name
        "shortened": True,
    }


def _leave_out(document: dict[str, Any], path: tuple[str, ...]) -> None:
    *above, last = path
    for key in above:
        document = document.get(key, {})
    document.pop(last, None)


def _ascii(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).replace("\x7f", "\\u007f").encode("ascii")
