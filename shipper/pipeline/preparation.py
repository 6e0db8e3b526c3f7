"""From units of a source to encoded documents, in this process or in several.

Order is kept either way: the pipeline sees documents in the order of the source.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

import msgspec

from shipper import catalog, ecs
from shipper.errors import SourceError
from shipper.model import Batch, Document, Problem, Unit
from shipper.sources import Source

_Placed = TypeVar("_Placed", Document, Problem)


class Prepared(msgspec.Struct, frozen=True):
    """A batch whose events have become documents; the counts are those of ``Batch``."""

    documents: list[Document]
    problems: Sequence[Problem] = ()
    filtered: int = 0
    skipped: int = 0
    size_bytes: int = 0


class Recipe(msgspec.Struct, frozen=True):
    """All that a process needs to turn units into documents; it can be pickled.

    Attributes:
        source: where events come from.
        settings: how they are explained.
        clock: seconds since 1970; a module-level function, so that it can be pickled.
    """

    source: Source
    settings: ecs.EcsSettings
    clock: Callable[[], float] = time.time

    def prepare(self, unit: Unit) -> Iterator[Prepared]:
        """Yield one ``Prepared`` for each batch of ``unit``."""
        for batch in self.source.read(unit):
            prepared = self._explained(batch)
            yield prepared if unit.source.isprintable() else _spelled(prepared)

    def _explained(self, batch: Batch) -> Prepared:
        documents = ecs.build_documents(batch.events, catalog.load(), self.settings, int(self.clock()))
        return Prepared(documents, batch.problems, batch.filtered, batch.skipped, batch.size_bytes)


def _spelled(prepared: Prepared) -> Prepared:
    """Escape the source's name in every position: a name that is no UTF-8 could not be encoded further on."""
    return msgspec.structs.replace(
        prepared,
        documents=[_at_spelled(document) for document in prepared.documents],
        problems=[_at_spelled(problem) for problem in prepared.problems],
    )


def _at_spelled(item: _Placed) -> _Placed:
    name = item.position.source.encode("utf-8", "backslashreplace").decode()
    return msgspec.structs.replace(item, position=msgspec.structs.replace(item.position, source=name))


def prepare(recipe: Recipe, workers: int) -> Iterator[Prepared]:
    """Yield the documents of the whole source, in order.

    Args:
        recipe: source and settings.
        workers: processes to decode in; 1 decodes in this one.
    """
    if workers > 1:
        yield from _prepare_in_processes(recipe, workers)
        return
    for unit in recipe.source.plan():
        yield from recipe.prepare(unit)


def _prepare_in_processes(recipe: Recipe, workers: int) -> Iterator[Prepared]:
    # fork starts in 3 ms where spawn imports everything again (150 ms); the pool is started before any thread is.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    waiting: deque[Future[bytes]] = deque()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_adopt, initargs=(recipe,)) as pool:
        try:
            for unit in recipe.source.plan():
                if not unit.slots:  # a stream has no end that is known: it is read here, batch by batch
                    yield from _drained(waiting)
                    yield from recipe.prepare(unit)
                    continue
                waiting.append(pool.submit(_prepare_unit, unit))
                if len(waiting) > workers + 1:
                    yield from _decoded(waiting.popleft().result())
            yield from _drained(waiting)
        except BrokenProcessPool:
            hint = "is memory short? take fewer --workers, or 1"
            raise SourceError("a process that decodes has been killed", where="--workers", hint=hint) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _drained(waiting: deque[Future[bytes]]) -> Iterator[Prepared]:
    while waiting:
        yield from _decoded(waiting.popleft().result())


# Documents cross the process boundary as one MessagePack blob: pickling them one by one costs 2 us each, this 0.3 us.
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Prepared])
_adopted: list[Recipe] = []


def _adopt(recipe: Recipe) -> None:
    """Keep the recipe in the worker process, so that a task carries its unit alone; end when the parent does."""
    _adopted[:] = [recipe]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process: the parent decides what to finish
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the pool ends what is left of it this way
    threading.Thread(target=_follow_parent_into_death, daemon=True).start()


def _follow_parent_into_death() -> None:
    # A killed parent leaves workers waiting on a queue that their own siblings hold open.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _prepare_unit(unit: Unit) -> bytes:
    return _encoder.encode(list(_adopted[0].prepare(unit)))


def _decoded(blob: bytes) -> list[Prepared]:
    return _decoder.decode(blob)
