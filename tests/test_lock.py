"""What is installed is locked: every file by its hash, from the public index, and as ``pyproject.toml`` asks for it."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
OURS = PROJECT["name"]
PACKAGES = [package for package in LOCK["package"] if package["name"] != OURS]
ASKED = [
    Requirement(text)
    for text in [
        *PROJECT["dependencies"],
        *(one for extra in PROJECT["optional-dependencies"].values() for one in extra),
    ]
]
HASH = re.compile(r"sha256:[0-9a-f]{64}")
HINT = "make lock"


@pytest.mark.parametrize("requirement", ASKED, ids=str)
def test_every_requirement_is_locked_at_a_version_that_it_allows(requirement: Requirement) -> None:
    versions = [one["version"] for one in PACKAGES if one["name"] == canonicalize_name(requirement.name)]
    assert versions, HINT
    assert all(requirement.specifier.contains(version) for version in versions), HINT


def test_the_lock_was_made_of_the_requirements_as_they_are_now() -> None:
    (ours,) = (package for package in LOCK["package"] if package["name"] == OURS)
    locked = {(one["name"], one.get("specifier", "")) for one in ours["metadata"]["requires-dist"]}
    asked = {(canonicalize_name(one.name), str(one.specifier)) for one in ASKED}
    assert {(name, frozenset(text.split(","))) for name, text in locked} == {
        (name, frozenset(text.split(","))) for name, text in asked
    }, HINT
    assert LOCK["requires-python"] == PROJECT["requires-python"]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_every_file_of_a_package_has_its_hash_and_comes_from_the_public_index(package: dict[str, Any]) -> None:
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
    assert files
    assert all(HASH.fullmatch(file["hash"]) for file in files)
    assert all(file["url"].startswith("https://files.pythonhosted.org/packages/") for file in files)
    assert package["source"] == {"registry": "https://pypi.org/simple"}
