"""What is to be installed: the saved objects and the detection rules, from the wheel or from a folder."""

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

import msgspec

from shipper import assets
from shipper.errors import ConfigError
from shipper.kibana.install.saved_object import Body, SavedObject
from shipper.kibana.install.seal import sealed, sealed_rule, unsealed, unsealed_rule

OBJECTS = "intune-connector.ndjson"
RULES = ("rules", "kibana.ndjson")

_Line = TypeVar("_Line")


class Package(msgspec.Struct, frozen=True):
    """What one release installs; nothing in it is sealed.

    Attributes:
        objects: data views, saved searches, dashboards, their tag.
        rules: as the detection engine imports them; ``rule_id`` is what each is called.
    """

    objects: tuple[SavedObject, ...] = ()
    rules: tuple[Body, ...] = ()

    def sealed_object(self, one: SavedObject) -> SavedObject:
        """Return one of its objects with its seal."""
        return sealed(one, min((other.id for other in self.objects if other.type == "index-pattern"), default=""))

    def sealed_lines(self) -> tuple[list[SavedObject], list[Body]]:
        """Return everything with its seals: objects, rules."""
        return [self.sealed_object(one) for one in self.objects], [sealed_rule(rule) for rule in self.rules]


def packed() -> Package:
    """Return what this release installs.

    Raises:
        ShipperError: the files are missing from this installation.
    """
    return read_package(assets.folder("dashboards"))


def read_package(folder: Traversable) -> Package:
    """Return what the files of ``folder`` say, their seals taken off.

    Raises:
        ConfigError: a file is missing, or a line of it is no object.
    """
    objects = _lines(folder / OBJECTS, SavedObject)
    rules = _lines(folder.joinpath(*RULES), dict)
    for rule in rules:
        if not isinstance(rule.get("rule_id"), str):
            raise ConfigError("a rule has no rule_id", where=str(folder.joinpath(*RULES)))
    return Package(tuple(map(unsealed, objects)), tuple(map(unsealed_rule, rules)))


def read_folder(path: Path) -> Package:
    """Return what the files of a folder of the user say: the one that ``write_files`` wrote, or its ``dashboards``.

    Raises:
        ConfigError: as ``read_package``.
    """
    below = path / "dashboards"
    return read_package(below if below.is_dir() else path)


def _lines(file: Traversable, kind: type[_Line]) -> list[_Line]:
    try:
        raw = file.read_bytes()
        parsed = [msgspec.json.decode(line, type=dict) for line in raw.splitlines() if line.strip()]
        return [msgspec.convert(line, kind) for line in parsed if not _is_summary(line)]
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(file)) from None
    except msgspec.MsgspecError as error:
        raise ConfigError(f"is no file of Kibana objects: {error}", where=str(file)) from None


def _is_summary(line: Body) -> bool:
    """Say whether ``line`` is the last one of an export, which counts the others."""
    return "exportedCount" in line or "exported_count" in line
