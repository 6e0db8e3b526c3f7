"""The words of the report: one TOML file a language; ``words`` reads one."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from shipper.catalog import Language
from shipper.report.words.model import NOTHING, Words

__all__ = ["NOTHING", "Words", "words"]

_FILES: dict[Language, str] = {"en": "english.toml", "it": "italian.toml"}


@cache
def words(lang: Language) -> Words:
    """Return the words of a language; the same ones at every call."""
    text = (files("shipper.report.words") / _FILES[lang]).read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Words)
