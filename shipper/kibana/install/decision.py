"""What is to become of an object, from what is to be there and what is there. Pure."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from shipper.kibana.install.content import content, digest, rule_content
from shipper.kibana.install.saved_object import Body, SavedObject
from shipper.kibana.install.seal import is_migrated, is_untouched, is_untouched_rule, rule_seal, seal_of

Action: TypeAlias = Literal["create", "update", "overwrite", "leave", "keep", "remove"]

_CHANGED = "somebody changed it; --overwrite puts ours back"
_UNKNOWN = "saved in Kibana since, or not installed by setup; --overwrite puts ours in its place"
_GONE = "no longer part of the shipper"


class Decision(msgspec.Struct, frozen=True):
    """What is to become of one object, and why."""

    action: Action
    detail: str = ""


def decide(
    wanted: SavedObject, there: SavedObject | None, shapes: Sequence[SavedObject], *, overwrite: bool
) -> Decision:
    """Decide about a saved object.

    Args:
        wanted: as it is to be, without a seal.
        there: as Kibana has it, ``None`` where it has none.
        shapes: all objects that we ship.
        overwrite: what users changed gives way to ours.
    """
    if there is None:
        return Decision("create")
    untouched = is_untouched(there, shapes)
    said_the_same = untouched and seal_of(there) == digest(content(wanted))
    if said_the_same or (not is_migrated(there, shapes) and content(there) == content(wanted)):
        return Decision("leave")
    if untouched:
        return Decision("update")
    if overwrite:
        return Decision("overwrite")
    return Decision("keep", _CHANGED if seal_of(there) else _UNKNOWN)


def decide_rule(wanted: Body, there: Body | None, *, overwrite: bool) -> Decision:
    """Decide about a detection rule; whether it is enabled, its exceptions and its actions play no part."""
    if there is None:
        return Decision("create")
    if rule_content(there) == rule_content(wanted):
        return Decision("leave")
    if is_untouched_rule(there):
        return Decision("update")
    if overwrite:
        return Decision("overwrite")
    return Decision("keep", _CHANGED if rule_seal(there) else _UNKNOWN)


def decide_leftover(*, seal: str, untouched: bool, overwrite: bool) -> Decision:
    """Decide about an object of an earlier release that this one does not have.

    Args:
        seal: that it has; what no setup installed is never removed.
        untouched: it is as a setup left it.
        overwrite: as in ``decide``.
    """
    if seal and (untouched or overwrite):
        return Decision("remove", _GONE)
    why = (
        "somebody changed it; --overwrite removes it"
        if seal
        else "not installed by setup: remove it by hand, where it is none of yours"
    )
    return Decision("keep", f"{_GONE}; {why}")
