"""All checks, one after the other."""

from collections.abc import Callable, Iterator, Sequence

from shipper.kibana.validate import columns, controls, esql, grid, outside, pictures, portable, queries, references
from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.fields import Fields
from shipper.kibana.validate.package import Json, Package, open_package

CHECKS: tuple[Callable[[Package], Iterator[Fault]], ...] = (
    outside.check,
    references.check,
    grid.check,
    columns.check,
    pictures.check,
    esql.check,
    controls.check,
    queries.check,
    portable.check,
)


def validate(objects: Sequence[Json], mappings: Fields) -> list[Fault]:
    """Return everything that is wrong with saved objects of ours, sorted by place.

    Args:
        objects: those of one file, whole: what they point to has to be among them.
        mappings: the fields that may be named, as ``load_fields`` has them.
    """
    package = open_package(objects, mappings)
    return sorted([*package.broken, *(fault for check in CHECKS for fault in check(package))])
