"""A source that goes on: pass after pass over what is new, and a wait in between."""

import threading
from collections.abc import Iterator

from shipper.pipeline.preparation import BEHIND, IDLE, Prepared, Recipe
from shipper.pipeline.progress import Progress
from shipper.sources import Follower


def prepare_following(
    recipe: Recipe, follower: Follower, progress: Progress, stop: threading.Event
) -> Iterator[Prepared]:
    """Yield the documents of what is new until ``stop`` is set; after each pass ``IDLE``.

    After a pass in which a log could not be read, or not to its end since archives of it come first, it is ``BEHIND``:
    nobody knows what stands there, so nobody can say what did not happen. A damaged log is told of once, and counts as
    read at the next pass.

    Each pass is planned from where reading has got to, which the caller notes before it asks for more.
    """
    while not stop.is_set():
        is_behind = False
        for unit in follower.plan(progress.read):
            for prepared in recipe.prepare(unit):
                is_behind = is_behind or bool(prepared.problems)
                yield prepared
                if stop.is_set():
                    return
        yield BEHIND if is_behind or not all(log.reachable and log.complete for log in follower.standings()) else IDLE
        follower.wait(stop)
