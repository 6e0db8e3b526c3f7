"""From notices to documents: what happened to a log itself, told beside its events.

These documents are the shipper's own findings and say so: ``event.provider`` is the shipper, and they have neither an
``event.code`` nor ``winlog``. Windows tells of a cleared log itself (104 in System, 1102 in Security), but elsewhere,
and not at all where a file was replaced or copied.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from shipper.catalog import Language
from shipper.ecs.encode import INGESTED_AT
from shipper.ecs.envelope import AGENT_TYPE, Envelope
from shipper.ecs.fields import EcsDocument, Error, EventFields, IntuneConnector, Log, LogFile, LoggedRecords
from shipper.ecs.host import host_parts
from shipper.ecs.identity import hashed_id
from shipper.ecs.settings import EcsSettings
from shipper.ecs.standing import DATASET, MODULE
from shipper.ecs.surrogates import clean_texts, without_surrogates
from shipper.model import INGESTED_PLACEHOLDER, Document, Notice

_WARNING, _ERROR = 47, 73
#: No index takes a larger number.
_MOST_LONG = 2**63 - 1

_TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "log-cleared": "The log {log} was cleared or replaced: the last record that was read is {last_read}, and its "
        "numbers start again.",
        "records-missed": "Records of the log {log} were overwritten or removed before they could be read: "
        "{missed}{range}.",
        "uncounted": "how many is not known",
        "range": " ({first} to {last})",
    },
    "it": {
        "log-cleared": "Il registro {log} è stato cancellato o sostituito: l'ultimo record letto è {last_read} e la "
        "numerazione ricomincia.",
        "records-missed": "Record del registro {log} sovrascritti o rimossi prima di poter essere letti: "
        "{missed}{range}.",
        "uncounted": "quanti non è noto",
        "range": " (da {first} a {last})",
    },
}


def build_notices(notices: Sequence[Notice], computer: str, settings: EcsSettings, shipped_at_s: int) -> list[Document]:
    """Build the ECS documents of notices; pure.

    Args:
        notices: what happened to logs.
        computer: the computer that writes them; empty where it is not known.
        settings: what the user decided.
        shipped_at_s: time of shipping, whole seconds since 1970-01-01T00:00:00Z.

    Returns:
        one document per notice, in the same order. The same notice has the same ``_id``, however often it is given.
    """
    return [_build(notice, computer, settings, shipped_at_s) for notice in notices]


def _build(notice: Notice, computer: str, settings: EcsSettings, shipped_at_s: int) -> Document:
    envelope = _envelope(settings)
    log = _spelled(notice.position.source)
    host = host_parts(without_surrogates(computer)[0])
    message = _message(notice, log, settings.lang)
    missed = notice.action == "records-missed"
    late = notice.time_s < shipped_at_s - settings.backfill_after_s
    document_id = _id(notice, settings)
    document = EcsDocument(
        _event(notice, document_id, shipped_at_s),
        notice.time,
        envelope.ecs,
        envelope.data_stream,
        envelope.agent,
        host=host.host,
        log=Log("error" if missed else "warning", LogFile(log)),
        message=message,
        intune_connector=IntuneConnector(log=_records(notice)),
        error=Error(message=message) if missed else None,
        related=host.related,
        labels=envelope.labels,
        tags=envelope.late_tags if late else envelope.tags,
    )
    return Document(document_id, envelope.stream, msgspec.json.encode(document), INGESTED_AT, notice.position)


def _event(notice: Notice, document_id: str, shipped_at_s: int) -> EventFields:
    """Return ``event``: that a log was emptied is a fact, hence success; that records were not read is our failure."""
    missed = notice.action == "records-missed"
    return EventFields(
        ingested=INGESTED_PLACEHOLDER,
        kind="pipeline_error" if missed else "event",
        module=MODULE,
        dataset=DATASET,
        provider=AGENT_TYPE,
        id=document_id,
        created=datetime.fromtimestamp(shipped_at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        action=notice.action,
        category=() if missed else ("configuration",),
        type=() if missed else ("deletion",),
        outcome="failure" if missed else "success",
        severity=_ERROR if missed else _WARNING,
    )


def _records(notice: Notice) -> LoggedRecords:
    return LoggedRecords(
        last_read=_long(notice.before.record),
        missed=_long(notice.records) if notice.action == "records-missed" else None,
        first_missed=_long(notice.first),
        last_missed=_long(notice.last),
    )


def _long(number: int) -> int | None:
    return number if 0 <= number <= _MOST_LONG else None


def _message(notice: Notice, log: str, lang: Language) -> str:
    texts = _TEXTS[lang]
    return texts[notice.action].format(
        log=log,
        last_read=notice.before.record,
        missed=notice.records if notice.records >= 0 else texts["uncounted"],
        range=texts["range"].format(first=notice.first, last=notice.last) if notice.first >= 0 else "",
    )


def _id(notice: Notice, settings: EcsSettings) -> str:
    """Return the ``_id``: of the shipping host, the log, where reading had got to, and what stands there now."""
    before = notice.before
    numbers = (before.record, before.anchor, before.fingerprint, notice.position.record, notice.time_s)
    names = (notice.action, settings.agent_name.casefold(), notice.position.source)
    return hashed_id((*names, *map(str, numbers)))


def _spelled(source: str) -> str:
    """Return the path as positions show it: what is no UTF-8 is escaped."""
    return source.encode("utf-8", "backslashreplace").decode()


@lru_cache(maxsize=8)
def _envelope(settings: EcsSettings) -> Envelope:
    return Envelope(clean_texts(settings, []))
