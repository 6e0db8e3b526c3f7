"""A source that goes on: pass after pass over what is new, and a wait in between."""

import threading
from collections.abc import Iterator

from shipper.pipeline.preparation import IDLE, Prepared, Recipe
from shipper.pipeline.progress import Progress
from shipper.sources import Follower


def prepare_following(
    recipe: Recipe, follower: Follower, progress: Progress, stop: threading.Event
) -> Iterator[Prepared]:
    """Yield the documents of what is new until ``stop`` is set; after each pass ``IDLE``.

    Each pass is planned from where reading has got to, which the caller notes before it asks for more.
    """
    while not stop.is_set():
        for unit in follower.plan(progress.read):
            for prepared in recipe.prepare(unit):
                yield prepared
                if stop.is_set():
                    return
        yield IDLE
        follower.wait(stop)
