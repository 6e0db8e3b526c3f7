from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.report.page.html import Markup, element, markup, named, shown


class Reader(HTMLParser):
    """Notes what a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text() | st.text("<>&\"'/!-=ab ;#"))
def test_no_text_becomes_markup(text: str) -> None:
    read = Reader(element("p", text, title=text))
    assert read.tags == ["p"]
    assert [name for name, _ in read.attributes] == ["title"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")))
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    assert Reader(element("p", text)).text == text


def test_markup_stays_markup_and_nothing_is_nothing() -> None:
    assert markup([Markup("<b>"), None, "<i>", ["&"]]) == "<b>&lt;i&gt;&amp;"


@given(st.text())
def test_what_is_shown_can_be_printed(text: str) -> None:
    assert shown(text).isprintable()


@pytest.mark.parametrize("text", ["\u202eevil", "a\x1b[2J", "\x00", "\ud800", "\u2066x", "a\nb"])
def test_what_changes_its_surroundings_is_spelt_out(text: str) -> None:
    assert "\\" in shown(text)


def test_a_long_name_is_cut() -> None:
    assert len(shown("x" * 10_000)) == 161


def test_marks_are_not_piled_up() -> None:
    assert shown("a" + "\u0301\u0489" * 50) == "a\u0301\u0489"


def test_a_name_is_isolated_in_its_direction_of_writing() -> None:
    assert named("שלום") == "<bdi>שלום</bdi>"
