"""Alerts that wait until every outlet has taken them; bounded by whoever fills it."""

import threading
from collections.abc import Iterable, Sequence
from itertools import islice

import msgspec

from shipper.model import Document


class Letter(msgspec.Struct, frozen=True):
    """An alert that waits.

    Attributes:
        document: what is told.
        outlets: names of those that have not taken it.
    """

    document: Document
    outlets: tuple[str, ...]


class Outbox:
    """Safe to use from several threads: one fills it, each outlet has one that empties its part.

    Args:
        outlets: their names.
        most: with so many alerts it counts as full; it takes more all the same, the caller is to stop reading.
    """

    def __init__(self, outlets: Sequence[str], most: int) -> None:
        self._most = most
        self._changed = threading.Condition()
        self._waiting: dict[str, dict[str, Document]] = {name: {} for name in outlets}
        self._left: dict[str, int] = {}
        self._closed = False
        self.changes = 0

    @property
    def waiting(self) -> int:
        """How many alerts have not been taken by every outlet."""
        return len(self._left)

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be read before some have left."""
        return self.waiting >= self._most

    def add(self, document: Document) -> None:
        """Take an alert for every outlet; one that waits already is not doubled."""
        self.restore([Letter(document, tuple(self._waiting))])

    def restore(self, letters: Iterable[Letter]) -> list[Letter]:
        """Take what an earlier run left; return what no outlet of this one waits for."""
        homeless: list[Letter] = []
        with self._changed:
            for letter in letters:
                known = [name for name in letter.outlets if name in self._waiting]
                gone = tuple(name for name in letter.outlets if name not in self._waiting)
                if gone:
                    homeless.append(Letter(letter.document, gone))
                if known and letter.document.id not in self._left:
                    self._left[letter.document.id] = len(known)
                    for name in known:
                        self._waiting[name][letter.document.id] = letter.document
            self.changes += 1
            self._changed.notify_all()
        return homeless

    def take(self, outlet: str, most: int) -> list[Document]:
        """Return the next alerts for ``outlet``, which stay until they are settled; waits for one.

        An empty list says that the outbox is closed and nothing more waits for this outlet.
        """
        with self._changed:
            waiting = self._waiting[outlet]
            while not waiting and not self._closed:
                self._changed.wait()
            return list(islice(waiting.values(), most))

    def settle(self, outlet: str, documents: Iterable[Document]) -> None:
        """Note that ``outlet`` has done with these."""
        with self._changed:
            waiting = self._waiting[outlet]
            for document in documents:
                if waiting.pop(document.id, None) is None:
                    continue
                self._left[document.id] -= 1
                if not self._left[document.id]:
                    del self._left[document.id]
            self.changes += 1
            self._changed.notify_all()

    def waiting_for(self, outlet: str) -> int:
        """Return how many alerts an outlet has not taken."""
        return len(self._waiting[outlet])

    def letters(self) -> list[Letter]:
        """Return all that wait, in the order in which they came."""
        with self._changed:
            documents = {id_: document for waiting in self._waiting.values() for id_, document in waiting.items()}
            return [
                Letter(documents[id_], tuple(name for name, waiting in self._waiting.items() if id_ in waiting))
                for id_ in self._left
            ]

    def wait_for_change(self, timeout_s: float) -> None:
        """Wait until something has left, or so long."""
        with self._changed:
            self._changed.wait(timeout_s)

    def close(self) -> None:
        """Let the threads of outlets for which nothing waits end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
