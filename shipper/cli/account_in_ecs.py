"""The account of a run as ECS documents, one a line on standard error: for those who collect logs."""

import os
from collections import Counter
from collections.abc import Sequence

import msgspec

from shipper.cli.account import Account, happening, sentence
from shipper.cli.stopping import STOPPING
from shipper.cli.terminal import say
from shipper.config import Ship
from shipper.errors import ShipperError
from shipper.model import UNCOUNTED, Document, Notice, Outcome, Problem
from shipper.operations.log_line import Level, LogLines, Value
from shipper.pipeline import Counts


class EcsAccount(Account):
    """Everything that is said, as ECS documents.

    Args:
        last: tells the account once more at the very end, in its own way: ``--json`` asks for that.
    """

    def __init__(self, last: Account) -> None:
        self._lines = LogLines(os.getpid())
        self._last = last

    def begin(self, ship: Ship, total_bytes: int) -> None:
        """Write what is to be done; a sink that is a URL is named by the sink itself, later."""
        del total_bytes
        how = "following" if ship.follow else "reading"
        self._say("info", "started", f"started: {how} {', '.join(ship.inputs)}")

    def problem(self, problem: Problem) -> None:
        """Write one problem."""
        lost = problem.records if problem.records != UNCOUNTED else None
        fields: dict[str, Value | None] = {
            "error.type": "unreadable",
            "error.message": problem.reason,
            "log.file.path": problem.position.source,
            "intune_connector.log.lost": lost,
        }
        self._say("warn", "record-unreadable", f"{problem.position}: {problem.reason}", fields)

    def notice(self, notice: Notice) -> None:
        """Write what happened to a log."""
        missed = notice.action == "records-missed"
        fields: dict[str, Value | None] = {
            "log.file.path": notice.position.source,
            "intune_connector.log.missed": notice.records if missed and notice.records != UNCOUNTED else None,
            "intune_connector.log.first_missed": notice.first if notice.first >= 0 else None,
            "intune_connector.log.last_missed": notice.last if notice.last >= 0 else None,
        }
        self._say("error" if missed else "warn", notice.action, happening(notice), fields)

    def said(self, text: str) -> None:
        """Write a remark."""
        self._say("info", "remark", text)

    def paused(self, reason: str) -> None:
        """Write why delivery waits."""
        kind, _, message = reason.partition(": ")
        self._say("warn", "waiting", f"waiting: {reason}", {"error.type": kind, "error.message": message or kind})

    def resumed(self, seconds: float) -> None:
        """Write that delivery goes on."""
        self._say("info", "resumed", f"going on after {seconds:,.0f} s", {"event.duration": int(seconds * 1e9)})

    def refused(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        """Write one line for each kind of refusal in a batch, with the reason of the first."""
        kinds = Counter(outcome.error_type for _, outcome in rejected)
        for kind, count in kinds.items():
            document, outcome = next(pair for pair in rejected if pair[1].error_type == kind)
            fields: dict[str, Value | None] = {
                "error.type": kind,
                "error.message": outcome.reason,
                "log.file.path": document.position.source,
                "intune_connector.shipper.dead": count,
            }
            message = f"{count:,} refused and kept as dead letters, the first: {document.position}: {outcome.reason}"
            self._say("error", "dead-letters", message, fields)

    def stopping(self) -> None:
        """Write that the run is to end."""
        self._say("info", "stopping", STOPPING)

    def failed(self, error: ShipperError) -> None:
        """Write what the run ended with."""
        message = f"{error}; try: {error.hint}" if error.hint else str(error)
        self._say("error", "failed", message, {"error.type": type(error).__name__, "error.message": str(error)})

    def ended(self, counts: Counts) -> None:
        """Write the account; ``--json`` has its own once more as the last line."""
        fields: dict[str, Value | None] = {
            f"intune_connector.shipper.{name}": value for name, value in msgspec.structs.asdict(counts).items()
        }
        fields["event.outcome"] = "success" if counts.complete else "failure"
        self._say("info" if counts.complete else "warn", "ended", sentence(counts), fields)
        self._last.ended(counts)

    def _say(self, level: Level, action: str, message: str, fields: dict[str, Value | None] | None = None) -> None:
        say(self._lines.line(level, action, message, fields))
