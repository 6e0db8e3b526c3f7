"""One batch on its way: asked for where it may be there, sent, judged, sent again where that helps, split."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from shipper.errors import SinkError
from shipper.model import DUPLICATE, INDEXED, Document, Outcome
from shipper.sinks.elasticsearch import bulk
from shipper.sinks.elasticsearch.backoff import Patience
from shipper.sinks.elasticsearch.guard import Guard
from shipper.sinks.elasticsearch.judge import UNSURE, BulkAnswer, Judgement, call_for, judge_all
from shipper.sinks.elasticsearch.server import Answer, Server, Unanswered, forbidden

_TOO_LARGE = 413
#: An Elasticsearch that refuses a large body may cut the line before its 413 can be read: a line that broke this
#: often under a body of this size and more is tried with half the documents.
_SUSPECT_BREAKS = 2
_SUSPECT_BYTES = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """Documents that are sent together.

    Attributes:
        positions: their places in the batch.
        attempts: how often they have been sent before.
        breaks: after how many of these, in a row, the line broke.
        unsure: nobody knows whether the last sending was carried out.
        asked: which of them are there already is known, and these are left out.
    """

    positions: Sequence[int]
    attempts: int = 0
    breaks: int = 0
    unsure: bool = False
    asked: bool = False

    def again(self, positions: Sequence[int] | None = None, *, broken: bool = False, unsure: bool = False) -> "Part":
        """Return what is to be sent once more: all of it, or what ``positions`` name."""
        kept = self.positions if positions is None else positions
        return Part(kept, self.attempts + 1, self.breaks + 1 if broken else 0, unsure, not unsure)

    def halves(self, *, unsure: bool = False) -> "list[Part]":
        """Return it in two parts, each sent once more."""
        middle = len(self.positions) // 2
        first, second = self.positions[:middle], self.positions[middle:]
        return [self.again(first, unsure=unsure), self.again(second, unsure=unsure)]


class Sending:
    """Brings one batch to its final outcomes.

    Args:
        server: where to.
        documents: the batch.
        guard: knows which documents may be there already.
        patience: of the waits between attempts.
        now: the time of day, for ``event.ingested``.
        on_pause: told why it waits, once for each reason.
    """

    def __init__(
        self,
        server: Server,
        documents: Sequence[Document],
        guard: Guard,
        patience: Patience,
        *,
        now: Callable[[], datetime],
        on_pause: Callable[[str], None],
    ) -> None:
        self._server = server
        self._documents = documents
        self._guard = guard
        self._name = guard.new_name()
        self._patience = patience
        self._now = now
        self._on_pause = on_pause
        self._told: set[str] = set()
        self._outcomes: list[Outcome] = [INDEXED] * len(documents)

    def run(self) -> list[Outcome]:
        """Send until every document has a final outcome; one per document, same order.

        Raises:
            SinkError: nothing gets through any more.
            AuthenticationError: the credentials or privileges are refused.
        """
        parts = [Part(range(len(self._documents)))]
        while parts:
            part = parts.pop()
            parts.extend(reversed(self._send(part) if part.asked else self._ask(part)))
        self._guard.settled(self._documents, self._outcomes)
        return self._outcomes

    def _ask(self, part: Part) -> list[Part]:
        """Leave out of one part what is there already; return what has to be sent."""
        documents = self._of(part.positions)
        try:
            places = range(len(documents)) if part.unsure else self._guard.doubtful(documents)
            doubtful = [documents[place] for place in places]
            found = self._guard.found(doubtful, self._name if part.unsure else "") if doubtful else set()
        except Unanswered as fault:
            self._wait(Outcome("retry", "no_answer", fault.reason), say=True)
            return [part]
        there = {part.positions[place] for place in places if documents[place].id in found}
        for position in there:
            self._outcomes[position] = _after(DUPLICATE, max(part.attempts, 1))
        rest = [position for position in part.positions if position not in there] if there else part.positions
        return [msgspec.structs.replace(part, positions=rest, unsure=False, asked=True)] if rest else []

    def _of(self, positions: Sequence[int]) -> Sequence[Document]:
        if len(positions) == len(self._documents):
            return self._documents
        return [self._documents[position] for position in positions]

    def _send(self, part: Part) -> list[Part]:
        """Send one part; return what has to be sent after it, in order."""
        path, body = bulk.request(self._of(part.positions), bulk.stamp(self._now()))
        try:
            answer = self._server.request("POST", path, body, ndjson=True, name=self._name)
            items = answer.decoded(BulkAnswer) if answer.ok else None
        except Unanswered as fault:
            return self._after_a_break(part, fault, len(body))
        if items is not None:
            return self._judged(part, answer, items)
        return self._split(part) if answer.status == _TOO_LARGE else self._refused(part, answer)

    def _judged(self, part: Part, answer: Answer, items: BulkAnswer) -> list[Part]:
        if len(items.items) != len(part.positions):
            raise SinkError(
                f"answered for {len(items.items)} documents and was sent {len(part.positions)}",
                where=self._server.target,
                hint="is a proxy in between that changes answers?",
            )
        if not items.errors and b'"failure_store"' not in answer.body and not part.attempts:
            return []
        return self._settle(part, judge_all(items.items))

    def _settle(self, part: Part, judgements: Sequence[Judgement]) -> list[Part]:
        waiting: list[int] = []
        for position, judgement in zip(part.positions, judgements, strict=True):
            if judgement.call == "final":
                self._outcomes[position] = _after(judgement.outcome, part.attempts + 1)
            elif judgement.call == "stop":
                raise forbidden(self._server.target, judgement.outcome.reason)
            else:
                waiting.append(position)
        if len(waiting) < len(part.positions):
            self._patience.progress()
        if not waiting:
            return []
        worst = next((one for one in judgements if one.call == "pause"), None)
        worst = worst or next(one for one in judgements if one.call == "wait")
        self._wait(worst.outcome, say=worst.call == "pause")
        return [part.again(waiting, unsure=any(one.unsure for one in judgements))]

    def _refused(self, part: Part, answer: Answer) -> list[Part]:
        """Handle a request that was refused as a whole."""
        error = answer.error()
        call = call_for(error.type, answer.status, error.reason)
        if call == "stop":
            raise forbidden(self._server.target, error.reason)
        if call == "final":
            raise SinkError(f"refuses the request ({error.type}): {error.reason}", where=self._server.target)
        self._wait(Outcome("retry", error.type, error.reason), answer.retry_after, say=call == "pause")
        return [part.again(unsure=answer.status in UNSURE)]

    def _after_a_break(self, part: Part, fault: Unanswered, size_bytes: int) -> list[Part]:
        self._wait(Outcome("retry", "no_answer", fault.reason), say=True)
        if part.breaks + 1 >= _SUSPECT_BREAKS and fault.delivered and size_bytes >= _SUSPECT_BYTES:
            return part.halves(unsure=True) if len(part.positions) > 1 else [part.again(unsure=True)]
        return [part.again(broken=True, unsure=fault.delivered)]

    def _split(self, part: Part) -> list[Part]:
        if len(part.positions) > 1:
            return part.halves()
        size = len(self._documents[part.positions[0]].body)
        reason = f"the document of {size} bytes is larger than Elasticsearch accepts (http.max_content_length)"
        self._outcomes[part.positions[0]] = Outcome("rejected", "content_too_large", reason, part.attempts + 1)
        self._patience.progress()
        return []

    def _wait(self, why: Outcome, retry_after: str = "", *, say: bool) -> None:
        reason = f"{why.error_type}: {why.reason}"
        if say and reason not in self._told:
            self._told.add(reason)
            self._on_pause(reason)
        if self._patience.wait(retry_after):
            return
        if self._patience.interrupted:
            raise SinkError(
                f"stopped while waiting for it ({reason})",
                where=self._server.target,
                hint="what was shipped stays shipped; run it again when the cluster takes documents",
            )
        raise SinkError(
            f"takes no documents ({reason}); tried for {self._patience.waited_s:.0f} s",
            where=self._server.target,
            hint="what was shipped stays shipped; run it again when the cluster takes documents",
        )


def _after(outcome: Outcome, attempts: int) -> Outcome:
    return outcome if attempts == 1 else msgspec.structs.replace(outcome, attempts=attempts)
