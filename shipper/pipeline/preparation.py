"""From units of a source to encoded documents, in this process or in several.

Order is kept either way: the pipeline sees documents in the order of the source.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from shipper import catalog, ecs
from shipper.model import Batch, Cursor, Document, Problem, Unit
from shipper.sources import Source

_Placed = TypeVar("_Placed", Document, Problem)


class Prepared(msgspec.Struct, frozen=True):
    """A batch whose events have become documents; the counts are those of ``Batch``."""

    documents: list[Document]
    problems: Sequence[Problem] = ()
    filtered: int = 0
    skipped: int = 0
    size_bytes: int = 0
    missed: int = 0
    cursor: Cursor | None = None


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
        from shipper.pipeline.workers import prepare_in_processes  # imports what one process has no use for

        yield from prepare_in_processes(recipe, workers)
        return
    for unit in recipe.source.plan():
        yield from recipe.prepare(unit)
