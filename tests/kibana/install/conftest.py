"""A stand-in for Kibana, a made-up release, and ``shipper setup`` as a user runs it against both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shipper.cli import main
from shipper.testing.kibana import StandIn
from shipper.testing.kibana.ran import Ran, Setup
from shipper.testing.kibana.release import write


@pytest.fixture
def kibana() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return write(tmp_path / "release")


@pytest.fixture
def setup(kibana: StandIn, release: Path, capsys: pytest.CaptureFixture[str]) -> Setup:
    """Return what runs ``shipper setup --json`` against ``kibana`` with the files of ``release``."""

    def run(*words: str, files: Path = release, url: str = kibana.url, as_json: bool = True) -> Ran:
        code = main(["setup", "--kibana", url, "--from", str(files), *(["--json"] if as_json else []), *words])
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run
