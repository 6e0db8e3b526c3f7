"""How a later setup sees that nobody has changed an object since an earlier one installed it.

A saved object has no field for such a thing: unknown attributes are refused. So the digest of its content stands in
the name of a reference that nothing in it speaks of. Kibana keeps all references at an import, and writes them anew
from the attributes when somebody saves in the editor: then the seal is gone. What does not write them anew (tags that
somebody adds, a new title) moves ``updated_at`` away from ``created_at``, which are the same right after an import.
A rule has ``meta`` for it, free to use, which the editor of rules overwrites.

Seen in Kibana's source of 8.12 and 9.x (bulk_create.ts: both dates of an import are one; save_dashboard_state.ts 8.12:
a save creates the dashboard once more, so that the dates alone would not tell), not in a running one.
"""

from collections.abc import Sequence

import msgspec

from shipper.kibana.install.content import SEAL, content, digest, is_seal, rule_content
from shipper.kibana.install.saved_object import TAG_ID, Body, Reference, SavedObject

#: Nothing in these changes its shape from release to release, and Kibana writes into data views by itself: what they
#: say decides, not their dates or versions.
_PLAIN = ("index-pattern", "tag")
_META = "intune_connector_shipper"


def sealed(one: SavedObject, data_view: str = "") -> SavedObject:
    """Return ``one`` with its seal.

    Args:
        one: as it stands in the file.
        data_view: the id of a data view that is installed with it; what the seal seems to refer to must be there.
    """
    if one.type == "tag":  # what everything refers to refers to nothing
        return one
    towards = ("index-pattern", data_view) if data_view and one.type != "index-pattern" else ("tag", TAG_ID)
    reference = Reference(f"{SEAL}{digest(content(one))}", *towards)
    return msgspec.structs.replace(one, references=(*unsealed(one).references, reference))


def unsealed(one: SavedObject) -> SavedObject:
    """Return ``one`` without a seal."""
    kept = tuple(reference for reference in one.references if not is_seal(reference.name))
    return msgspec.structs.replace(one, references=kept)


def seal_of(one: SavedObject) -> str:
    """Return the digest of the content that was installed, empty where no setup did."""
    return next((one_.name.removeprefix(SEAL) for one_ in one.references if is_seal(one_.name)), "")


def is_untouched(there: SavedObject, shapes: Sequence[SavedObject]) -> bool:
    """Say whether ``there`` is as a setup left it.

    Args:
        there: of Kibana.
        shapes: objects as we ship them: one of its type says whether its shape has been migrated since; then what it
            says has another spelling, and its dates alone decide.
    """
    seal = seal_of(there)
    if there.type in _PLAIN:
        return seal == digest(content(there))
    same_dates = bool(there.created_at) and there.created_at == there.updated_at
    return bool(seal) and same_dates and (is_migrated(there, shapes) or seal == digest(content(there)))


def is_migrated(there: SavedObject, shapes: Sequence[SavedObject]) -> bool:
    """Say whether Kibana has migrated ``there`` beyond the shape that we ship."""
    if there.type in _PLAIN:
        return False
    ours = {one.type_migration_version for one in shapes if one.type == there.type}
    return there.type_migration_version not in ours


def sealed_rule(rule: Body) -> Body:
    """Return ``rule`` with its seal."""
    return {**rule, "meta": {**rule.get("meta", {}), _META: {"content": digest(rule_content(rule))}}}


def unsealed_rule(rule: Body) -> Body:
    """Return ``rule`` without a seal."""
    meta = {key: value for key, value in rule.get("meta", {}).items() if key != _META}
    kept = {key: value for key, value in rule.items() if key != "meta"}
    return {**kept, "meta": meta} if meta else kept


def is_untouched_rule(there: Body) -> bool:
    """Say whether the content of a rule is as a setup left it."""
    return bool(rule_seal(there)) and rule_seal(there) == digest(rule_content(there))


def rule_seal(rule: Body) -> str:
    """Return the digest of the content that was installed, empty where no setup did."""
    meta = rule.get("meta")
    ours = meta.get(_META) if isinstance(meta, dict) else None
    return str(ours.get("content", "")) if isinstance(ours, dict) else ""
