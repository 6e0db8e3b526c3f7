"""Cause and remedy of an alert, from the catalog: of what its documents share, else of what its rule is about."""

from collections.abc import Iterable, Iterator

import msgspec

from shipper.catalog import Catalog, Language
from shipper.catalog.entries import Text
from shipper.catalog.words import find
from shipper.rules.alert import Alert

#: What failures carry, what says most first.
_TELLING = ("intune_connector.diagnostic.code", "intune_connector.error.hresult")
#: The mapping takes 4,096 characters; a sentence is never cut.
_MOST_CHARACTERS = 4096


class Advice(msgspec.Struct, frozen=True):
    """What a person is told; empty where the catalog knows nothing.

    Attributes:
        cause: what happened and why, in the order to check.
        resolution: what to do, step by step.
    """

    cause: str = ""
    resolution: str = ""


def advice(alert: Alert, catalog: Catalog, lang: Language) -> Advice:
    """Return cause and remedy of an alert; where the catalog has none, the first steps of its rule.

    The code and the HRESULT that its documents share say most; then their event, where the rule takes advice from it;
    then all that the rule takes advice from.
    """
    for words in _words(alert):
        if texts := list(_texts(catalog, words, lang)):
            return _joined(texts)
    return Advice(resolution=_paragraph(alert.rule.text[lang].first_steps))


def _words(alert: Alert) -> Iterator[tuple[str, ...]]:
    yield tuple(alert.shown[field] for field in _TELLING if field in alert.shown)
    yield tuple(word for word in alert.rule.advice_from if word == alert.shown.get("event.code"))
    yield alert.rule.advice_from


def _texts(catalog: Catalog, words: Iterable[str], lang: Language) -> Iterator[Text]:
    """Yield what the catalog says of the first entry of each word, where something went wrong."""
    for word in words:
        for found in find(catalog, word)[:1]:
            text = found.entry.text[lang]
            if text.causes and text.resolution:
                yield text


def _joined(texts: list[Text]) -> Advice:
    causes = (sentence for text in texts for sentence in (text.description, *text.causes))
    steps = (sentence for text in texts for sentence in text.resolution)
    return Advice(_paragraph(causes), _paragraph(steps))


def _paragraph(sentences: Iterable[str]) -> str:
    """Return sentences as one text, each once, as many as the mapping takes."""
    text = ""
    for sentence in dict.fromkeys(sentences):
        longer = f"{text} {sentence}".lstrip()
        if len(longer) > _MOST_CHARACTERS:
            break
        text = longer
    return text
