"""What of ours is in a space: asked through the export, the one way to read saved objects that is not deprecated.

Source: https://www.elastic.co/docs/api/doc/kibana/operation/operation-exportsavedobjectsdefault
"""

from collections.abc import Sequence

import msgspec

from shipper.kibana.install.answer import Answer
from shipper.kibana.install.content import is_seal
from shipper.kibana.install.kibana import Kibana
from shipper.kibana.install.saved_object import PREFIX, TAG_ID, Body, Key, SavedObject

#: What a release of ours has had, has, or may have.
TYPES = ("dashboard", "index-pattern", "links", "search", "lens")
PRIVILEGE = "Saved Objects Management: All (or Dashboard, Discover, Data View Management and Tag Management: All)"

_BAD_REQUEST, _NOT_FOUND = 400, 404


class _Fault(msgspec.Struct, frozen=True):
    status: int = msgspec.field(default=0, name="statusCode")


class _Missing(msgspec.Struct, frozen=True):
    type: str
    id: str
    error: _Fault = _Fault()


class _Attributes(msgspec.Struct, frozen=True):
    objects: list[_Missing] = []


def find(kibana: Kibana, wanted: Sequence[SavedObject]) -> dict[Key, SavedObject]:
    """Return everything of ours in the space, by what we call it: what is wanted, and what has our tag.

    In a second space of the same Kibana objects have other ids, and ours as their origin.

    Raises:
        SinkError: Kibana does not answer the question.
    """
    ours = {one.key: one for one in _by_type(kibana, ["tag"]) if one.key == ("tag", TAG_ID)}
    for tag in tuple(ours.values()):
        reference = {"type": "tag", "id": tag.id}
        for one in _by_type(kibana, TYPES, reference, deep=True):
            if one.key[1].startswith(PREFIX):
                ours[one.key] = one
    for one in _by_id(kibana, [one for one in wanted if one.key not in ours]):
        ours[one.key] = one
    return ours


def users_of(kibana: Kibana, one: SavedObject) -> list[SavedObject]:
    """Return the objects that refer to ``one`` and are not ours."""
    found = _by_type(kibana, TYPES, {"type": one.type, "id": one.id})
    return [user for user in found if not user.key[1].startswith(PREFIX)]


def _by_type(
    kibana: Kibana, types: Sequence[str], reference: dict[str, str] | None = None, *, deep: bool = False
) -> list[SavedObject]:
    question: Body = {"type": list(types), "includeReferencesDeep": deep}
    if reference:
        question["hasReference"] = [reference]
    return _exported(_asked(kibana, question))


def _by_id(kibana: Kibana, wanted: Sequence[SavedObject]) -> list[SavedObject]:
    """Return those of ``wanted`` that are there; an export with one that is not there is refused, and names it."""
    left = list(wanted)
    while left:
        named = [{"type": one.type, "id": one.id} for one in left]
        answer = kibana.post("/api/saved_objects/_export", {"objects": named})
        if answer.ok:
            return _exported(answer)
        missing = _missing(answer)
        still = [one for one in left if one.key not in missing]
        if len(still) == len(left):
            raise answer.refusal("the export of saved objects", PRIVILEGE)
        left = still
    return []


def _asked(kibana: Kibana, question: Body) -> Answer:
    answer = kibana.post("/api/saved_objects/_export", question)
    if not answer.ok:
        raise answer.refusal("the export of saved objects", PRIVILEGE)
    return answer


def _missing(answer: Answer) -> set[Key]:
    if answer.status != _BAD_REQUEST:
        return set()
    try:
        named = msgspec.convert(answer.attributes(), _Attributes).objects
    except msgspec.ValidationError:
        return set()
    return {(one.type, one.id) for one in named if one.error.status == _NOT_FOUND}


def _exported(answer: Answer) -> list[SavedObject]:
    """Return the objects of an export; its last line counts them."""
    lines = answer.lines()
    if not lines or lines[-1].get("exportedCount") != len(lines) - 1:
        raise answer.foreign("the export has no end")
    try:
        return [msgspec.convert(line, SavedObject) for line in lines[:-1]]
    except msgspec.ValidationError as error:
        raise answer.foreign(str(error)) from None


def with_tags_of(one: SavedObject, there: SavedObject, our_tag: str) -> SavedObject:
    """Return ``one`` with the tags that users gave to what it replaces.

    Args:
        one: what goes there.
        there: what is there.
        our_tag: the id that our tag has in this space.
    """
    theirs = tuple(
        reference
        for reference in there.references
        if reference.type == "tag" and not is_seal(reference.name) and reference.id not in (our_tag, TAG_ID)
    )
    return msgspec.structs.replace(one, references=one.references + theirs)
