"""What a node is laid out from: the data of ``recipe.toml``, typed."""

import hashlib
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

#: Raised when the layout on disk changes while the recipe stays as it is.
LAYOUT = 1


class Jar(msgspec.Struct, frozen=True):
    """One jar by its Maven coordinates, pinned by the SHA-256 of its bytes."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name that Maven copies it under."""
        return f"{self.artifact}-{self.version}.jar"


class Module(msgspec.Struct, frozen=True):
    """A module of the server: a folder of jars with its own class loader.

    Attributes:
        name: of the module, its folder and its first jar.
        jars: what stands in its folder.
        extends: modules whose class loaders are its parents.
    """

    name: str
    jars: tuple[Jar, ...]
    extends: tuple[str, ...]


class Recipe(msgspec.Struct, frozen=True):
    """All that the layout of a node depends on.

    Attributes:
        version: of Elasticsearch.
        server: jars of the class path.
        modules: in the order of the recipe.
        fingerprint: changes with anything that the layout depends on, Java sources included.
    """

    version: str
    server: tuple[Jar, ...]
    modules: tuple[Module, ...]
    fingerprint: str


def read_recipe() -> Recipe:
    """Return the recipe that this package carries."""
    package = files(__package__)
    data = tomllib.loads(package.joinpath("recipe.toml").read_text("utf-8"))
    jars = {name: _jars(table) for name, table in data["modules"].items()}
    modules = (
        Module(name, jars[name] + _jars_of(table, jars), tuple(table.get("extends", ())))
        for name, table in data["modules"].items()
    )
    return Recipe(data["version"], _jars(data["server"]), tuple(modules), fingerprint(package))


def _jars(table: dict[str, Any]) -> tuple[Jar, ...]:
    return tuple(_jar(line) for line in table["jars"])


def _jar(line: str) -> Jar:
    coordinates, sha256 = line.split(" ")
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, sha256)


def _jars_of(table: dict[str, Any], jars: dict[str, tuple[Jar, ...]]) -> tuple[Jar, ...]:
    return tuple(jar for other in table.get("jars_of", ()) for jar in jars[other])


def fingerprint(package: Traversable) -> str:
    """Return what changes with the recipe and with each Java source in ``package``: 12 hexadecimal digits."""
    digest = hashlib.sha256(b"%d" % LAYOUT)
    digest.update(package.joinpath("recipe.toml").read_bytes())
    for source in java_sources(package.joinpath("java")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def java_sources(folder: Traversable) -> list[Traversable]:
    """Return every Java source below ``folder``, in a fixed order."""
    found: list[Traversable] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found += java_sources(entry)
        elif entry.name.endswith(".java"):
            found.append(entry)
    return found
