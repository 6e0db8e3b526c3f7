"""What a target makes of a rule: text of its own, or the reason why it cannot say it."""

import msgspec


class Unsayable(msgspec.Struct, frozen=True):
    """A target cannot say a rule.

    Attributes:
        reason: a sentence for the matrix of rules and targets.
    """

    reason: str
