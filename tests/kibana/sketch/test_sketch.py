from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from shipper.kibana.sketch import sketch
from shipper.kibana.spec import Board, load

SPEC = load()
IMAGES = Path(__file__).parents[3] / "docs/images"
PAIRS = list(zip(SPEC.shared.order, SPEC.boards, strict=True))


@pytest.mark.parametrize(("name", "board"), PAIRS, ids=SPEC.shared.order)
def test_the_documented_layout_is_that_of_the_spec(name: str, board: Board) -> None:
    drawn = (IMAGES / f"dashboard-{name}-layout.svg").read_text(encoding="utf-8")

    assert drawn == sketch(board, SPEC.shared), "make assets"


@pytest.mark.parametrize(("name", "board"), PAIRS, ids=SPEC.shared.order)
def test_a_layout_says_that_it_is_no_screenshot_and_names_every_panel(name: str, board: Board) -> None:
    text = sketch(board, SPEC.shared)
    root = ET.fromstring(text)  # noqa: S314 (our own)

    said = {element.text for element in root.iter() if element.tag.endswith("text")}

    assert any("layout, not a screenshot" in (one or "") for one in said), name
    frames = [element for element in root.iter() if element.get("rx") == "5"]
    assert len(frames) == len(board.panels)
