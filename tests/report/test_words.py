from pathlib import Path
from string import Formatter

import pytest

from shipper import report
from shipper.catalog import LANGUAGES
from shipper.report.words import words

_ENGLISH, _ITALIAN = words("en"), words("it")
_SOURCE = "\n".join(path.read_text() for path in Path(str(report.__file__)).parent.rglob("*.py"))


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(_ENGLISH.texts))
def test_each_text_has_the_same_places_in_both_languages(key: str) -> None:
    assert places(_ITALIAN.texts[key]) == places(_ENGLISH.texts[key])


@pytest.mark.parametrize("key", sorted(_ENGLISH.counted))
def test_each_counted_text_has_the_same_places_in_both_languages(key: str) -> None:
    assert places("".join(_ITALIAN.counted[key])) == places("".join(_ENGLISH.counted[key]))


def test_no_text_is_in_one_language_alone() -> None:
    assert (_ITALIAN.texts.keys(), _ITALIAN.counted.keys()) == (_ENGLISH.texts.keys(), _ENGLISH.counted.keys())


@pytest.mark.parametrize("key", sorted({*_ENGLISH.texts, *_ENGLISH.counted}))
def test_no_text_is_kept_that_nothing_says(key: str) -> None:
    parts = {f"{key[:at]}_{{" for at in range(len(key)) if key[at] == "_"}
    parts |= {f"}}{key[at:]}" for at in range(len(key)) if key[at] == "_"}
    assert f'"{key}"' in _SOURCE or any(part in _SOURCE for part in parts)


@pytest.mark.parametrize(
    ("part", "whole", "en", "it"),
    [
        (545, 5694, "9.6 %", "9,6%"),
        (1, 100_000, "<0.1 %", "<0,1%"),
        (99_999, 100_000, ">99.9 %", ">99,9%"),
        (5, 5, "100 %", "100%"),
        (0, 5, "0 %", "0%"),
        (0, 0, "\N{EN DASH}", "\N{EN DASH}"),
    ],
)
def test_shares_are_spelled_as_the_language_does(part: int, whole: int, en: str, it: str) -> None:
    assert (_ENGLISH.share(part, whole), _ITALIAN.share(part, whole)) == (en, it)


def test_numbers_and_times_are_spelled_as_the_language_does() -> None:
    assert [words(lang).number(1234567) for lang in LANGUAGES] == ["1,234,567", "1.234.567"]
    assert [words(lang).time(1_795_507_496_000) for lang in LANGUAGES] == [
        "Tue 24 Nov 2026, 08:04",
        "mar 24 nov 2026, 08:04",
    ]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_day_is_said_once_and_the_year_only_where_it_is_another() -> None:
    at_ms, hour_ms = 1_795_507_496_000, 3_600_000
    assert plain(_ENGLISH.between(at_ms, at_ms + hour_ms, 2026)) == "Tue 24 Nov, 08:04 to 09:04"
    assert plain(_ENGLISH.between(at_ms, at_ms + 24 * hour_ms, 2026)) == "Tue 24 Nov, 08:04 to Wed 25 Nov, 08:04"
    assert plain(_ENGLISH.between(at_ms, at_ms, 2027)) == "Tue 24 Nov 2026, 08:04"


def test_long_lists_are_cut_and_counted() -> None:
    assert _ENGLISH.listed(["a", "b", "c"]) == "a, b and c"
    assert _ENGLISH.listed(list("abcdef")) == "a, b, c, d and 2 more"
