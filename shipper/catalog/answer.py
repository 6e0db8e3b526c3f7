"""An explanation as lines of text, before anything decides how wide and in which colours they are shown."""

from collections.abc import Iterator
from typing import NamedTuple

from shipper.catalog.entries import Language
from shipper.catalog.explanation import Explanation, Named

_LABELS: dict[Language, dict[str, str]] = {
    "en": {
        "event": "event",
        "diagnostic_code": "diagnostic code",
        "information": "information",
        "warning": "warning",
        "error": "error",
        "scep_reason": "SCEP validation reason",
        "legacy": "connector until 2021",
        "unified": "unified connector",
        "success": "success",
        "failure": "failure",
        "unknown": "outcome unknown",
        "attempt": "will be tried again",
        "causes": "Likely causes, in the order to check them",
        "resolution": "What to do",
        "codes": "Diagnostic codes it may carry",
        "twins": "Tells of the same thing in the other channel",
        "also": "The same digits as a decimal diagnostic code",
        "source": "Source",
        "documented": "documented",
        "second-hand": "second-hand",
        "inferred": "inferred",
    },
    "it": {
        "event": "evento",
        "diagnostic_code": "codice di diagnostica",
        "information": "informazioni",
        "warning": "avviso",
        "error": "errore",
        "scep_reason": "motivo di convalida SCEP",
        "legacy": "connettore fino al 2021",
        "unified": "connettore unificato",
        "success": "esito positivo",
        "failure": "esito negativo",
        "unknown": "esito sconosciuto",
        "attempt": "verrà ripetuto",
        "causes": "Cause probabili, nell'ordine in cui verificarle",
        "resolution": "Cosa fare",
        "codes": "Codici di diagnostica possibili",
        "twins": "Riferisce lo stesso fatto nell'altro canale",
        "also": "Le stesse cifre come codice di diagnostica decimale",
        "source": "Fonte",
        "documented": "documentato",
        "second-hand": "di seconda mano",
        "inferred": "dedotto",
    },
}


class Line(NamedTuple):
    """A line of the answer before it is wrapped: its text, its role (a style), where it and its continuation begin."""

    text: str
    role: str = "text"
    indent: int = 2
    hanging: int = 0


def lines(explanation: Explanation) -> Iterator[Line]:
    """Yield the answer for one entry, line by line, in its own language."""
    labels = _LABELS[explanation.lang]
    yield Line(_title(explanation), explanation.outcome or "title", 0)
    yield Line("; ".join(_facts(explanation, labels)), "facts")
    yield Line("")
    yield Line(explanation.description)
    yield from _steps(labels["causes"], explanation.causes)
    yield from _steps(labels["resolution"], explanation.resolution)
    yield Line("")
    yield from _named(labels["codes"], explanation.codes)
    yield from _named(labels["twins"], explanation.twins)
    yield from _named(labels["also"], (explanation.also,) if explanation.also else ())
    yield Line(f"{labels['source']} ({labels[explanation.confidence]}): {explanation.reference}", "facts")


def _title(explanation: Explanation) -> str:
    title = f"{explanation.id}  {explanation.name}"
    asked = explanation.word.strip()
    same = asked.lower() in (explanation.id.lower(), explanation.name.lower())
    return title if same else f"{asked}  =  {title}"


def _facts(explanation: Explanation, labels: dict[str, str]) -> Iterator[str]:
    kind = labels[explanation.kind]
    yield f"{kind}, {labels[explanation.schema]}" if explanation.schema else kind
    if explanation.channel:
        yield explanation.channel
    if explanation.outcome and explanation.level:
        yield f"{labels[explanation.outcome]} ({labels[explanation.level]})"
    if explanation.final is False:
        yield labels["attempt"]


def _steps(label: str, steps: tuple[str, ...]) -> Iterator[Line]:
    if steps:
        yield Line("")
        yield Line(label, "label")
    for number, step in enumerate(steps, 1):
        yield Line(f"{number}. {step}", hanging=3)


def _named(label: str, others: tuple[Named, ...]) -> Iterator[Line]:
    if others:
        yield Line(f"{label}: {', '.join(f'{other.id} {other.name}' for other in others)}", "facts")
