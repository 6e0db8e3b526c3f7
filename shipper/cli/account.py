"""How a run is shown while it goes and when it has ended: to people, or to machines with ``--json``."""

import json
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import msgspec

from shipper.cli.terminal import neutralise, say
from shipper.model import Problem
from shipper.pipeline import Counts

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: So many problems are shown one by one; the rest is counted.
PROBLEMS_SHOWN = 20


class Account(Protocol):
    """An observer that also shows how the run ended; a context manager around the run."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def begin(self, total_bytes: int) -> None:
        """Hear how much there is to read; 0 where that is not known."""
        ...

    def problem(self, problem: Problem) -> None:
        """Show something that could not be read."""
        ...

    def advanced(self, size_bytes: int, counts: Counts) -> None:
        """Show that ``size_bytes`` more are done."""
        ...

    def paused(self, reason: str) -> None:
        """Show why delivery waits."""
        ...

    def ended(self, counts: Counts) -> None:
        """Show the account."""
        ...


class JsonAccount:
    """Problems and the account as JSON objects, one a line, on standard error; the account is the last line."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def begin(self, total_bytes: int) -> None:
        """Say nothing: machines wait for the end."""

    def problem(self, problem: Problem) -> None:
        """Write the problem as ``{"problem": {...}}``."""
        self._write({"problem": problem})

    def advanced(self, size_bytes: int, counts: Counts) -> None:
        """Say nothing: machines wait for the end."""

    def paused(self, reason: str) -> None:
        """Write the reason as ``{"waiting": "..."}``."""
        self._write({"waiting": reason})

    def ended(self, counts: Counts) -> None:
        """Write the account."""
        self._write(counts)

    @staticmethod
    def _write(value: object) -> None:
        # The standard library escapes all that is not ASCII, lone surrogates of file names among it.
        say(json.dumps(msgspec.to_builtins(value), separators=(",", ":")))


class TerminalAccount:
    """Problems as they come, a progress bar where standard error is a terminal, a sentence at the end."""

    def __init__(self, total_bytes: int = 0) -> None:
        self._total_bytes = total_bytes
        self._problems = 0
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def begin(self, total_bytes: int) -> None:
        """Remember what 100 % is."""
        self._total_bytes = total_bytes

    def problem(self, problem: Problem) -> None:
        """Print the first problems one by one."""
        self._problems += 1
        if self._problems <= PROBLEMS_SHOWN:
            say(f"shipper: {neutralise(f'{problem.position}: {problem.reason}')}")

    def advanced(self, size_bytes: int, counts: Counts) -> None:
        """Move the bar."""
        if not sys.stderr.isatty():
            return
        if self._progress is None:
            # Begun at the first news: a bar has a thread, and worker processes are to be forked before any thread is.
            self._progress, self._task = _bar(self._total_bytes)
        if self._task is not None:
            self._progress.update(self._task, advance=size_bytes, events=f"{counts.read:,} events")

    def paused(self, reason: str) -> None:
        """Print the reason."""
        say(f"shipper: waiting: {neutralise(reason)}")

    def ended(self, counts: Counts) -> None:
        """Print the account as one sentence, and what it leaves to do."""
        if self._progress is not None:
            self._progress.stop()
        if self._problems > PROBLEMS_SHOWN:
            say(f"shipper: {self._problems - PROBLEMS_SHOWN:,} more problems; all of them with --json")
        say(f"shipper: {sentence(counts)}")


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
        (counts.retried, "sent again"),
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
