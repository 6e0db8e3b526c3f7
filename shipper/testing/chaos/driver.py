"""The shipper in a process of its own, as an operator runs it: started, watched, signalled, killed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import msgspec

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
ENDS_WITHIN_S = 120.0
_KB = 1024
_LOOKS_EVERY_S = 0.01


class Ended(msgspec.Struct, frozen=True):
    """How a shipper ended.

    Attributes:
        code: its exit code; negative where a signal ended it.
        said: all that it wrote to standard error.
        seconds: how long it ran.
    """

    code: int
    said: str
    seconds: float

    @property
    def account(self) -> dict[str, float]:
        """The account that ``--json`` makes the last line; empty where it came to none."""
        lines = self.said.splitlines()
        try:
            loaded = json.loads(lines[-1]) if lines else {}
        except ValueError:
            return {}
        return loaded if isinstance(loaded, dict) and "read" in loaded else {}


class Shipper:
    """One ``python -m shipper``. A context manager that leaves no process behind.

    Args:
        words: the command line without the program: ``["ship", "log.evtx", "--json"]``.
        environment: variables on top of the tester's own, of which those that begin with ``SHIPPER_`` are left out.
        prefix: words before the program, which may limit it: ``["prlimit", "--fsize=4096"]``.
        folder: where it stands; anywhere but in a checkout the installed package is what runs.
    """

    def __init__(
        self,
        words: Sequence[str | Path],
        *,
        environment: Mapping[str, str] = NO_VARIABLES,
        prefix: Sequence[str] = (),
        folder: Path | None = None,
    ) -> None:
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("SHIPPER_")}
        # Files, not pipes: a pipe that nobody empties would hold the shipper up.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the process has ended)
        self._began_s = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 (our own words)
            [*prefix, sys.executable, "-m", "shipper", *map(str, words)],
            env={**inherited, **environment},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )
        self._ended: Ended | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    @property
    def seconds(self) -> float:
        """How long ago it was started."""
        return time.monotonic() - self._began_s

    def memory_bytes(self) -> int:
        """Return its resident memory."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii", "replace")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * _KB

    def open_files(self) -> int:
        """Return how many file descriptors it has open."""
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())

    def said(self) -> str:
        """Return what it has written to standard error so far."""
        if self._ended is not None:
            return self._ended.said
        return os.pread(self._said.fileno(), os.fstat(self._said.fileno()).st_size, 0).decode("utf-8", "replace")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def kill(self) -> bool:
        """End it at once, as a power cut would; say whether it was still running."""
        was_running = self.is_running
        if was_running:
            self._process.kill()
        self.ended()
        return was_running

    def wait_at_most(self, seconds: float) -> None:
        """Wait so long, or until it ends by itself."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def stopped(self, within_s: float = ENDS_WITHIN_S) -> Ended:
        """Send SIGTERM, once it listens to that, and return how it ended.

        Raises:
            subprocess.TimeoutExpired: it did not end in time.
        """
        while self.is_running and not self._catches(signal.SIGTERM):
            time.sleep(_LOOKS_EVERY_S)  # before, Python is still starting, and ends as if killed
        self.signal(signal.SIGTERM)
        return self.ended(within_s)

    def _catches(self, number: int) -> bool:
        """Say whether the process has a handler for a signal (proc(5), SigCgt)."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii", "replace")
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> (number - 1) & 1)

    def ended(self, within_s: float = ENDS_WITHIN_S) -> Ended:
        """Wait until it ends by itself and return how.

        Raises:
            subprocess.TimeoutExpired: it did not end in time; it is still running.
        """
        if self._ended is None:
            code = self._process.wait(within_s)
            seconds = self.seconds
            self._ended = Ended(code, self.said(), seconds)
            self._said.close()
        return self._ended
