"""What is wrong with a rule that can be read: everything that only fields, spans and numbers together tell."""

import re
from collections.abc import Iterator

from shipper import catalog
from shipper.catalog import LANGUAGES
from shipper.catalog.words import find
from shipper.rules.checking_fields import Fault, condition_faults, grouping_faults
from shipper.rules.model import RISK_BANDS, Count, Match, New, Rule, Silence, Technique, Unanswered
from shipper.rules.spans import parse_span

#: More documents than that of one group are not remembered.
MOST_AT_LEAST = 1000
_LONGEST_SPAN_MS = 366 * 86_400_000
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: https://attack.mitre.org/resources/faq/ (identifiers)
_TACTIC, _TECHNIQUE = re.compile(r"TA[0-9]{4}"), re.compile(r"T[0-9]{4}(\.[0-9]{3})?")


def faults(rule: Rule) -> Iterator[Fault]:
    """Yield what is wrong with ``rule``, in the order of its keys; nothing where it is sound."""
    yield from _labelling(rule)
    yield from _texts(rule)
    yield from condition_faults(rule, "where", rule.where)
    yield from _looks_for(rule)
    yield from _spans(rule)
    yield from _sources(rule)


def _labelling(rule: Rule) -> Iterator[Fault]:
    if not _ID.fullmatch(rule.id):
        yield Fault("id", f"{rule.id!r} is not in kebab-case", "lower-case letters, digits and single hyphens")
    if rule.version < 1:
        yield Fault("version", "versions begin with 1")
    band = RISK_BANDS[rule.severity]
    if rule.risk_score not in band:
        yield Fault("risk_score", f"{rule.risk_score} is not {rule.severity}", f"{band[0]} to {band[-1]} is")
    if rule.threat and rule.nature not in ("attack", "change"):
        yield Fault("threat", f"a rule of nature {rule.nature} tells of no attack", "leave threat out")
    yield from (fault for number, one in enumerate(rule.threat) for fault in _technique(f"threat[{number}]", one))


def _technique(key: str, one: Technique) -> Iterator[Fault]:
    if not _TACTIC.fullmatch(one.tactic_id):
        yield Fault(f"{key}.tactic_id", f"{one.tactic_id!r} is no tactic of ATT&CK", "TA0006, say")
    if not _TECHNIQUE.fullmatch(one.technique_id):
        yield Fault(f"{key}.technique_id", f"{one.technique_id!r} is no technique of ATT&CK", "T1649, say")


def _texts(rule: Rule) -> Iterator[Fault]:
    for language in LANGUAGES:
        key, text = f"text.{language}", rule.text.get(language)
        if text is None:
            yield Fault(key, "is missing", "every rule has its text in English and Italian")
            continue
        if not text.name.strip() or text.name.endswith("."):
            yield Fault(f"{key}.name", "is a title: not empty, without a full stop")
        if not text.why.strip():
            yield Fault(f"{key}.why", "is empty", "say in a sentence or two why it matters")
        if not any(map(str.strip, text.first_steps)):
            yield Fault(f"{key}.first_steps", "is empty", "say what to look at first")


def _looks_for(rule: Rule) -> Iterator[Fault]:
    wanted = rule.looks_for
    yield from grouping_faults(rule, "looks_for.values_of" if isinstance(wanted, New) else "looks_for.by", rule.by)
    if isinstance(wanted, New) and not wanted.values_of:
        yield Fault("looks_for.values_of", "is empty", "name 1 to 3 fields")
    if isinstance(wanted, Count):
        if not 1 <= wanted.at_least <= MOST_AT_LEAST:
            yield Fault("looks_for.at_least", f"is not within 1 to {MOST_AT_LEAST}")
        if wanted.distinct:
            yield from grouping_faults(rule, "looks_for.distinct", (wanted.distinct,))
    if isinstance(wanted, Unanswered):
        yield from condition_faults(rule, "looks_for.answer", wanted.answer)


def _spans(rule: Rule) -> Iterator[Fault]:
    lengths: dict[str, int] = {}
    for key, text in _named_spans(rule):
        try:
            lengths[key] = parse_span(text)
        except ValueError as error:
            yield Fault(key, str(error))
            continue
        if lengths[key] > _LONGEST_SPAN_MS:
            yield Fault(key, f"{text} is longer than a year")
        if lengths[key] == 0 and not key.endswith(("quiet_for", "learn_for")):
            yield Fault(key, "is no time at all")
    awaited = lengths.get("looks_for.within", lengths.get("looks_for.longer_than", 0))
    if lengths.get("looks_for.look_back", awaited + 1) <= awaited:
        yield Fault("looks_for.look_back", "is not longer than the time that is waited", "look back further")


def _named_spans(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "quiet_for", rule.quiet_for
    wanted = rule.looks_for
    match wanted:
        case Count():
            yield "looks_for.within", wanted.within
        case New():
            yield "looks_for.not_seen_for", wanted.not_seen_for
            yield "looks_for.learn_for", wanted.learn_for
        case Unanswered():
            yield "looks_for.within", wanted.within
            yield "looks_for.look_back", wanted.look_back
        case Silence():
            yield "looks_for.longer_than", wanted.longer_than
            yield "looks_for.look_back", wanted.look_back
        case Match():
            return


def _sources(rule: Rule) -> Iterator[Fault]:
    for word in rule.advice_from:
        if not find(catalog.load(), word):
            yield Fault("advice_from", f"the catalog knows no {word!r}", "`shipper explain` takes the same words")
    for url in rule.references:
        if not url.startswith("https://"):
            yield Fault("references", f"{url!r} is no https address")
