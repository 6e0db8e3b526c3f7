"""Writes everything that can be installed into a folder, for whoever installs by hand or keeps it elsewhere."""

from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from shipper import assets
from shipper.errors import UsageError
from shipper.kibana.install.package import OBJECTS, RULES, read_package
from shipper.kibana.install.saved_object import ndjson

#: How many files are named that somebody changed.
_NAMED = 3


def write_files(folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Write ``mappings`` and ``dashboards`` below ``folder``; return the files, relative to it, sorted.

    The two files that Kibana imports get their seals, so that a later setup knows what was imported by hand.

    Args:
        folder: made where it is not there.
        overwrite: also replace files that are there and say something else: edited by somebody, or of another release.
            Without it nothing is written then.

    Raises:
        UsageError: ``folder`` cannot be written, or holds such files.
        ShipperError: the files are missing from this installation.
    """
    files = {
        Path(name, *place): one for name in ("mappings", "dashboards") for place, one in _below(assets.folder(name))
    }
    bodies = {path: one.read_bytes() for path, one in files.items()}
    objects, rules = read_package(assets.folder("dashboards")).sealed_lines()
    bodies[Path("dashboards", OBJECTS)] = ndjson(objects)
    bodies[Path("dashboards", *RULES)] = ndjson(rules)
    if not overwrite:
        _refuse_changed(folder, bodies)
    for path, body in bodies.items():
        try:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(body)
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=str(folder / path)) from None
    return sorted(bodies)


def _refuse_changed(folder: Path, bodies: Mapping[Path, bytes]) -> None:
    changed = sorted(path for path, body in bodies.items() if _says_something_else(folder / path, body))
    if not changed:
        return
    names = ", ".join(str(path) for path in changed[:_NAMED])
    more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    raise UsageError(
        f"holds files that were changed, or are of another release: {names}{more}",
        where=str(folder),
        hint="name another folder, or add --overwrite to replace them",
    )


def _says_something_else(file: Path, body: bytes) -> bool:
    try:
        return file.read_bytes() != body
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(file)) from None


def _below(folder: Traversable, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Traversable]]:
    for one in folder.iterdir():
        if one.name.startswith("."):
            continue
        if one.is_dir():
            yield from _below(one, (*place, one.name))
        else:
            yield (*place, one.name), one
