"""The few fields of a document that the audit looks at."""

import msgspec


class _Event(msgspec.Struct, frozen=True, gc=False):
    id: str | None = None
    sequence: int | None = None
    action: str | None = None


class _Host(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None


class _Winlog(msgspec.Struct, frozen=True, gc=False):
    channel: str | None = None


class _LogFile(msgspec.Struct, frozen=True, gc=False):
    path: str | None = None


class _Log(msgspec.Struct, frozen=True, gc=False):
    file: _LogFile = _LogFile()


class _LoggedRecords(msgspec.Struct, frozen=True, gc=False):
    missed: int | None = None
    first_missed: int | None = None
    last_missed: int | None = None


class _IntuneConnector(msgspec.Struct, frozen=True, gc=False):
    log: _LoggedRecords = _LoggedRecords()


class AuditedDocument(msgspec.Struct, frozen=True, gc=False, rename={"timestamp": "@timestamp"}):
    """A document as it was shipped, but for what the audit does not ask."""

    timestamp: str = ""
    event: _Event = _Event()
    host: _Host = _Host()
    winlog: _Winlog = _Winlog()
    log: _Log = _Log()
    intune_connector: _IntuneConnector = _IntuneConnector()
    message: str | None = None


#: What Elasticsearch is asked for of every document.
FIELDS = ("@timestamp", "event.id", "event.sequence", "host.name", "winlog.channel")
#: And of the few that tell of a log itself.
FIELDS_OF_NOTICES = (*FIELDS, "event.action", "log.file.path", "intune_connector.log", "message")

_DECODER = msgspec.json.Decoder(AuditedDocument)
_NOTHING = AuditedDocument()


def audited(source: msgspec.Raw) -> AuditedDocument:
    """Return what a document says; nothing where it was built by somebody else, who spells it otherwise."""
    try:
        return _DECODER.decode(source)
    except msgspec.DecodeError:
        return _NOTHING
