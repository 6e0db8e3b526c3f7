import re
import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from shipper.testing.engine.recipe import Module, fingerprint, read_recipe

RECIPE = read_recipe()
JARS = [*RECIPE.server, *(jar for module in RECIPE.modules for jar in module.jars)]


def test_every_jar_is_pinned_by_a_sha256() -> None:
    assert [jar.file_name for jar in JARS if not re.fullmatch(r"[0-9a-f]{64}", jar.sha256)] == []


@pytest.mark.parametrize("module", RECIPE.modules, ids=lambda module: module.name)
def test_every_module_carries_the_jar_of_its_own_name(module: Module) -> None:
    assert f"{module.name}-{RECIPE.version}.jar" in {jar.file_name for jar in module.jars}


@pytest.mark.parametrize("module", RECIPE.modules, ids=lambda module: module.name)
def test_every_module_extends_only_modules_that_are_there(module: Module) -> None:
    assert set(module.extends) <= {other.name for other in RECIPE.modules}


def test_the_same_jar_is_pinned_alike_wherever_it_stands() -> None:
    by_name = {jar.file_name: jar for jar in JARS}
    assert all(by_name[jar.file_name] == jar for jar in JARS)


@pytest.mark.parametrize("changed", ["recipe.toml", "java/server/NodeLauncher.java"])
def test_the_fingerprint_changes_with(changed: str, tmp_path: Path) -> None:
    with as_file(files("shipper.testing.engine")) as package:
        shutil.copytree(package, tmp_path / "copy")
    before = fingerprint(tmp_path / "copy")
    with (tmp_path / "copy" / changed).open("a") as file:
        file.write("\n")
    assert before == RECIPE.fingerprint != fingerprint(tmp_path / "copy")
