"""Dead letters, sent again: what is final is taken out of their file, the rest stays with its new reason."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from shipper.dead_letters import FILE_NAME, DeadLetter, Line, Rewriting, read_lines
from shipper.errors import SinkError
from shipper.model import Document, Problem
from shipper.pipeline.replay_counts import ReplayCounts
from shipper.sinks import Sink


class Selection(msgspec.Struct, frozen=True):
    """Which letters are sent.

    Attributes:
        error_types: those of these reasons; empty for all.
        limit: at most so many; 0 for all.
    """

    error_types: frozenset[str] = frozenset()
    limit: int = 0


class ProblemObserver(Protocol):
    """Whoever wants to hear of lines that are no letters."""

    def problem(self, problem: Problem) -> None:
        """Hear of one."""
        ...


class _Letter(msgspec.Struct, frozen=True):
    """One that is to be sent."""

    line: Line
    content: DeadLetter
    document: Document


class Replay:
    """One replay of the dead letters of a folder.

    A crash at any moment costs nothing: the letters stay, and what had been delivered is found there the next time.

    Args:
        folder: of the dead letters.
        selection: which of them.
        observer: told of lines that are no letters.
        acknowledges: the sink's outcomes hold even where it fails later, as Elasticsearch's do; what a file has taken
            is nothing before it is closed.
        now: the time of day.
    """

    def __init__(
        self,
        folder: Path,
        selection: Selection,
        observer: ProblemObserver,
        *,
        acknowledges: bool,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.counts = ReplayCounts()
        self._folder = folder
        self._selection = selection
        self._observer = observer
        self._acknowledges = acknowledges
        self._now = now
        self._sink: Sink | None = None
        self._fault: SinkError | None = None

    def interrupt(self) -> None:
        """Cut short what the sink waits for; called from any thread."""
        if self._sink is not None:
            self._sink.interrupt()

    def look(self) -> None:
        """Count what ``run`` would send, and send nothing; the letters count as not sent.

        Raises:
            StateError: the letters cannot be read.
        """
        path = self._folder / FILE_NAME
        for letter in self._chosen(read_lines(path) if path.exists() else ()):
            self._leave(letter)

    def run(self, open_sink: Callable[[], Sink], stop: threading.Event) -> None:
        """Send the letters, and take out of their file what is final; ``counts`` tells, after an error too.

        Args:
            open_sink: called when there is something to send.
            stop: when it is set, nothing more is sent, and what was sent is settled.

        Raises:
            StateError: the letters cannot be read or rewritten, or another replay is under way.
            SinkError: nothing more can be delivered; what was acknowledged has been taken out.
        """
        began = time.monotonic()
        try:
            with Rewriting(self._folder) as rewriting:
                self._send_all_and_close(rewriting, open_sink, stop)
                if self._fault is None or self._acknowledges:
                    rewriting.commit()
                else:
                    self.counts.take_back()
        finally:
            self.counts.seconds = round(time.monotonic() - began, 3)
        if self._fault is not None:
            raise self._fault

    def _send_all_and_close(self, rewriting: Rewriting, open_sink: Callable[[], Sink], stop: threading.Event) -> None:
        sent = False
        try:
            self._send_all(rewriting, open_sink, stop)
            sent = self._fault is None
        except SinkError as error:
            self._fault = error
        finally:
            self._close(complete=sent)

    def _send_all(self, rewriting: Rewriting, open_sink: Callable[[], Sink], stop: threading.Event) -> None:
        batch: list[_Letter] = []
        batch_bytes = 0
        for letter in self._chosen(rewriting.lines()):
            sink = self._sink = self._sink or open_sink()
            size_bytes = len(letter.document.body)
            if batch and (len(batch) >= sink.batch_docs or batch_bytes + size_bytes > sink.batch_bytes):
                self._send(batch, rewriting, stop)
                batch, batch_bytes = [], 0
            batch.append(letter)
            batch_bytes += size_bytes
        self._send(batch, rewriting, stop)

    def _chosen(self, lines: Iterable[Line]) -> Iterator[_Letter]:
        """Yield the letters that are to be sent; the others are counted, and stay."""
        counts, chosen = self.counts, 0
        for line in lines:
            content = line.content
            if isinstance(content, Problem):
                counts.no_letters += 1
                self._observer.problem(content)
                continue
            counts.letters += 1
            if self._selection.error_types and content.error_type not in self._selection.error_types:
                counts.passed_over += 1
                continue
            counts.kind(content.error_type).letters += 1
            document = content.as_document()
            letter = _Letter(line, content, document) if document is not None else None
            if letter is None:
                counts.without_document += 1
                counts.kind(content.error_type).kept += 1
            elif self._selection.limit and chosen >= self._selection.limit:
                self._leave(letter)
            else:
                chosen += 1
                yield letter

    def _send(self, batch: list[_Letter], rewriting: Rewriting, stop: threading.Event) -> None:
        """Send a batch and settle it; after a fault or a stop it is left."""
        outcomes = None
        if batch and self._sink is not None and self._fault is None and not stop.is_set():
            try:
                outcomes = self._sink.write([letter.document for letter in batch])
            except SinkError as error:
                self._fault = error
        if outcomes is None:
            for letter in batch:
                self._leave(letter)
            return
        now = self._now()
        for letter, outcome in zip(batch, outcomes, strict=True):
            self.counts.settle(letter.content.error_type, outcome)
            if outcome.status == "rejected":
                rewriting.replace(letter.line, letter.content.refused_again(outcome, now))
            else:
                rewriting.drop(letter.line)

    def _leave(self, letter: _Letter) -> None:
        self.counts.not_sent += 1
        self.counts.kind(letter.content.error_type).kept += 1

    def _close(self, *, complete: bool) -> None:
        """Close the sink; a file is there only then."""
        if self._sink is None:
            return
        try:
            self._sink.close(complete=complete)
        except SinkError as error:
            self._fault = self._fault or error
