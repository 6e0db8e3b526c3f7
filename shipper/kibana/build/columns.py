"""Columns of a Lens layer."""

from shipper.kibana.build.saved_object import Json, kuery
from shipper.kibana.spec.measures import Group, Measure, Shown, Terms, Time

#: What Lens calls the field of a count.
RECORDS = "___records___"
_OPERATIONS = {"count": "count", "distinct": "unique_count", "max": "max", "min": "min", "sum": "sum"}
_FORMATS: dict[Shown, Json] = {
    "number": {"id": "number", "params": {"decimals": 1}},
    "percent": {"id": "percent", "params": {"decimals": 1}},
    "bytes": {"id": "bytes", "params": {"decimals": 1}},
}


def measure_columns(name: str, measure: Measure) -> dict[str, Json]:
    """Return the columns of a measure: one, or for a share those of its formula; the last one is shown."""
    return _share_columns(name, measure) if measure.calculates == "share" else {name: _number(measure)}


def _number(measure: Measure) -> Json:
    counts = measure.calculates in ("count", "distinct")
    return {
        "label": measure.label,
        "customLabel": True,
        "dataType": "date" if measure.shown == "time" else "number",
        "operationType": _OPERATIONS[measure.calculates],
        "isBucketed": False,
        "scale": "ratio",
        "sourceField": measure.of or RECORDS,
        "params": {"emptyAsNull": not counts, **_format(measure)},
        **_filter(measure.where),
    }


def _share_columns(name: str, measure: Measure) -> dict[str, Json]:
    """Return the formula of a share with its compiled parts: without them Kibana shows an empty box."""
    part, whole, quotient = f"{name}X0", f"{name}X1", f"{name}X2"
    formula = f"count(kql='{measure.where}') / count(kql='{measure.among}')"
    common = {"dataType": "number", "isBucketed": False, "scale": "ratio", "customLabel": True}
    of_it = {**common, "label": f"Part of {measure.label}"}
    counted = {**of_it, "operationType": "count", "sourceField": RECORDS, "params": {"emptyAsNull": False}}
    tree = {
        "type": "function",
        "name": "divide",
        "args": [part, whole],
        "location": {"min": 0, "max": len(formula)},
        "text": formula,
    }
    return {
        part: {**counted, **_filter(measure.where)},
        whole: {**counted, **_filter(measure.among)},
        quotient: {**of_it, "operationType": "math", "params": {"tinymathAst": tree}, "references": [part, whole]},
        name: {
            **common,
            "label": measure.label,
            "operationType": "formula",
            "params": {"formula": formula, "isFormulaBroken": False, **_format(measure)},
            "references": [quotient],
        },
    }


def _format(measure: Measure) -> Json:
    return {"format": _FORMATS[measure.shown]} if measure.shown in _FORMATS else {}


def _filter(where: str) -> Json:
    return {"filter": kuery(where)} if where else {}


def group_column(group: Group, measures: list[str]) -> Json:
    """Return the column of a group.

    Args:
        group: what by.
        measures: the column ids of the panel's measures, as they are numbered.
    """
    return _time(group) if isinstance(group, Time) else _terms(group, measures)


def _time(time: Time) -> Json:
    return {
        "label": time.label,
        "customLabel": True,
        "dataType": "date",
        "operationType": "date_histogram",
        "sourceField": time.field,
        "isBucketed": True,
        "scale": "interval",
        "params": {"interval": time.every, "includeEmptyRows": True, "dropPartials": False},
    }


def _terms(terms: Terms, measures: list[str]) -> Json:
    by_column = {"type": "column", "columnId": measures[terms.order]}
    return {
        "label": terms.label,
        "customLabel": True,
        "dataType": "string",
        "operationType": "terms",
        "scale": "ordinal",
        "sourceField": terms.field,
        "isBucketed": True,
        "params": {
            "size": terms.top,
            "orderBy": by_column if terms.order >= 0 else {"type": "alphabetical", "fallback": False},
            "orderDirection": "asc" if terms.ascending else "desc",
            # Lens counts documents without the field only where the others are counted, too.
            "otherBucket": terms.others,
            "missingBucket": terms.others,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [],
            "includeIsRegex": False,
            "excludeIsRegex": False,
        },
    }
