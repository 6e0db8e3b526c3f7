"""How a run is shown while it goes and when it has ended: to people, or to machines with ``--json``."""

import json
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from shipper.cli.stopping import STOPPING
from shipper.cli.terminal import neutralise, say, show_error
from shipper.config import Ship
from shipper.errors import ShipperError
from shipper.model import UNCOUNTED, Document, Notice, Outcome, Problem
from shipper.pipeline import Counts

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: So many problems are shown one by one; the rest is counted.
PROBLEMS_SHOWN = 20


class Account:
    """An observer of a run that tells of it; a context manager around the run.

    What a kind of account has nothing to say of, it passes over. ``paused``, ``resumed`` and ``said`` are called from
    any thread, ``stopping`` from the handler of a signal.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def begin(self, ship: Ship, total_bytes: int) -> None:
        """Hear what is to be done, and how much there is to read; 0 where that is not known."""

    def problem(self, problem: Problem) -> None:
        """Tell of something that could not be read."""

    def notice(self, notice: Notice) -> None:
        """Tell of something that happened to a log itself."""

    def advanced(self, size_bytes: int, counts: Counts) -> None:
        """Tell that ``size_bytes`` more are done."""

    def said(self, text: str) -> None:
        """Tell something that is neither wrong nor an event."""

    def paused(self, reason: str) -> None:
        """Tell why delivery waits."""

    def resumed(self, seconds: float) -> None:
        """Tell that delivery goes on, after so long."""

    def refused(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        """Tell which documents have been kept as dead letters."""

    def stopping(self) -> None:
        """Tell that the run is to end."""
        say(f"shipper: {STOPPING}")

    def failed(self, error: ShipperError) -> None:
        """Tell what the run ended with."""
        show_error(error)

    def ended(self, counts: Counts) -> None:
        """Tell the account."""


class JsonAccount(Account):
    """Problems and the account as JSON objects, one a line, on standard error; the account is the last line."""

    def problem(self, problem: Problem) -> None:
        """Write the problem as ``{"problem": {...}}``."""
        self._write({"problem": problem})

    def notice(self, notice: Notice) -> None:
        """Write the notice as ``{"notice": {...}}``."""
        self._write({"notice": notice})

    def said(self, text: str) -> None:
        """Write the text as ``{"said": "..."}``."""
        self._write({"said": text})

    def paused(self, reason: str) -> None:
        """Write the reason as ``{"waiting": "..."}``."""
        self._write({"waiting": reason})

    def resumed(self, seconds: float) -> None:
        """Write the time as ``{"waited_s": ...}``."""
        self._write({"waited_s": round(seconds, 3)})

    def ended(self, counts: Counts) -> None:
        """Write the account."""
        self._write(counts)

    @staticmethod
    def _write(value: object) -> None:
        # The standard library escapes all that is not ASCII, lone surrogates of file names among it.
        say(json.dumps(msgspec.to_builtins(value), separators=(",", ":")))


class TerminalAccount(Account):
    """Problems as they come, a progress bar where standard error is a terminal, a sentence at the end."""

    def __init__(self, total_bytes: int = 0) -> None:
        self._total_bytes = total_bytes
        self._problems = 0
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def begin(self, ship: Ship, total_bytes: int) -> None:
        """Remember what 100 % is."""
        del ship
        self._total_bytes = total_bytes

    def problem(self, problem: Problem) -> None:
        """Print the first problems one by one."""
        self._problems += 1
        if self._problems <= PROBLEMS_SHOWN:
            say(f"shipper: {neutralise(f'{problem.position}: {problem.reason}')}")

    def notice(self, notice: Notice) -> None:
        """Print what happened."""
        say(f"shipper: {neutralise(happening(notice))}")

    def advanced(self, size_bytes: int, counts: Counts) -> None:
        """Move the bar."""
        if not sys.stderr.isatty():
            return
        if self._progress is None:
            # Begun at the first news: a bar has a thread, and worker processes are to be forked before any thread is.
            self._progress, self._task = _bar(self._total_bytes)
        if self._task is not None:
            self._progress.update(self._task, advance=size_bytes, events=f"{counts.read:,} events")

    def said(self, text: str) -> None:
        """Print the text."""
        say(f"shipper: {neutralise(text)}")

    def paused(self, reason: str) -> None:
        """Print the reason."""
        say(f"shipper: waiting: {neutralise(reason)}")

    def resumed(self, seconds: float) -> None:
        """Print that it goes on."""
        say(f"shipper: going on after {seconds:,.0f} s")

    def ended(self, counts: Counts) -> None:
        """Print the account as one sentence, and what it leaves to do."""
        if self._progress is not None:
            self._progress.stop()
        if self._problems > PROBLEMS_SHOWN:
            say(f"shipper: {self._problems - PROBLEMS_SHOWN:,} more problems; all of them with --json")
        say(f"shipper: {sentence(counts)}")


def open_account(log_format: str, *, as_json: bool) -> Account:
    """Return the account of a run.

    Args:
        log_format: ``text`` or ``ecs``.
        as_json: the account at the end is to be a JSON object.
    """
    if log_format == "ecs":
        from shipper.cli.account_in_ecs import EcsAccount

        return EcsAccount(JsonAccount() if as_json else Account())
    return JsonAccount() if as_json else TerminalAccount()


def happening(notice: Notice) -> str:
    """Return what happened to a log, as a sentence without a full stop; not yet harmless."""
    log = notice.position.source
    if notice.action == "log-cleared":
        return f"{log}: the log was cleared or replaced after record {notice.before.record}: its numbers start again"
    many = f"{notice.records:,} records" if notice.records != UNCOUNTED else "records, nobody can say how many,"
    which = f" ({notice.first} to {notice.last})" if notice.first >= 0 else ""
    return f"{log}: {many}{which} were overwritten or removed before they could be read"


def sentence(counts: Counts) -> str:
    """Return the account in words; parts that are 0 are left out, but for what was shipped."""
    rate = f" ({counts.read / counts.seconds:,.0f} events/s)" if counts.read and counts.seconds > 0 else ""
    parts = [
        (counts.duplicates, "already there"),
        (counts.redirected, "redirected to the failure store"),
        (counts.dead, "kept as dead letters"),
        (counts.filtered, "of other channels left out"),
        (counts.skipped, "records passed over in chunks of other channels"),
        (counts.unreadable, "unreadable"),
        (counts.uncounted, f"damaged place{'s'[: counts.uncounted != 1]} of unknown loss"),
        (counts.missed, "gone before they could be read"),
        (counts.retried, "sent again"),
        (counts.unknown_events + counts.unknown_codes, "with an id or code that the catalog does not know"),
        (counts.alerts, f"alert{'s'[: counts.alerts != 1]} raised"),
        (counts.alerts_waiting, f"alert{'s'[: counts.alerts_waiting != 1]} not brought away yet"),
        (counts.alerts_refused, f"alert{'s'[: counts.alerts_refused != 1]} refused"),
    ]
    said = [f"{counts.shipped:,} shipped", *(f"{number:,} {what}" for number, what in parts if number)]
    return f"{', '.join(said)}; {counts.seconds:.1f} s{rate}"


def _bar(total_bytes: int) -> "tuple[Progress, TaskID]":
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    progress = Progress(
        BarColumn(),
        DownloadColumn(binary_units=True),
        TextColumn("{task.fields[events]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.start()
    return progress, progress.add_task("ship", total=total_bytes or None, events="")
