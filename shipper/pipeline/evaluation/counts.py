"""What an evaluation did, in numbers."""

import msgspec


class EvaluationCounts(msgspec.Struct):
    """The account of ``shipper evaluate``.

    Attributes:
        read: documents.
        unreadable: lines that are no documents.
        passed_over: documents that no rule looked at: of another kind, without a time, or tagged ``backfill``.
        alerts: raised by rules in this run.
        alerts_waiting: not taken by every outlet yet; those of earlier runs among them.
        alerts_refused: kept in a file of their own because an outlet will never take them.
        seconds: duration of the run.
    """

    read: int = 0
    unreadable: int = 0
    passed_over: int = 0
    alerts: int = 0
    alerts_waiting: int = 0
    alerts_refused: int = 0
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Say whether everything was read, and every alert brought away."""
        return self.unreadable == self.alerts_waiting == self.alerts_refused == 0
