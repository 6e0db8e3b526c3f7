"""What a replay did, in numbers that add up."""

import msgspec

from shipper.model import Outcome

_MOST_KINDS = 1000


class Kind(msgspec.Struct):
    """What became of the letters of one error type.

    Attributes:
        letters: chosen.
        final: delivered, already there, or redirected.
        kept: still dead letters.
        reason: why the last of them was refused again.
    """

    letters: int = 0
    final: int = 0
    kept: int = 0
    reason: str = ""


class ReplayCounts(msgspec.Struct):
    """The account of a replay.

    ``letters = indexed + duplicates + redirected + refused + without_document + not_sent + passed_over``.

    Attributes:
        letters: dead letters that were there when it began.
        indexed: delivered.
        duplicates: already there.
        redirected: taken by a failure store.
        refused: refused again; they stay.
        without_document: of which no document could be made; they stay.
        not_sent: chosen, and not sent, or nobody knows what became of them; they stay.
        passed_over: of other reasons than were asked for; they stay.
        no_letters: lines that are no dead letters; they stay.
        by_error_type: the chosen ones by the reason they had.
        seconds: how long it took.
    """

    letters: int = 0
    indexed: int = 0
    duplicates: int = 0
    redirected: int = 0
    refused: int = 0
    without_document: int = 0
    not_sent: int = 0
    passed_over: int = 0
    no_letters: int = 0
    by_error_type: dict[str, Kind] = {}
    seconds: float = 0.0

    @property
    def final(self) -> int:
        """How many are dead letters no more."""
        return self.indexed + self.duplicates + self.redirected

    @property
    def complete(self) -> bool:
        """Say whether nothing that was chosen is left."""
        return not (self.refused or self.without_document or self.not_sent or self.no_letters)

    def kind(self, error_type: str) -> Kind:
        """Return the count of one error type; beyond a thousand they share one."""
        if error_type not in self.by_error_type and len(self.by_error_type) >= _MOST_KINDS:
            error_type = "(others)"
        return self.by_error_type.setdefault(error_type, Kind())

    def settle(self, error_type: str, outcome: Outcome) -> None:
        """Count what became of a letter of ``error_type``."""
        kind = self.kind(error_type)
        match outcome.status:
            case "indexed":
                self.indexed += 1
            case "duplicate":
                self.duplicates += 1
            case "redirected":
                self.redirected += 1
            case _:
                self.refused += 1
                kind.kept += 1
                kind.reason = outcome.reason
                return
        kind.final += 1

    def take_back(self) -> None:
        """Count what was thought final as not sent: the sink has not kept it."""
        self.not_sent += self.final + self.refused
        self.indexed = self.duplicates = self.redirected = self.refused = 0
        for kind in self.by_error_type.values():
            kind.final, kind.kept = 0, kind.letters
