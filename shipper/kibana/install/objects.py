"""Saved objects: imported where they lack or are to change, removed where an earlier release left them."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from shipper.kibana.install.decision import Action, Decision, decide, decide_leftover
from shipper.kibana.install.finding import Finding, Result, kind_of
from shipper.kibana.install.kibana import Kibana
from shipper.kibana.install.package import Package
from shipper.kibana.install.presence import PRIVILEGE, find, users_of, with_tags_of
from shipper.kibana.install.saved_object import TAG_ID, Key, SavedObject, ndjson
from shipper.kibana.install.seal import is_untouched, seal_of

RESULTS: dict[Action, Result] = {
    "create": "created",
    "update": "updated",
    "overwrite": "overwritten",
    "leave": "unchanged",
    "keep": "kept",
    "remove": "removed",
}
#: While an answer names one of these, nothing at all of that import was written, though others are called successes.
#: Source: create_saved_objects.ts of Kibana 8.12 and 9.x ("resolvable" errors).
_NOTHING_WRITTEN = frozenset({"conflict", "ambiguous_conflict", "missing_references"})
_WRITES = ("create", "update", "overwrite")
_NOT_FOUND = 404


class _Failure(msgspec.Struct, frozen=True):
    type: str
    id: str
    error: dict[str, Any] = {}

    @property
    def nothing_written(self) -> bool:
        return self.error.get("type") in _NOTHING_WRITTEN

    @property
    def reason(self) -> str:
        """Why, in one sentence with a next step."""
        match self.error.get("type"):
            case "missing_references":
                named = ", ".join(f"{one.get('type')} {one.get('id')}" for one in self.error.get("references", []))
                return f"refers to what is not there: {named}"
            case "ambiguous_conflict":
                named = ", ".join(str(one.get("id")) for one in self.error.get("destinations", []))
                return f"several copies of it are in this space ({named}): delete all but one, then run again"
            case "conflict":
                return "is there already, and Kibana does not overwrite it"
            case "unsupported_type":
                return "this Kibana does not know the type"
            case _:
                status = self.error.get("statusCode")
                return f"{self.error.get('message') or 'no reason given'}{f' ({status})' if status else ''}"


class _Success(msgspec.Struct, frozen=True):
    type: str
    id: str


class _Imported(msgspec.Struct, frozen=True):
    success: bool
    success_count: int = msgspec.field(default=0, name="successCount")
    errors: list[_Failure] = []
    successes: list[_Success] = msgspec.field(default=[], name="successResults")


def install_objects(kibana: Kibana, package: Package, *, overwrite: bool) -> Iterator[Finding]:
    """Bring the saved objects of ``package`` into the space; yield one finding for each, then those of leftovers.

    Raises:
        SinkError: Kibana refuses the whole; what had been found until then has been yielded.
    """
    there = find(kibana, package.objects)
    decided = [(one, decide(one, there.get(one.key), package.objects, overwrite=overwrite)) for one in package.objects]
    tag = there.get(("tag", TAG_ID))
    writing = [
        _prepared(package, one, there.get(one.key), tag.id if tag else TAG_ID)
        for one, decision in decided
        if decision.action in _WRITES
    ]
    failures = _import(kibana, writing)
    for one, decision in decided:
        yield _finding(one, decision, failures.get(one.key))
    wanted = {one.key for one in package.objects}
    leftovers = [one for key, one in there.items() if key not in wanted and one.type != "tag"]
    yield from _removed(kibana, leftovers, package.objects, overwrite=overwrite)


def _prepared(package: Package, one: SavedObject, there: SavedObject | None, our_tag: str) -> SavedObject:
    sealed = package.sealed_object(one)
    return with_tags_of(sealed, there, our_tag) if there else sealed


def _finding(one: SavedObject, decision: Decision, failure: str | None) -> Finding:
    if failure is not None:
        return Finding(kind_of(one.type), one.id, "failed", failure)
    return Finding(kind_of(one.type), one.id, RESULTS[decision.action], decision.detail)


def _import(kibana: Kibana, objects: Sequence[SavedObject]) -> dict[Key, str]:
    """Import ``objects``; return why for those that were refused.

    One object whose references are missing keeps Kibana from writing any of them: then it is tried without it.
    """
    failures: dict[Key, str] = {}
    left = list(objects)
    while left:
        result = _uploaded(kibana, left)
        failures |= {(failure.type, failure.id): failure.reason for failure in result.errors}
        blocked = any(failure.nothing_written for failure in result.errors)
        still = [one for one in left if one.key not in failures]
        if not blocked:
            named = {(one.type, one.id) for one in result.successes}
            return failures | {one.key: "Kibana says nothing about it" for one in still if one.key not in named}
        if len(still) == len(left):  # it complains of what we did not send
            return failures | {one.key: "not written, because of the others" for one in left}
        left = still
    return failures


def _uploaded(kibana: Kibana, objects: Sequence[SavedObject]) -> _Imported:
    answer = kibana.upload("/api/saved_objects/_import?overwrite=true", ndjson(objects))
    if not answer.ok:
        raise answer.refusal("the import of saved objects", PRIVILEGE)
    return answer.decoded(_Imported)


def _removed(
    kibana: Kibana, leftovers: Sequence[SavedObject], shapes: Sequence[SavedObject], *, overwrite: bool
) -> Iterator[Finding]:
    for one in leftovers:
        decision = decide_leftover(seal=seal_of(one), untouched=is_untouched(one, shapes), overwrite=overwrite)
        if decision.action != "remove":
            yield Finding(kind_of(one.type), one.key[1], "kept", decision.detail)
        elif users := users_of(kibana, one):
            titles = ", ".join(user.title for user in users)
            yield Finding(kind_of(one.type), one.key[1], "kept", f"{decision.detail}, but used by: {titles}")
        else:
            yield _deleted(kibana, one, decision)


def _deleted(kibana: Kibana, one: SavedObject, decision: Decision) -> Finding:
    answer = kibana.request("DELETE", f"/api/saved_objects/{quote(one.type)}/{quote(one.id, safe='')}")
    if answer.ok or answer.status == _NOT_FOUND:
        return Finding(kind_of(one.type), one.key[1], "removed", decision.detail)
    return Finding(kind_of(one.type), one.key[1], "failed", f"cannot be removed ({answer.status}): {answer.reason}")
