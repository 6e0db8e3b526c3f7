"""Detection rules: what is there, what is to become of each, and what earlier releases left."""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, urlencode

import msgspec

from shipper.kibana.install.decision import Decision, decide_leftover, decide_rule
from shipper.kibana.install.finding import Finding
from shipper.kibana.install.kibana import Kibana
from shipper.kibana.install.objects import RESULTS
from shipper.kibana.install.rule_changes import PATH, change, done, import_new, read
from shipper.kibana.install.saved_object import Body
from shipper.kibana.install.seal import is_untouched_rule, rule_seal, sealed_rule

#: All rules of ours have it.
TAG = "Intune certificate connector"
_CHANGES = ("update", "overwrite")
_PAGE = 500
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOT_FOUND = 404


class _Found(msgspec.Struct, frozen=True):
    total: int
    data: list[Body]


def install_rules(kibana: Kibana, wanted: Sequence[Body], *, overwrite: bool, enable: bool) -> Iterator[Finding]:
    """Bring the rules ``wanted`` into the space; yield one finding for each, then those of leftovers.

    Args:
        kibana: where to.
        wanted: as they are shipped, without seals.
        overwrite: what users changed gives way to ours.
        enable: rules that are new start to run; those that are there stay as they are.

    Raises:
        SinkError: Kibana refuses the whole.
    """
    there = _present(kibana, wanted)
    decided = [
        (rule, there.get(rule["rule_id"]), decide_rule(rule, there.get(rule["rule_id"]), overwrite=overwrite))
        for rule in wanted
    ]
    new = [{**sealed_rule(rule), "enabled": enable} for rule, _, decision in decided if decision.action == "create"]
    failures = import_new(kibana, new)
    for rule, _, decision in decided:
        if decision.action not in _CHANGES:
            yield _finding(rule["rule_id"], decision, failures.get(rule["rule_id"], ""))
    for rule, before, decision in decided:
        if before is not None and decision.action in _CHANGES:
            yield _finding(rule["rule_id"], decision, change(kibana, rule, before))
    names = {rule["rule_id"] for rule in wanted}
    yield from _removed(kibana, {name: rule for name, rule in there.items() if name not in names}, overwrite=overwrite)


def _present(kibana: Kibana, wanted: Sequence[Body]) -> dict[str, Body]:
    """Return the rules of ours in the space by their ``rule_id``: those with our tag, and what is wanted.

    Rules that users make or duplicate in Kibana have a UUID for a ``rule_id``: those are theirs, whatever their tags.
    """
    tagged = {str(rule.get("rule_id", "")): rule for rule in _tagged(kibana)}
    found = {name: rule for name, rule in tagged.items() if rule_seal(rule) or not _UUID.fullmatch(name)}
    for rule in wanted:
        if rule["rule_id"] not in found:
            there = read(kibana, rule["rule_id"])
            if there is not None:
                found[rule["rule_id"]] = there
    return found


def _tagged(kibana: Kibana) -> Iterator[Body]:
    page, seen = 1, 0
    while True:
        question = {"filter": f'alert.attributes.tags: "{TAG}"', "page": page, "per_page": _PAGE}
        found = done(kibana.request("GET", f"{PATH}/_find?{urlencode(question)}"), "the list of rules").decoded(_Found)
        yield from found.data
        seen += len(found.data)
        if not found.data or seen >= found.total:
            return
        page += 1


def _finding(name: str, decision: Decision, failure: str) -> Finding:
    return Finding("rule", name, "failed" if failure else RESULTS[decision.action], failure or decision.detail)


def _removed(kibana: Kibana, leftovers: Mapping[str, Body], *, overwrite: bool) -> Iterator[Finding]:
    for name, rule in leftovers.items():
        decision = decide_leftover(seal=rule_seal(rule), untouched=is_untouched_rule(rule), overwrite=overwrite)
        if decision.action != "remove":
            yield Finding("rule", name, "kept", decision.detail)
            continue
        answer = kibana.request("DELETE", f"{PATH}?rule_id={quote(name, safe='')}")
        if answer.ok or answer.status == _NOT_FOUND:
            yield Finding(
                "rule", name, "removed", decision.detail + (" (it was enabled)" if rule.get("enabled") else "")
            )
        else:
            yield Finding("rule", name, "failed", f"cannot be removed ({answer.status}): {answer.reason}")
