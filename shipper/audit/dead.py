"""What the dead letters account for, entered into the ledger."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from shipper import dead_letters
from shipper.audit.document import audited
from shipper.audit.ledger import Ledger, Sighting, Which
from shipper.audit.notices import NOTICE_ACTIONS
from shipper.audit.period import Period, parsed_us
from shipper.audit.report import DeadReason
from shipper.model import Problem


class _Reasons:
    """Counts dead letters by error type; of each the first reason is kept."""

    def __init__(self) -> None:
        self._found: dict[str, DeadReason] = {}

    def count(self, letter: dead_letters.DeadLetter) -> None:
        known = self._found.get(letter.error_type) or DeadReason(letter.error_type, letter.reason, 0)
        self._found[letter.error_type] = msgspec.structs.replace(known, letters=known.letters + 1)

    def all(self) -> tuple[DeadReason, ...]:
        return tuple(sorted(self._found.values(), key=lambda reason: -reason.letters))


def read_dead_letters(folder: Path, ledger: Ledger, data_stream: str, period: Period) -> tuple[DeadReason, ...]:
    """Enter the dead letters that were to go to ``data_stream``; return why they did not get there.

    Args:
        folder: the state folder; it need not exist.
        ledger: where they are entered.
        data_stream: of the audit.
        period: which times are compared.

    Raises:
        StateError: the file cannot be read.
    """
    path = folder / dead_letters.FILE_NAME
    reasons = _Reasons()
    if path.is_file():
        ledger.enter(Which.DEAD_LETTER, _sightings(path, data_stream, period, reasons))
    return reasons.all()


def _sightings(path: Path, data_stream: str, period: Period, reasons: _Reasons) -> Iterator[Sighting]:
    for letter in dead_letters.read(path):
        if isinstance(letter, Problem) or not letter.id or letter.data_stream != data_stream:
            continue
        document = audited(letter.document)
        time_us = parsed_us(document.timestamp) or 0
        if not period.holds(time_us):
            continue
        reasons.count(letter)
        if document.event.action not in NOTICE_ACTIONS or document.winlog.channel:  # a notice is no event
            yield Sighting(
                letter.id,
                document.host.name or "",
                document.winlog.channel or "",
                document.event.sequence,
                time_us,
                letter.position,
            )
