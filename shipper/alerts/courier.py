"""Carries alerts from the outbox to one outlet, in a thread of its own: a dead outlet holds nobody else up."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from shipper.alerts.outbox import Outbox
from shipper.alerts.outlet import Outlet, Refused, Taken, Unavailable
from shipper.model import Document


class RefusedAlerts(Protocol):
    """Where alerts go that an outlet will never take."""

    def keep(self, outlet: str, refused: Sequence[tuple[Document, Refused]]) -> None:
        """Keep each whole with its reason; durable when this returns.

        Raises:
            Exception: it cannot be kept.
        """
        ...


class Courier:
    """Hands alerts to an outlet again and again until it has taken or refused each.

    Args:
        outbox: where they wait.
        outlet: closed when the courier ends.
        refused: keeps what will never be taken.
        wait_s: how long to wait after so many failures in a row, with what the other side asked for.
        say: told once why an outlet takes nothing, and when it does again; from the courier's thread.
    """

    def __init__(
        self,
        outbox: Outbox,
        outlet: Outlet,
        refused: RefusedAlerts,
        wait_s: Callable[[int, str], float],
        say: Callable[[str], None],
    ) -> None:
        self.name = outlet.name
        self.refused = 0
        self.failures = 0
        self.fault: Exception | None = None
        self._outbox = outbox
        self._outlet = outlet
        self._keep = refused.keep
        self._wait_s = wait_s
        self._say = say
        self._over = threading.Event()
        self._told = ""
        self._thread = threading.Thread(target=self._work, name=f"alerts to {outlet.name}", daemon=True)

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if not self._thread.is_alive() and self._thread.ident is None:
            self._thread.start()

    def interrupt(self) -> None:
        """End, whatever waits."""
        self._over.set()
        self._outlet.interrupt()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; say whether it came."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            while not self._over.is_set():
                alerts = self._outbox.take(self.name, self._outlet.most)
                if not alerts:
                    break
                if not self._over.is_set():
                    self._hand_over(alerts)
        except Exception as error:  # noqa: BLE001 (the run raises it at its next turn)
            self.fault = error
        finally:
            self._outlet.close()

    def _hand_over(self, alerts: list[Document]) -> None:
        try:
            verdicts = self._outlet.deliver(alerts)
        except Unavailable as why:
            self._outbox.settle(self.name, alerts[: why.taken])
            self.failures = 1 if why.taken else self.failures + 1
            self._tell(why.reason)
            self._over.wait(self._wait_s(self.failures, why.retry_after))
            return
        self._settle(alerts, verdicts)
        self.failures = 0
        if self._told:
            self._say(f"{self.name} takes alerts again")
            self._told = ""

    def _settle(self, alerts: list[Document], verdicts: Sequence[Taken | Refused]) -> None:
        refused = [(alert, one) for alert, one in zip(alerts, verdicts, strict=True) if isinstance(one, Refused)]
        if refused:
            self._keep(self.name, refused)
            self.refused += len(refused)
            self._say(f"{self.name} refuses {len(refused)} alert{'s'[: len(refused) != 1]}: {refused[0][1].reason}")
        self._outbox.settle(self.name, alerts)

    def _tell(self, reason: str) -> None:
        if reason != self._told and not self._over.is_set():
            self._say(f"{self.name} takes no alerts: {reason}; tried again until it does")
            self._told = reason
