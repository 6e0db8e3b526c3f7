"""MITRE ATT&CK of a rule as Kibana has it: techniques below their tactics, each with its page."""

from shipper.assets import Body
from shipper.rules.model import Rule, Technique

_FRAMEWORK = "MITRE ATT&CK"
_SITE = "https://attack.mitre.org"
#: Names of the techniques whose sub-techniques our rules name (ATT&CK 19).
_ABOVE = {"T1685": "Disable or Modify Tools"}


def tactics(rule: Rule) -> tuple[str, ...]:
    """Return the names of the tactics, each once."""
    return tuple(dict.fromkeys(one.tactic for one in rule.threat))


def technique_url(technique_id: str) -> str:
    """Return the page of a technique or, ``T1552.004``, of a sub-technique."""
    return f"{_SITE}/techniques/{technique_id.replace('.', '/')}/"


def threat(rule: Rule) -> list[Body]:
    """Return one entry for each tactic; empty where no attack is meant."""
    below: dict[str, list[Technique]] = {}
    for one in rule.threat:
        below.setdefault(one.tactic_id, []).append(one)
    return [_tactic(techniques) for techniques in below.values()]


def _tactic(techniques: list[Technique]) -> Body:
    first = techniques[0]
    return {
        "framework": _FRAMEWORK,
        "tactic": {
            "id": first.tactic_id,
            "name": first.tactic,
            "reference": f"{_SITE}/tactics/{first.tactic_id}/",
        },
        "technique": [_technique(one) for one in techniques],
    }


def _technique(one: Technique) -> Body:
    """Return a technique; a sub-technique stands below its own."""
    above, _, numbered = one.technique_id.partition(".")
    itself = _named(one.technique_id, one.technique)
    return {**_named(above, _ABOVE[above]), "subtechnique": [itself]} if numbered else {**itself, "subtechnique": []}


def _named(technique_id: str, name: str) -> Body:
    return {"id": technique_id, "name": name, "reference": technique_url(technique_id)}
