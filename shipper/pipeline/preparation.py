"""From units of a source to encoded documents, in this process or in several.

Order is kept either way: the pipeline sees documents in the order of the source.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from shipper import catalog, ecs
from shipper.model import Batch, Cursor, Document, Event, Notice, Problem, Unit
from shipper.sources import Source

_Placed = TypeVar("_Placed", Document, Problem, Notice)


class Prepared(msgspec.Struct, frozen=True):
    """A batch whose events and notices have become documents; the counts are those of ``Batch``.

    Attributes:
        misses: what the catalog did not know of them.
        behind: nothing comes just now, but there is more, in a log that cannot be read.
    """

    documents: list[Document]
    problems: Sequence[Problem] = ()
    filtered: int = 0
    skipped: int = 0
    size_bytes: int = 0
    notices: Sequence[Notice] = ()
    misses: ecs.CatalogMisses = msgspec.field(default_factory=ecs.CatalogMisses)
    cursor: Cursor | None = None
    behind: bool = False

    @property
    def missed(self) -> int:
        """How many records the notices say were missed, as far as they can be counted."""
        return sum(max(notice.records, 0) for notice in self.notices)


#: What a source yields while it waits: see ``Source.read``.
IDLE = Prepared([])
#: The same, where what was not read may be there all the same: see ``prepare_following``.
BEHIND = Prepared([], behind=True)


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
        now_s, misses = int(self.clock()), ecs.CatalogMisses()
        documents = ecs.build_documents(batch.events, catalog.load(), self.settings, now_s, misses)
        if batch.notices:
            computer = next((event.computer for event in batch.events if isinstance(event, Event)), "")
            documents = ecs.build_notices(batch.notices, computer, self.settings, now_s) + documents
        return Prepared(
            documents,
            batch.problems,
            batch.filtered,
            batch.skipped,
            batch.size_bytes,
            batch.notices,
            misses,
            batch.cursor,
        )


def _spelled(prepared: Prepared) -> Prepared:
    """Escape the source's name in every position: a name that is no UTF-8 could not be encoded further on."""
    return msgspec.structs.replace(
        prepared,
        documents=[_at_spelled(document) for document in prepared.documents],
        problems=[_at_spelled(problem) for problem in prepared.problems],
        notices=[_notice_spelled(notice) for notice in prepared.notices],
    )


def _at_spelled(item: _Placed) -> _Placed:
    name = _name_spelled(item.position.source)
    return msgspec.structs.replace(item, position=msgspec.structs.replace(item.position, source=name))


def _notice_spelled(notice: Notice) -> Notice:
    before = msgspec.structs.replace(notice.before, source=_name_spelled(notice.before.source))
    return msgspec.structs.replace(_at_spelled(notice), before=before)


def _name_spelled(source: str) -> str:
    return source.encode("utf-8", "backslashreplace").decode()


def prepare(recipe: Recipe, workers: int, cursors: Sequence[Cursor] = ()) -> Iterator[Prepared]:
    """Yield the documents of all that the source has beyond ``cursors``, in order.

    Args:
        recipe: source and settings.
        workers: processes to decode in; 1 decodes in this one.
        cursors: how far it is behind.
    """
    if workers > 1:
        from shipper.pipeline.workers import prepare_in_processes  # imports what one process has no use for

        yield from prepare_in_processes(recipe, workers, cursors)
        return
    for unit in recipe.source.plan(cursors):
        yield from recipe.prepare(unit)
