"""Whoever hears of rules and outlets while they are at work."""

from collections.abc import Callable

import msgspec


class Listener(msgspec.Struct, frozen=True):
    """Whoever hears how it goes.

    Attributes:
        say: told what is worth knowing, from any thread.
        pause: told why reading stands still.
        resume: told that it goes on.
    """

    say: Callable[[str], None]
    pause: Callable[[str], None]
    resume: Callable[[], None]
