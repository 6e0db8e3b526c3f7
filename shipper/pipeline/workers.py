"""Units to documents in several processes; the order of the source is kept."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import msgspec

from shipper.ecs import CatalogMisses
from shipper.errors import SourceError
from shipper.model import Cursor, Document, Notice, Position, Problem, Unit
from shipper.pipeline.preparation import Prepared, Recipe


def prepare_in_processes(recipe: Recipe, workers: int, cursors: Sequence[Cursor]) -> Iterator[Prepared]:
    """Yield the documents of all that the source has beyond ``cursors``, in order; streams are read in this process.

    Raises:
        SourceError: a worker was killed, or the source cannot be read at all.
    """
    # fork starts in 3 ms where spawn imports everything again (150 ms); the pool is started before any thread is.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    waiting: deque[tuple[Unit, Future[bytes]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_adopt, initargs=(recipe,)) as pool:
        try:
            for unit in recipe.source.plan(cursors):
                if not unit.slots:  # a stream has no end that is known: it is read here, batch by batch
                    yield from _drained(waiting)
                    yield from recipe.prepare(unit)
                    continue
                waiting.append((unit, pool.submit(_prepare_unit, unit)))
                if len(waiting) > workers + 1:
                    yield from _result(*waiting.popleft())
            yield from _drained(waiting)
        except BrokenProcessPool:
            hint = "is memory short? take fewer --workers, or 1"
            raise SourceError("a process that decodes has been killed", where="--workers", hint=hint) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _drained(waiting: deque[tuple[Unit, Future[bytes]]]) -> Iterator[Prepared]:
    while waiting:
        yield from _result(*waiting.popleft())


def _result(unit: Unit, future: Future[bytes]) -> Iterator[Prepared]:
    return _unpacked(future.result(), unit)


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


class _Parcel(msgspec.Struct, frozen=True, array_like=True):
    """``Prepared`` on its way between processes: what all documents of a unit share stands once, the rest in columns.

    Pickling documents one by one costs 4 us each; as MessagePack with every field's name 3.4 us; this 2 us.
    """

    bodies: list[bytes]
    ids: list[str]
    records: list[int]
    offsets: list[int]
    chunks: list[int]
    source: str
    data_stream: str
    ingested_at: int
    problems: Sequence[Problem]
    filtered: int
    skipped: int
    size_bytes: int
    notices: Sequence[Notice]
    misses: CatalogMisses
    cursor: Cursor | None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[_Parcel])


def _prepare_unit(unit: Unit) -> bytes:
    return _encoder.encode([_packed(prepared) for prepared in _adopted[0].prepare(unit)])


def _packed(prepared: Prepared) -> _Parcel:
    """Return a parcel; all documents come from one log, so they share source, data stream and place of the stamp."""
    documents = prepared.documents
    first = documents[0] if documents else Document("", "", b"", -1, Position("", -1))
    positions = [document.position for document in documents]
    return _Parcel(
        [document.body for document in documents],
        [document.id for document in documents],
        [position.record for position in positions],
        [position.offset for position in positions],
        [position.chunk for position in positions],
        first.position.source,
        first.data_stream,
        first.ingested_at,
        prepared.problems,
        prepared.filtered,
        prepared.skipped,
        prepared.size_bytes,
        prepared.notices,
        prepared.misses,
        # A name that is no UTF-8 cannot be packed; the unit, which stayed behind, has it.
        msgspec.structs.replace(prepared.cursor, source="") if prepared.cursor is not None else None,
    )


def _unpacked(blob: bytes, unit: Unit) -> Iterator[Prepared]:
    for parcel in _decoder.decode(blob):
        source, data_stream, at = parcel.source, parcel.data_stream, parcel.ingested_at
        places = map(Position, [source] * len(parcel.ids), parcel.records, parcel.offsets, parcel.chunks)
        yield Prepared(
            [
                Document(id_, data_stream, body, at, place)
                for id_, body, place in zip(parcel.ids, parcel.bodies, places, strict=True)
            ],
            parcel.problems,
            parcel.filtered,
            parcel.skipped,
            parcel.size_bytes,
            parcel.notices,
            parcel.misses,
            msgspec.structs.replace(parcel.cursor, source=unit.source) if parcel.cursor is not None else None,
        )
