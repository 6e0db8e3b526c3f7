"""What the shipper itself told of logs, read back from its documents."""

from shipper.audit.document import AuditedDocument
from shipper.audit.missed import Missed, MissedRecords
from shipper.audit.period import parsed_us
from shipper.audit.report import StoredNotice

#: What ``event.action`` says of such a document.
CLEARED, MISSED = NOTICE_ACTIONS = ("log-cleared", "records-missed")
#: So many of them are told one by one; the rest is counted.
MOST_NOTICES = 1_000
#: So many ids are remembered, to tell a notice that is stored twice (a rollover lies in between) from two.
_MOST_IDS = 100_000


class Notices:
    """Takes the documents in the order of time.

    Args:
        missed: takes what they report as missed.
    """

    def __init__(self, missed: Missed) -> None:
        self.told: list[StoredNotice] = []
        self.total = self.cleared = 0
        self._missed = missed
        self._ids: set[str] = set()

    def take(self, id: str, document: AuditedDocument) -> None:  # noqa: A002 (the name of the field)
        """Take one; a second copy is passed over."""
        if id in self._ids:
            return
        if len(self._ids) < _MOST_IDS:
            self._ids.add(id)
        self.total += 1
        notice = _notice(document)
        if len(self.told) < MOST_NOTICES:
            self.told.append(notice)
        self.cleared += notice.action == CLEARED
        if notice.action == MISSED:
            self._missed.add(_records(notice), notice.missed)


def _notice(document: AuditedDocument) -> StoredNotice:
    records = document.intune_connector.log
    return StoredNotice(
        document.timestamp,
        document.host.name or "",
        document.log.file.path or "",
        document.event.action or "",
        document.message or "",
        records.missed,
        records.first_missed,
        records.last_missed,
    )


def _records(notice: StoredNotice) -> MissedRecords:
    first = -1 if notice.first_missed is None else notice.first_missed
    last = -1 if notice.last_missed is None else notice.last_missed
    return MissedRecords(notice.log, notice.computer, first, last, parsed_us(notice.time) or 0)
