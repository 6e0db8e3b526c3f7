"""The page in a real Chromium: it draws, asks for nothing, and hostile names neither run nor break it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Dialog, Page, Route

from shipper.report import Findings
from shipper.report.page import write_page
from shipper.testing.reports import document, look

Write = Callable[[Sequence[dict[str, Any]]], Path]
_WIDE, _NARROW = {"width": 1240, "height": 900}, {"width": 380, "height": 800}
HOSTILE = (
    "</script><script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1; alert(1)'>",
    "<svg onload=alert(1)><a href='javascript:alert(1)'>x</a></svg>",
    '"><body onload=alert(1)><style>*{display:none}</style>',
    "]]><!--</style></title></textarea><iframe src='https://example.com/'>",
    "javascript:alert(1)//",
    "{{7*7}}${7*7}<%= 7*7 %>' : datum.value == 0 ? alert(1) : '",
    "\u202etxt.exe\u2066\u200f\u0000\u001b]0;owned\u0007",
    "Zalgo" + "\u0301\u0316\u0489" * 200,
    "W" * 10_000,
    "\U0001f480 שלום مرحبا",
    '=HYPERLINK("https://example.com")',
)


class Opened(msgspec.Struct):
    """A page that is open, and what it did."""

    page: Page
    console: list[str]
    requests: list[str]
    dialogs: list[str]


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    contexts = []

    def opened(text: str, viewport: dict[str, int] = _WIDE, scheme: str = "light") -> Opened:
        path = tmp_path / "report.html"
        path.write_text(text, encoding="utf-8")
        context = chromium.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        seen = Opened(page, [], [], [])
        page.on("console", lambda message: seen.console.append(message.text))
        page.on("pageerror", lambda error: seen.console.append(str(error)))

        def dismiss(dialog: Dialog) -> None:
            seen.dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", dismiss)

        def judge(route: Route) -> None:
            seen.requests.append(route.request.url)
            if route.request.url.startswith("file:"):
                route.continue_()
            else:
                route.abort()

        context.route("**/*", judge)
        page.goto(path.as_uri())
        return seen

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def page_text(found: Findings) -> str:
    return write_page(found, "en")


@pytest.fixture
def hostile(write: Write) -> Findings:
    documents = [
        document(
            number,
            host={"name": name},
            device={"id": name},
            user={"id": name},
            winlog={"channel": name},
            event={"action": name, "code": "77777" if number % 2 else name},
            error={"code": name if number % 3 else None},
            intune_connector={
                "operation": name,
                "stage": name,
                "ca": {"name": name},
                "certificate": {"template_name": name},
                "diagnostic": {"code": name},
                "schema": name if number % 5 == 0 else "unified",
            },
            tags=["unknown_code", "unknown_event"],
        )
        for number, name in enumerate(HOSTILE * 3)
    ]
    return look(str(write(documents)))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_draws_without_a_word_and_asks_for_nothing(
    open_page: Callable[..., Opened], page_text: str, scheme: str
) -> None:
    seen = open_page(page_text, scheme=scheme)
    assert seen.page.locator("section").count() == 9
    assert all(box["height"] > 60 for box in map(_box, seen.page.locator("figure svg").all()))
    assert seen.console == []
    assert [url for url in seen.requests if not url.endswith("report.html")] == []


def _box(svg: Any) -> dict[str, float]:
    box: dict[str, float] = svg.bounding_box()
    return box


def test_hostile_names_do_not_run(open_page: Callable[..., Opened], hostile: Findings) -> None:
    seen = open_page(write_page(hostile, "en"))
    seen.page.wait_for_timeout(200)
    assert seen.page.evaluate("typeof window.ran") == "undefined"
    assert (seen.dialogs, seen.console) == ([], [])
    assert [url for url in seen.requests if not url.endswith("report.html")] == []
    assert seen.page.locator("script, iframe, img, object, embed, base, form, input").count() == 0
    assert seen.page.locator("a[href^='javascript:']").count() == 0
    assert seen.page.evaluate(
        "[...document.querySelectorAll('*')].every(e => ![...e.attributes].some(a => /^on/i.test(a.name)))"
    )


@pytest.mark.parametrize("viewport", [_WIDE, _NARROW])
def test_hostile_names_do_not_break_the_layout(
    open_page: Callable[..., Opened], hostile: Findings, viewport: dict[str, int]
) -> None:
    seen = open_page(write_page(hostile, "it"), viewport)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert seen.page.locator("section").count() == 9
    assert seen.page.locator("section >> visible=true").count() == 9


def test_what_a_policy_forbids_is_forbidden_even_where_markup_slips_in(
    open_page: Callable[..., Opened], page_text: str
) -> None:
    slipped = "<script>window.ran = 1</script><img src='https://example.com/x.png' onerror='window.ran = 1'>"
    seen = open_page(page_text.replace("</main>", f"{slipped}</main>"))
    assert seen.page.evaluate("typeof window.ran") == "undefined"
    assert not any("example.com" in url for url in seen.requests)
    assert seen.console  # the browser says what it has refused


def test_dark_and_light_are_two_pictures_with_readable_text(open_page: Callable[..., Opened], page_text: str) -> None:
    backgrounds, pictures = set(), set()
    for scheme in ("light", "dark"):
        page = open_page(page_text, scheme=scheme).page
        backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        pictures.add(page.screenshot())
        assert page.evaluate(_LEAST_CONTRAST) >= 4.5
    assert len(backgrounds) == len(pictures) == 2


#: The least contrast between a text and what is behind it: WCAG 2.1, success criterion 1.4.3.
_LEAST_CONTRAST = """() => {
  const light = c => { const [r, g, b] = c.map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const behind = e => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  let least = 99;
  for (const e of document.querySelectorAll("h1, h2, h3, p, td, th, li, a, code, .badge, .faint, summary")) {
    if (!e.textContent.trim()) continue;
    const a = light(numbers(getComputedStyle(e).color).slice(0, 3)), b = light(behind(e));
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return least;
}"""


def test_it_prints_with_what_to_do_unfolded_and_without_the_figures_of_charts(
    open_page: Callable[..., Opened], page_text: str
) -> None:
    page = open_page(page_text).page
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator("details.figures").first.is_visible()
    assert page.locator("#alerts details .steps").first.is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
