"""The one layer of a picture: which columns, in which order, under which names."""

import msgspec

from shipper.kibana.build.columns import group_column, measure_columns
from shipper.kibana.build.saved_object import Json
from shipper.kibana.spec.checking import groups_of, measures_of
from shipper.kibana.spec.panels import Asking

LAYER = "layer"


class Layer(msgspec.Struct, frozen=True):
    """The columns of a picture.

    Attributes:
        groups: column ids, in the order of ``groups_of``.
        measures: column ids, in the order of ``measures_of``.
        columns: all columns; groups stand first, the parts of a formula before it. That is also the order in which
            Elasticsearch is asked and tables are drawn.
    """

    groups: list[str]
    measures: list[str]
    columns: dict[str, Json]


def layer(panel: Asking) -> Layer:
    """Return the layer of a picture."""
    groups = [f"g{number}" for number, _ in enumerate(groups_of(panel), 1)]
    measures = [f"m{number}" for number, _ in enumerate(measures_of(panel), 1)]
    columns: dict[str, Json] = {}
    for name, group in zip(groups, groups_of(panel), strict=True):
        columns[name] = group_column(group, measures)
    for name, measure in zip(measures, measures_of(panel), strict=True):
        columns.update(measure_columns(name, measure))
    return Layer(groups, measures, columns)


def form_based(one: Layer) -> Json:
    """Return the state of the data source."""
    inside = {"columns": one.columns, "columnOrder": list(one.columns), "incompleteColumns": {}, "sampling": 1}
    return {"formBased": {"layers": {LAYER: inside}}}
