"""What can go wrong on the way to Kibana, and in it."""

from typing import Literal

import msgspec

from shipper.testing.kibana.reply import Reply


class Fault(msgspec.Struct, frozen=True):
    """What becomes of requests that would otherwise be answered.

    Attributes:
        path: a part of the path of the requests that it strikes, empty for all.
        reply: what is answered instead.
        kind: ``reply`` answers; ``stall`` says nothing for ``stall_s``; ``cut`` carries the request out and ends the
            answer in the middle; ``drop`` carries it out and ends the line without an answer.
        method: of the requests that it strikes, empty for all.
        times: how many requests it strikes.
        stall_s: how long it is silent.
    """

    path: str = ""
    reply: Reply = Reply(503)
    kind: Literal["reply", "stall", "cut", "drop"] = "reply"
    method: str = ""
    times: int = 1
    stall_s: float = 0.0
