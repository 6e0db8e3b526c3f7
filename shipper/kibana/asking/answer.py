"""What Elasticsearch answers, as the rows of a panel."""

from collections.abc import Iterator

import msgspec

from shipper.kibana.asking.aggregation import Json, groups


class Row(msgspec.Struct, frozen=True):
    """One row of a table, one bar, one cell.

    Attributes:
        keys: the values of the groups, outermost first.
        values: what is shown, by column; ``None`` where there is nothing to calculate from.
    """

    keys: tuple[str | int, ...]
    values: dict[str, float | None]

    @property
    def tells(self) -> bool:
        """Say whether any number is there and not zero."""
        return any(self.values.values())


def rows_of(layer: Json, answer: Json) -> list[Row]:
    """Return the rows that an answer to ``aggregation(layer)`` holds."""
    everything = {**answer.get("aggregations", {}), "doc_count": answer["hits"]["total"]["value"]}
    return list(_rows(layer, groups(layer), everything, ()))


def _rows(layer: Json, within: list[str], bucket: Json, keys: tuple[str | int, ...]) -> Iterator[Row]:
    if not within:
        yield Row(keys, {name: _value(name, layer["columns"], bucket) for name in _shown(layer)})
        return
    for inner in bucket[within[0]]["buckets"]:
        yield from _rows(layer, within[1:], inner, (*keys, inner["key"]))


def _shown(layer: Json) -> list[str]:
    columns = layer["columns"]
    parts = {part for column in columns.values() for part in column.get("references", ())}
    return [name for name in layer["columnOrder"] if not columns[name]["isBucketed"] and name not in parts]


def _value(name: str, columns: Json, bucket: Json) -> float | None:
    column = columns[name]
    match column["operationType"]:
        case "formula":
            return _value(column["references"][0], columns, bucket)
        case "math":
            part, whole = (_value(one, columns, bucket) for one in column["references"])
            return part / whole if part is not None and whole else None
    found = bucket.get(name, bucket)
    if column["operationType"] == "count":
        count: float = found["doc_count"]
        return count
    value: float | None = found["value"]["value"] if "filter" in column else found["value"]
    return value
