import pytest

from shipper.report.charts.tidy import tidied

_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9">{}</svg>'


def test_the_drawing_scales_with_the_page() -> None:
    assert (
        tidied(_SVG.format('<rect width="3" height="4"/>'))
        == '<svg viewBox="0 0 9 9"><rect width="3" height="4"></rect></svg>'
    )


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<image href="https://example.com/x.png"/>',
        "<foreignObject><p>x</p></foreignObject>",
        '<use href="#x"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        "<style>* { fill: url(https://example.com) }</style>",
    ],
)
def test_elements_that_load_or_run_are_left_out(inside: str) -> None:
    assert tidied(_SVG.format(inside)) == '<svg viewBox="0 0 9 9"></svg>'


@pytest.mark.parametrize("attribute", ['onclick="x()"', 'style="fill:red"', 'href="x"', 'class="x"', 'id="x"'])
def test_attributes_that_load_run_or_clash_are_left_out(attribute: str) -> None:
    assert tidied(_SVG.format(f"<text {attribute}>x</text>")) == '<svg viewBox="0 0 9 9"><text>x</text></svg>'


def test_colours_are_those_of_the_page() -> None:
    assert 'fill="var(--failure)"' in tidied(_SVG.format('<rect fill="#D55E00"/>'))


def test_a_mark_tells_its_figures() -> None:
    mark = '<path role="graphics-symbol" aria-label="Monday &lt;b&gt;: 3" d="M0,0"/>'
    assert "<title>Monday &lt;b&gt;: 3</title>" in tidied(_SVG.format(mark))
