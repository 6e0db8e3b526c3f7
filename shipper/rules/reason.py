"""An alert in one sentence, in the language of the user."""

from collections.abc import Iterator

from shipper.catalog import Language
from shipper.harmless import neutralise, shortened
from shipper.rules.alert import Alert
from shipper.rules.model import Count, Match, New, Silence, Unanswered

#: Names are hostile and may be long; the whole is kept as a keyword of 1,024 characters.
_MOST_VALUE, _MOST_WHOLE = 120, 1000
#: What names a single document, where it has it.
_TELLING = ("host.name", "device.id", "error.code")

_SENTENCES: dict[Language, dict[str, str]] = {
    "en": {
        "match": "{name}{about}.",
        "count": "{name}: {events} within {span}{about}.",
        "new": "{name}: not seen for {span}{about}.",
        "unanswered": "{name}: {events} without a follow-up within {span}{about}.",
        "silence": "{name}: no sign for more than {span}{about}.",
    },
    "it": {
        "match": "{name}{about}.",
        "count": "{name}: {events} in {span}{about}.",
        "new": "{name}: assente da {span}{about}.",
        "unanswered": "{name}: {events} senza seguito entro {span}{about}.",
        "silence": "{name}: nessun segnale da più di {span}{about}.",
    },
}
#: Singular and plural.
_WORDS: dict[Language, dict[str, tuple[str, str]]] = {
    "en": {
        "event": ("event", "events"),
        "s": ("second", "seconds"),
        "m": ("minute", "minutes"),
        "h": ("hour", "hours"),
        "d": ("day", "days"),
    },
    "it": {
        "event": ("evento", "eventi"),
        "s": ("secondo", "secondi"),
        "m": ("minuto", "minuti"),
        "h": ("ora", "ore"),
        "d": ("giorno", "giorni"),
    },
}


def reason(alert: Alert, lang: Language) -> str:
    """Return what happened: the rule's name, how often, for whom; harmless to show, at most 1,000 characters."""
    values = ", ".join(_about(alert))
    text = _SENTENCES[lang][_kind(alert)].format(
        name=alert.rule.text[lang].name,
        events=_number(alert.finding.count, "event", lang),
        span=_span(alert, lang),
        about=f" ({values})" if values else "",
    )
    return shortened(text, _MOST_WHOLE)


def _kind(alert: Alert) -> str:
    return str(type(alert.rule.looks_for).__struct_config__.tag)


def _span(alert: Alert, lang: Language) -> str:
    match alert.rule.looks_for:
        case Count(within=span) | Unanswered(within=span) | New(not_seen_for=span) | Silence(longer_than=span):
            return _number(int(span[:-1]), span[-1], lang)
        case Match():
            return ""


def _number(number: int, what: str, lang: Language) -> str:
    one, many = _WORDS[lang][what]
    return f"{number} {one if number == 1 else many}"


def _about(alert: Alert) -> Iterator[str]:
    """Yield ``field value`` of what makes the group; for a single document of what it shows."""
    if isinstance(alert.rule.looks_for, Match):
        pairs = [(field, alert.shown[field]) for field in _TELLING if field in alert.shown]
    else:
        pairs = list(zip(alert.rule.by, alert.finding.group, strict=True))
    for field, value in pairs:
        yield f"{field} {shortened(neutralise(value), _MOST_VALUE)}"
