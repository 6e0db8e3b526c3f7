"""The saved objects of the stand-in: import, export, deletion, and what users do to them."""

import uuid
from collections.abc import Sequence

import msgspec

from shipper.testing.kibana.clock import Clock
from shipper.testing.kibana.reply import Body, RefusedError, Reply, answered
from shipper.testing.kibana.shapes import LAST_MIGRATION, NEWER_MIGRATION, check_migration, complaint, migrated

_CHECKED_REFERENCES = ("index-pattern", "search")
_RESOLVABLE = ("conflict", "ambiguous_conflict", "missing_references")


class SavedObjects:
    """All saved objects of all spaces; an id is there once in the whole of Kibana.

    Args:
        clock: of dates.
        newer: behaves as a newer Kibana, which migrates what it imports.
    """

    def __init__(self, clock: Clock, *, newer: bool = False) -> None:
        self._clock = clock
        self._newer = newer
        self._known = NEWER_MIGRATION if newer else LAST_MIGRATION
        self._stored: dict[tuple[str, str], Body] = {}
        self._spaces: dict[tuple[str, str], str] = {}
        self._writes = 0

    def of(self, space: str) -> dict[tuple[str, str], Body]:
        """Return the objects of a space by type and id."""
        return {key: one for key, one in self._stored.items() if self._spaces[key] == space}

    def export(self, space: str, asked: Body) -> Reply:
        """Answer ``_export``."""
        there = self.of(space)
        if unknown := [type_ for type_ in asked.get("type", []) if type_ not in self._known]:
            raise RefusedError(400, f"Trying to export non-exportable type(s): {', '.join(unknown)}")
        if asked.get("objects"):
            chosen = self._named(there, asked["objects"])
        elif asked.get("type"):
            chosen = [one for (type_, _), one in there.items() if type_ in asked["type"] and _refers(one, asked)]
        else:
            raise RefusedError(400, "Either `type` or `objects` are required.")
        if asked.get("includeReferencesDeep"):
            chosen = _with_references(chosen, there)
        details = {
            "exportedCount": len(chosen), "missingRefCount": 0, "missingReferences": [], "excludedObjectsCount": 0,
            "excludedObjects": [],
        }  # fmt: skip
        lines = [msgspec.json.encode(one, order="sorted") for one in (*chosen, details)]
        return Reply(200, b"\n".join(lines), "application/ndjson")

    def _named(self, there: dict[tuple[str, str], Body], named: Sequence[Body]) -> list[Body]:
        keys = [(one["type"], one["id"]) for one in named]
        if missing := [key for key in keys if key not in there]:
            faults = [{"type": type_, "id": id_, "error": _not_found(type_, id_)} for type_, id_ in missing]
            raise RefusedError(400, "Error fetching objects to export", {"objects": faults})
        return [there[key] for key in keys]

    def take(self, space: str, lines: Sequence[Body], *, overwrite: bool) -> Reply:
        """Answer ``_import``: as create_saved_objects.ts does, with the errors that keep all from being written."""
        objects = [one for one in lines if "exportedCount" not in one]
        keys = [(one.get("type"), one.get("id")) for one in objects]
        if len(set(keys)) < len(keys):
            raise RefusedError(400, "Non-unique import objects detected")
        errors = [_error(one, {"type": "unsupported_type"}) for one in objects if one.get("type") not in self._known]
        known = [one for one in objects if one.get("type") in self._known]
        errors += self._missing_references(space, known)
        places: dict[tuple[str, str], str] = {}
        for one in known:
            places[one["type"], one["id"]] = place = self._place(space, one)
            if (one["type"], place) in self.of(space) and not overwrite:
                errors.append(_error(one, {"type": "conflict"}))
        named = {(error["type"], error["id"]) for error in errors}
        left = [one for one in known if (one["type"], one["id"]) not in named]
        if not any(error["error"]["type"] in _RESOLVABLE for error in errors):
            errors += self._written(space, left, places)
        named = {(error["type"], error["id"]) for error in errors}
        successes = [_success(one, places) for one in left if (one["type"], one["id"]) not in named]
        body: Body = {"successCount": len(successes), "success": not errors, "warnings": []}
        return answered(
            body | ({"successResults": successes} if successes else {}) | ({"errors": errors} if errors else {})
        )

    def _missing_references(self, space: str, objects: Sequence[Body]) -> list[Body]:
        sent = {(one["type"], one["id"]) for one in objects}
        origins = {(key[0], one.get("originId", key[1])) for key, one in self.of(space).items()}
        there = sent | origins | self.of(space).keys()
        errors = []
        for one in objects:
            references = [
                {"type": reference["type"], "id": reference["id"]}
                for reference in one.get("references", [])
                if reference["type"] in _CHECKED_REFERENCES and (reference["type"], reference["id"]) not in there
            ]
            if references:
                errors.append(_error(one, {"type": "missing_references", "references": references}))
        return errors

    def _place(self, space: str, one: Body) -> str:
        """Return the id that an object will have in the space: a fresh one where another space has its own."""
        key = (one["type"], one["id"])
        for (type_, id_), there in self.of(space).items():
            if type_ == one["type"] and there.get("originId") == one["id"]:
                return id_
        return str(uuid.uuid4()) if self._spaces.get(key, space) != space else str(one["id"])

    def _written(self, space: str, objects: Sequence[Body], places: dict[tuple[str, str], str]) -> list[Body]:
        for one in objects:
            check_migration(one, self._known)
        errors, now = [], self._clock.now()
        for one in objects:
            if said := complaint(one):
                fault = {"type": "unknown", "statusCode": 400, "error": "Bad Request", "message": said}
                errors.append(_error(one, fault))
                continue
            id_ = places[one["type"], one["id"]]
            references = [
                {**reference, "id": places.get((reference["type"], reference["id"]), reference["id"])}
                for reference in one.get("references", [])
            ]
            kept = {key: value for key, value in one.items() if key in _KEPT}
            origin = {"originId": one["id"]} if id_ != one["id"] else {}
            stored = {**kept, **origin, "id": id_, "references": references, "created_at": now, "updated_at": now}
            self._store(space, migrated(stored) if self._newer else stored)
        return errors

    def _store(self, space: str, one: Body) -> None:
        key = one["type"], one["id"]
        self._writes += 1
        self._spaces[key] = space
        self._stored[key] = {**one, "managed": False, "version": f"WzEzMSw{self._writes}XQ=="}

    def delete(self, space: str, type_: str, id_: str) -> Reply:
        """Answer ``DELETE``."""
        if (type_, id_) not in self.of(space):
            raise RefusedError(404, f"Saved object [{type_}/{id_}] not found")
        del self._stored[type_, id_]
        return answered({})

    def save_in_editor(self, type_: str, id_: str, **attributes: object) -> None:
        """Save as Kibana 8.12's editor of dashboards does: created once more, its references made of its attributes."""
        one = self._stored[type_, id_]
        changed = {**one["attributes"], **attributes}
        text, now = msgspec.json.encode(changed).decode(), self._clock.now()
        kept = [reference for reference in one["references"] if _is_spoken_of(reference["name"], text)]
        saved = {**one, "attributes": changed, "references": kept, "created_at": now, "updated_at": now}
        self._store(self._spaces[type_, id_], saved)

    def change(self, type_: str, id_: str, **attributes: object) -> None:
        """Change attributes alone, as renaming does, and newer editors."""
        one = self._stored[type_, id_]
        changed = {**one, "attributes": {**one["attributes"], **attributes}, "updated_at": self._clock.now()}
        self._store(self._spaces[type_, id_], changed)

    def assign_tag(self, type_: str, id_: str, tag: str) -> None:
        """Give an object one more tag."""
        one = self._stored[type_, id_]
        references = [*one["references"], {"type": "tag", "id": tag, "name": f"tag-ref-{tag}"}]
        self._store(self._spaces[type_, id_], {**one, "references": references, "updated_at": self._clock.now()})

    def add(self, space: str, one: Body) -> None:
        """Let a user make an object of their own."""
        now = self._clock.now()
        self._store(space, {"references": [], **one, "created_at": now, "updated_at": now})


_KEPT = ("type", "id", "attributes", "originId", "coreMigrationVersion", "typeMigrationVersion")


def _refers(one: Body, asked: Body) -> bool:
    wanted = asked.get("hasReference")
    if not wanted:
        return True
    targets = wanted if isinstance(wanted, list) else [wanted]
    has = {(reference["type"], reference["id"]) for reference in one["references"]}
    return any((target["type"], target["id"]) in has for target in targets)


def _with_references(chosen: Sequence[Body], there: dict[tuple[str, str], Body]) -> list[Body]:
    found = {(one["type"], one["id"]): one for one in chosen}
    waiting = list(chosen)
    while waiting:
        for reference in waiting.pop()["references"]:
            key = reference["type"], reference["id"]
            if key in there and key not in found:
                found[key] = there[key]
                waiting.append(there[key])
    return list(found.values())


def _is_spoken_of(name: str, text: str) -> bool:
    return name.startswith(("tag-ref-", "controlGroup_")) or name.rpartition(":")[2] in text


def _not_found(type_: str, id_: str) -> Body:
    return {"statusCode": 404, "error": "Not Found", "message": f"Saved object [{type_}/{id_}] not found"}


def _title(one: Body) -> Body:
    return {"title": one.get("attributes", {}).get("title")}


def _error(one: Body, error: Body) -> Body:
    return {"type": one.get("type"), "id": one.get("id"), "meta": _title(one), "error": error}


def _success(one: Body, places: dict[tuple[str, str], str]) -> Body:
    place = places[one["type"], one["id"]]
    success: Body = {"type": one["type"], "id": one["id"], "meta": _title(one)}
    return {**success, "destinationId": place} if place != one["id"] else success
