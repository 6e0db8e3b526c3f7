"""How one rule changes: imported where it is new, patched where it is there, replaced where no patch does.

A patch touches only what it names, so that a rule stays enabled or not, and keeps its exceptions and actions; an
overwriting import would not keep them. What a patch does not name stays as well: fields that a release drops are
written empty.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from shipper.errors import SinkError
from shipper.kibana.install.answer import Answer
from shipper.kibana.install.content import RULE_DEFAULTS, rule_content
from shipper.kibana.install.kibana import Kibana
from shipper.kibana.install.saved_object import Body, ndjson
from shipper.kibana.install.seal import sealed_rule

PATH = "/api/detection_engine/rules"
PRIVILEGE = "Security: All (newer ones: Rules: All); --no-rules leaves the rules out"
#: Of an existing rule these are the user's, whatever a release says.
_USERS = ("enabled", "exceptions_list", "actions", "response_actions", "throttle")
#: Texts that a rule may have empty.
_MAY_BE_EMPTY = ("note", "setup", "license")
#: With these Kibana refuses one rule for what it says; with any other it would refuse the next one, too.
_OF_THE_RULE = (400, 404, 409)


class _Error(msgspec.Struct, frozen=True):
    message: str = ""
    status_code: int = 0


class _Failure(msgspec.Struct, frozen=True):
    rule_id: str = ""
    id: str = ""
    error: _Error = _Error()


class _Imported(msgspec.Struct, frozen=True):
    success_count: int
    errors: list[_Failure] = []


def import_new(kibana: Kibana, rules: Sequence[Body]) -> dict[str, str]:
    """Import ``rules`` that are not there; return why for those that were refused, by their ``rule_id``."""
    if not rules:
        return {}
    answer = done(kibana.upload(f"{PATH}/_import", ndjson(rules)), "the import of rules")
    result = answer.decoded(_Imported)
    named = {rule["rule_id"] for rule in rules}
    failures = {one.rule_id: _why(one.error) for one in result.errors if one.rule_id in named}
    if result.success_count + len(failures) == len(rules):
        return failures
    # A rule that it could not read has no name in the answer: which ones are there is asked.
    others = "; ".join(_why(one.error) for one in result.errors if one.rule_id not in named)
    for name in named.difference(failures):
        if read(kibana, name) is None:
            failures[name] = others or "Kibana says nothing about it"
    return failures


def change(kibana: Kibana, rule: Body, there: Body) -> str:
    """Give an existing rule our content; return why it was refused, empty where it was not."""
    beyond = rule_content(there).keys() - rule_content(rule).keys()
    dropped = {key: _nothing(key, there[key]) for key in beyond - rule.keys()}
    if rule["type"] != there.get("type") or None in dropped.values():
        return _replaced(kibana, rule, there)
    ours = {key: value for key, value in sealed_rule(rule).items() if key not in (*_USERS, "id", "type")}
    answer = kibana.request("PATCH", PATH, msgspec.json.encode({**dropped, **ours}))
    if answer.status in _OF_THE_RULE:
        return _why(_Error(answer.reason, answer.status))
    done(answer, f"the change of the rule {rule['rule_id']}")
    return ""


def _nothing(key: str, value: Any) -> Any:
    """Return what makes a field of a rule say nothing, ``None`` where a patch cannot do that."""
    if key in RULE_DEFAULTS:
        return RULE_DEFAULTS[key]
    if isinstance(value, str):
        return "" if key in _MAY_BE_EMPTY else None
    return {list: [], bool: False}.get(type(value))


def _replaced(kibana: Kibana, rule: Body, there: Body) -> str:
    """Put a rule in the place of one that no patch makes into it: enabled, excepted and acting as that was."""
    name = rule["rule_id"]
    done(kibana.request("DELETE", f"{PATH}?rule_id={quote(name, safe='')}"), f"the deletion of the rule {name}")
    kept = {key: there[key] for key in _USERS if there.get(key)}
    try:
        failure = import_new(kibana, [{**sealed_rule(rule), "enabled": False, **kept}]).get(name)
    except SinkError as error:
        lost = f"{error.message}; the rule {name} had been deleted to be made anew, and {_what_it_had(kept)}"
        raise SinkError(lost, where=error.where, hint=error.hint) from None
    return f"deleted to be made anew, and then refused: {failure}; {_what_it_had(kept)}" if failure else ""


def _what_it_had(kept: Body) -> str:
    return f"it had {', '.join(kept)}" if kept else "it was disabled, without exceptions and actions"


def read(kibana: Kibana, rule_id: str) -> Body | None:
    """Return a rule as it is there, ``None`` where it is not."""
    answer = kibana.request("GET", f"{PATH}?rule_id={quote(rule_id, safe='')}")
    if answer.missing:
        return None
    return done(answer, "a rule").decoded(Body)


def done(answer: Answer, what: str) -> Answer:
    """Return ``answer``, or raise what refuses all of its kind."""
    if not answer.ok:
        raise answer.refusal(what, PRIVILEGE)
    return answer


def _why(error: _Error) -> str:
    return f"{error.message or 'no reason given'}{f' ({error.status_code})' if error.status_code else ''}"
