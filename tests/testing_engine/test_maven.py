import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from shipper.errors import EngineError
from shipper.testing.engine.maven import fetch, project
from shipper.testing.engine.recipe import read_recipe

SMALL = next(jar for jar in read_recipe().server if jar.artifact == "jopt-simple")


@pytest.fixture(scope="module")
def mvn() -> Path:
    found = shutil.which("mvn")
    assert found, "Maven is needed: apt-get install maven"
    return Path(found)


def test_the_project_copies_single_jars_into_their_folders(tmp_path: Path) -> None:
    root = ET.fromstring(project([(tmp_path / "a & b", SMALL)]))  # noqa: S314 (written by the line under test)
    item = next(root.iter("{http://maven.apache.org/POM/4.0.0}artifactItem"))
    assert [part.text for part in item] == [SMALL.group, SMALL.artifact, SMALL.version, str(tmp_path / "a & b")]


def test_a_pinned_jar_is_copied(mvn: Path, tmp_path: Path) -> None:
    fetch(mvn, {tmp_path / "jars": [SMALL]}, tmp_path / "pom.xml")
    assert [path.name for path in (tmp_path / "jars").iterdir()] == [SMALL.file_name]


def test_a_jar_of_other_bytes_than_pinned_is_refused(mvn: Path, tmp_path: Path) -> None:
    pinned = msgspec.structs.replace(SMALL, sha256="0" * 64)
    with pytest.raises(EngineError, match=f"the SHA-256 of {SMALL.file_name} is {SMALL.sha256}"):
        fetch(mvn, {tmp_path / "jars": [pinned]}, tmp_path / "pom.xml")


def test_a_machine_off_line_is_told_where_to_look(mvn: Path, tmp_path: Path) -> None:
    (tmp_path / ".mvn").mkdir()
    (tmp_path / ".mvn" / "maven.config").write_text(f"--offline\n-Dmaven.repo.local={tmp_path / 'empty'}\n")
    with pytest.raises(EngineError, match="Maven could not fetch") as caught:
        fetch(mvn, {tmp_path / "jars": [SMALL]}, tmp_path / "pom.xml")
    assert "~/.m2/settings.xml" in caught.value.hint
