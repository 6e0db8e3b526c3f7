import re
import shutil
from pathlib import Path

import pytest

from shipper.errors import ConfigError
from shipper.kibana.spec import load
from shipper.kibana.spec.panels import Words
from shipper.kibana.spec.pieces import filled

DASHBOARDS = Path(__file__).parents[3] / "dashboards"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped spec, to be changed."""
    for file in DASHBOARDS.glob("*.toml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def test_the_five_dashboards_have_the_ids_that_others_rely_on() -> None:
    assert [board.id for board in load().boards] == [
        f"intune-connector-{name}" for name in ("overview", "failures", "lifecycle", "security", "shipper")
    ]


def test_every_dashboard_says_how_to_read_it_and_leads_to_the_others() -> None:
    for board in load().boards:
        kinds = {panel.id for panel in board.panels}
        assert {"navigation", "how-to-read"} <= kinds


def test_what_a_page_says_of_itself_fits_without_scrolling() -> None:
    """Measured on a picture of 8.12 in a window of 1,600 pixels: 33 a column, 28 a row, 7.4 a letter, 24 a line."""
    for board in load().boards:
        for row in board.rows:
            for panel in row.panels:
                if isinstance(panel, Words):
                    said = re.sub(r"\*+|\]\([^)]*\)", "", panel.text)
                    letters, lines = (panel.width * 33 - 40) / 7.4, (row.height * 28 - 40) // 24
                    assert len(said) < 0.95 * letters * lines, (board.id, len(said))


@pytest.mark.parametrize(
    ("name", "old", "new", "where"),
    [
        ("overview.toml", 'kind = "metric"', 'kind = "dial"', "overview.toml: rows[1].panels[0]"),
        ("overview.toml", "width = 8", 'width = "8"', "overview.toml: rows[1].panels[0].width"),
        ("overview.toml", "width = 8", "wdith = 8", "overview.toml: rows[1].panels[0]"),
        ("overview.toml", "width = 8", "width = 9", "overview.toml: rows[1]"),
        (
            "overview.toml",
            'board = "intune-connector-failures"',
            'board = "intune-connector-lifecycle"',
            "overview.toml: rows[5].panels[0] (failed-by-cause).opens",
        ),
        ("overview.toml", 'controls = ["host"', 'controls = ["hsot"', "overview.toml: controls"),
        ("overview.toml", "{requests}", "{request}", "overview.toml: rows[1].panels[0].where"),
        ("overview.toml", 'bands = "share"', 'bands = "shares"', "overview.toml: rows[1].panels[0] (share-failed)"),
        ("overview.toml", 'colour = "neutral"', 'colour = "blue"', "overview.toml: rows[1].panels[1] (issued)"),
        ("overview.toml", 'id = "issued"', 'id = "share-failed"', "overview.toml: rows"),
        ("overview.toml", "order = 4", "order = 6", "overview.toml: rows[3].panels[0] (connectors-table)"),
        ("overview.toml", 'coloured = "outcome"', 'coloured = "x"', "rows[3].panels[1] (outcome-over-time)"),
        ("overview.toml", 'is = "distinct", of = "device.id"', 'is = "distinct"', "(devices-failed) Devices"),
        ("overview.toml", 'among = "event.outcome : *"', "", "(share-failed) Requests that failed.among"),
        ("overview.toml", 'among = "event.outcome : *"', "among = \"a : 'b'\"", "(share-failed) Requests that failed"),
        ("overview.toml", 'board = "intune-connector-failures"', 'board = "failures"', "(failed-by-cause).opens"),
        ("security.toml", 'data = "alerts"', 'data = "alarms"', "security.toml: rows[1].panels[0] (grave).data"),
        ("security.toml", 'search = "alerts"', 'search = "alarms"', "(latest-alerts).search"),
        ("shared.toml", 'success = "success"', 'success = "green"', "shared.toml: colourings.outcome.success"),
        ("shared.toml", "begin = 0.1,", "begin = 0.01,", "shared.toml: bands.share"),
        ("shared.toml", 'data = "shipper"', 'data = "shippers"', "shared.toml: controls.shipper.data"),
        ("shared.toml", "{requests} and", "{requets} and", "shared.toml: filters.done"),
        ("shared.toml", "[tag]", "[tag", "shared.toml"),
    ],
)
def test_an_error_names_the_file_and_the_key(folder: Path, name: str, old: str, new: str, where: str) -> None:
    change(folder, name, old, new)

    with pytest.raises(ConfigError) as caught:
        load(folder)

    assert where in str(caught.value)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "security.toml").unlink()

    with pytest.raises(ConfigError, match=r"security\.toml: cannot be read"):
        load(folder)


def test_a_piece_stands_for_its_text_and_lines_are_joined() -> None:
    table = {"panel": [{"where": "{one} and\n  b : 2", "text": "{one}"}]}

    assert filled(table, {"one": "a : 1"}, "x.toml") == {"panel": [{"where": "a : 1 and b : 2", "text": "{one}"}]}
