"""Writes everything that can be installed into a folder, for whoever installs by hand or keeps it elsewhere."""

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from shipper import assets
from shipper.errors import UsageError
from shipper.kibana.install.package import OBJECTS, RULES, read_package
from shipper.kibana.install.saved_object import ndjson


def write_files(folder: Path) -> list[Path]:
    """Write ``mappings`` and ``dashboards`` below ``folder``; return the files, relative to it, sorted.

    The two files that Kibana imports get their seals, so that a later setup knows what was imported by hand.

    Raises:
        UsageError: ``folder`` cannot be written.
        ShipperError: the files are missing from this installation.
    """
    files = {
        Path(name, *place): one for name in ("mappings", "dashboards") for place, one in _below(assets.folder(name))
    }
    bodies = {path: one.read_bytes() for path, one in files.items()}
    objects, rules = read_package(assets.folder("dashboards")).sealed_lines()
    bodies[Path("dashboards", OBJECTS)] = ndjson(objects)
    bodies[Path("dashboards", *RULES)] = ndjson(rules)
    for path, body in bodies.items():
        try:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(body)
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=str(folder / path)) from None
    return sorted(bodies)


def _below(folder: Traversable, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Traversable]]:
    for one in folder.iterdir():
        if one.name.startswith("."):
            continue
        if one.is_dir():
            yield from _below(one, (*place, one.name))
        else:
            yield (*place, one.name), one
