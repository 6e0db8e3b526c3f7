"""What a run did, in numbers that add up."""

from collections.abc import Iterable

import msgspec

from shipper.model import UNCOUNTED, Outcome, Problem


class Counts(msgspec.Struct):
    """The account of a run: ``read = shipped + duplicates + redirected + dead + filtered`` once it has ended.

    Attributes:
        read: events decoded, and notices of what happened to a log itself.
        shipped: accepted by the sink for the first time.
        duplicates: already there (409).
        redirected: taken by a failure store.
        dead: kept as dead letters.
        filtered: of channels that were not asked for.
        skipped: records in chunks passed over without decoding, from the chunk headers.
        unreadable: records that were there and could not be decoded.
        uncounted: damaged places in which records may be lost and nobody can say how many.
        missed: records that were overwritten or removed before they could be read.
        retried: sendings beyond the first.
        unknown_events: documents of an event id that the catalog does not know.
        unknown_codes: documents with a diagnostic code that the catalog does not know.
        seconds: duration of the run.
        alerts: raised by rules in this run.
        alerts_waiting: not taken by every outlet yet; those of earlier runs among them.
        alerts_refused: kept in a file of their own because an outlet will never take them.
    """

    read: int = 0
    shipped: int = 0
    duplicates: int = 0
    redirected: int = 0
    dead: int = 0
    filtered: int = 0
    skipped: int = 0
    unreadable: int = 0
    uncounted: int = 0
    missed: int = 0
    retried: int = 0
    unknown_events: int = 0
    unknown_codes: int = 0
    seconds: float = 0.0
    alerts: int = 0
    alerts_waiting: int = 0
    alerts_refused: int = 0

    def settle(self, outcomes: Iterable[Outcome]) -> None:
        """Count what became of one batch."""
        for outcome in outcomes:
            self.retried += outcome.attempts - 1
            match outcome.status:
                case "indexed":
                    self.shipped += 1
                case "duplicate":
                    self.duplicates += 1
                case "redirected":
                    self.redirected += 1
                case _:
                    self.dead += 1

    def lose(self, problem: Problem) -> None:
        """Count what a problem costs."""
        if problem.records == UNCOUNTED:
            self.uncounted += 1
        else:
            self.unreadable += problem.records

    @property
    def complete(self) -> bool:
        """Say whether every record that was there has been delivered, and every alert."""
        of_events = self.dead == self.unreadable == self.uncounted == self.missed == 0
        return of_events and self.alerts_waiting == self.alerts_refused == 0
