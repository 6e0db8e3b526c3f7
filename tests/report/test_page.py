"""The page as text: what stands in it, in both languages, and what never does."""

import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pytest

from shipper import catalog
from shipper.catalog import LANGUAGES, Language
from shipper.report import Findings
from shipper.report.page import write_page
from shipper.report.words import words
from shipper.testing.reports import document, look

Write = Callable[[Sequence[dict[str, Any]]], Path]
_SECTIONS = ("summary", "connectors", "failures", "timeline", "heat", "affected", "stages", "alerts", "quality")


@pytest.fixture(scope="module", params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> Language:
    spoken: Language = request.param
    return spoken


@pytest.fixture(scope="module")
def page(found: Findings, lang: Language) -> str:
    return write_page(found, lang)


def read(page: str) -> str:
    """Return what a reader sees: no tags, no style."""
    body = page.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_every_section_is_there_in_this_order(page: str) -> None:
    assert re.findall(r'<section [^>]*id="(\w+)"', page) == list(_SECTIONS)


def test_every_link_of_the_contents_leads_somewhere(page: str) -> None:
    assert set(re.findall(r'href="#(\w+)"', page)) == set(_SECTIONS)


def test_the_page_has_no_script_and_loads_nothing(page: str) -> None:
    assert "<script" not in page
    assert not re.search(r"\s(src|srcset|xlink:href|on\w+)=", page)
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_links_out_of_the_page_are_sources_of_the_catalog(page: str) -> None:
    known = catalog.load()
    events = (*known.events("legacy").values(), *known.events("unified").values())
    sources = {entry.reference for entry in known.codes.values()} | {entry.reference for entry in known.errors}
    outward = set(re.findall(r'href="([^#"][^"]*)"', page))
    assert outward <= sources | {entry.reference for entry in events}


def test_the_five_figures_are_those_that_were_found(page: str, found: Findings, lang: Language) -> None:
    spoken, figures = words(lang), re.findall(r'<p class="large[^"]*">([^<]*)</p>', page)
    assert figures[1:] == [
        spoken.number(found.scope.requests),
        spoken.share(found.scope.failures, found.scope.requests),
        spoken.number(found.devices.total),
        spoken.number(found.alerts.total),
    ]


def test_the_summary_says_in_words_what_is_worst_and_what_to_do(page: str, found: Findings, lang: Language) -> None:
    summary = read(page.partition('id="summary"')[2].partition("</section>")[0].join(("<body>", "")))
    worst = catalog.load().code(0x411)
    assert worst is not None
    assert found.causes.shown[0].cause == worst.code
    assert worst.text[lang].description in summary
    assert all(escape(step) in summary for step in worst.text[lang].resolution)


def test_every_cause_stands_with_its_count_and_remedy(page: str, found: Findings, lang: Language) -> None:
    cards = page.partition('id="failures"')[2].partition("</section>")[0].split("<article")[1:]
    assert len(cards) == len(found.causes.shown)
    for card, cause in zip(cards, found.causes.shown, strict=True):
        assert cause.cause in card
        assert words(lang).number(cause.failures) in card
        assert words(lang)["what_to_do"] in card


def test_every_rule_that_raised_something_stands_with_its_name_and_steps(
    page: str, found: Findings, lang: Language
) -> None:
    alerts = page.partition('id="alerts"')[2].partition("</section>")[0]
    for raised in found.alerts.by_rule:
        text = raised.rule.text[lang]
        assert escape(text.name) in alerts
        assert escape(text.first_steps[0]) in alerts


def test_what_is_not_listed_is_counted(page: str, found: Findings, lang: Language) -> None:
    assert words(lang).count("more_device", found.devices.more) in page


def test_charts_have_a_name_and_their_figures_as_a_table(page: str) -> None:
    figures = re.findall(r"<figure>.*?</figure>.*?<details class=\"figures\">", page, re.DOTALL)
    assert len(figures) == 3
    assert all('role="img" aria-label="' in figure and "<svg" in figure for figure in figures)


def test_text_of_charts_stays_text(page: str) -> None:
    assert re.search(r"<text[^>]*>(ndes01)</text>", page)


def test_an_italian_page_has_no_english_sentences(found: Findings) -> None:
    italian, english = read(write_page(found, "it")), words("en")
    same = set(words("it").texts.values())
    told = [text for text in english.texts.values() if " " in text and "{" not in text and text not in same]
    assert [text for text in told if f" {text} " in italian] == []


def test_a_page_about_nothing_says_so(write: Write, lang: Language) -> None:
    path = write([document(0)])
    from shipper.report import Period

    page = write_page(look(str(path), period=Period(0, 1)), lang)
    assert words(lang)["verdict_empty"] in page
    assert words(lang)["quality_outside"] in page
    assert "<svg" not in page


def test_a_page_without_failures_says_so(write: Write, lang: Language) -> None:
    page = write_page(look(str(write([document(0, event={"outcome": "success"})]))), lang)
    assert words(lang)["no_failures"] in page


@pytest.mark.parametrize(
    "told",
    [
        {"host": {"name": None}},
        {"error": {"code": "0xDEADBEEF"}},
        {"error": {"code": "99999999999999999999"}, "event": {"code": "x"}},
        {"device": {"id": None}, "user": {"id": None}, "host": {"name": "."}},
        {"@timestamp": "0001-01-01T00:00:00Z"},
        {"@timestamp": "9999-12-31T23:59:59Z"},
        {"event": {"sequence": "seven"}},
        {"event": {"sequence": 2**63 - 1}},
        {"intune_connector": {"schema": None}},
        {"intune_connector": {"operation": "new", "stage": "new"}},
    ],
)
def test_odd_documents_make_a_page(write: Write, told: dict[str, Any]) -> None:
    assert "</html>" in write_page(look(str(write([document(0), document(1, **told)]))), "en")


def test_bars_of_whom_it_hits_stand_for_the_share_of_their_requests(write: Write) -> None:
    one = {"device": {"id": "phone"}}
    good = [document(number, event={"outcome": "success"}, **one) for number in range(3)]
    page = write_page(look(str(write([*good, document(3, **one)]))), "en")
    row = page.partition('id="affected"')[2].partition("phone")[2].partition("</tr>")[0]
    assert "width:25.00%" in row
