"""Waiting between attempts: capped, jittered, interruptible, and never shorter than the server asks for."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event

import msgspec

#: Longer waits are not believed; then the server is asked once more.
_RETRY_AFTER_MAX_S = 3600
_DIGITS_MAX = 9


class Pacing(msgspec.Struct, frozen=True):
    """How long to wait.

    Attributes:
        base_s: upper end of the first wait.
        cap_s: upper end of every later one, which doubles until it gets there.
        chance: a number in [0, 1): the share of the upper end that is waited (full jitter). Source:
            https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
        clock: monotonic seconds.
        now: the time of day, for a ``Retry-After`` that is a date.
    """

    base_s: float = 0.5
    cap_s: float = 30.0
    chance: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def wait_s(self, attempt: int, retry_after: str = "") -> float:
        """Return how long to wait before the next attempt.

        Args:
            attempt: how many attempts have failed in a row, from 1.
            retry_after: the header of that name; seconds or an HTTP date.
        """
        ceiling_s = min(self.cap_s, self.base_s * 2.0 ** min(attempt - 1, 30))
        return max(ceiling_s * self.chance(), retry_after_s(retry_after, self.now()))


def retry_after_s(header: str, now: datetime) -> float:
    """Return the seconds that a ``Retry-After`` header asks for; 0 for none, for nonsense and for the past.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:_DIGITS_MAX]), _RETRY_AFTER_MAX_S))
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return min(max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()), _RETRY_AFTER_MAX_S)


class Patience:
    """Counts attempts of one delivery and says when to give up: when nothing got through for too long.

    Args:
        pacing: how long to wait.
        give_up_after_s: how long without any progress; ``None`` for ever.
        interrupted: set from another thread, it ends a wait at once.
    """

    def __init__(self, pacing: Pacing, give_up_after_s: float | None, interrupted: Event) -> None:
        self._pacing = pacing
        self._give_up_after_s = give_up_after_s
        self._interrupted = interrupted
        self._failures = 0
        self._since = pacing.clock()

    @property
    def interrupted(self) -> bool:
        """Say whether waiting has been ended from outside."""
        return self._interrupted.is_set()

    @property
    def waited_s(self) -> float:
        """Seconds since something got through."""
        return self._pacing.clock() - self._since

    def progress(self) -> None:
        """Note that something got through: the next wait is a short one again."""
        self._failures = 0
        self._since = self._pacing.clock()

    def wait(self, retry_after: str = "") -> bool:
        """Wait before the next attempt; false when there should be none, because of time or interruption."""
        self._failures += 1
        seconds = self._pacing.wait_s(self._failures, retry_after)
        if self._give_up_after_s is not None:
            left_s = self._since + self._give_up_after_s - self._pacing.clock()
            if left_s <= 0:
                return False
            seconds = min(seconds, left_s)
        return not self._interrupted.wait(seconds)
