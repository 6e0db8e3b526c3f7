from typing import Any

import pytest

from shipper.kibana.asking.aggregation import aggregation
from shipper.kibana.asking.answer import Row, rows_of

COUNT = {"operationType": "count", "sourceField": "___records___", "isBucketed": False}
FAILED = {**COUNT, "filter": {"query": 'event.outcome : "failure"', "language": "kuery"}}
LAST = {"operationType": "max", "sourceField": "@timestamp", "isBucketed": False}
IS_FAILED = {"bool": {"should": [{"match_phrase": {"event.outcome": "failure"}}], "minimum_should_match": 1}}


def terms(field: str, order: str | None) -> dict[str, Any]:
    by = {"type": "column", "columnId": order} if order else {"type": "alphabetical"}
    params = {"size": 3, "orderBy": by, "orderDirection": "desc"}
    return {"operationType": "terms", "sourceField": field, "isBucketed": True, "params": params}


def layer(**columns: dict[str, Any]) -> dict[str, Any]:
    return {"columns": columns, "columnOrder": list(columns)}


def test_groups_stand_within_each_other_and_measures_innermost() -> None:
    asked = aggregation(layer(g1=terms("host.name", None), g2=terms("event.code", "m2"), m1=COUNT, m2=LAST))

    outer = asked["g1"]
    assert outer["terms"] == {"field": "host.name", "size": 3, "order": {"_key": "desc"}}
    inner = outer["aggs"]["g2"]
    assert inner["terms"]["order"] == {"m2": "desc"}
    assert inner["aggs"] == {"m2": {"max": {"field": "@timestamp"}}}


def test_a_group_ordered_by_a_measure_asks_for_it_at_its_own_level() -> None:
    asked = aggregation(layer(g1=terms("host.name", "m1"), g2=terms("event.code", None), m1=FAILED))

    assert asked["g1"]["terms"]["order"] == {"m1": "desc"}
    assert asked["g1"]["aggs"]["m1"] == {"filter": IS_FAILED}
    assert asked["g1"]["aggs"]["g2"]["aggs"]["m1"] == {"filter": IS_FAILED}


@pytest.mark.parametrize(
    ("measure", "path"),
    [(COUNT, "_count"), (FAILED, "m1"), (LAST, "m1"), ({**LAST, "filter": FAILED["filter"]}, "m1>value")],
)
def test_the_order_names_what_elasticsearch_calculates(measure: dict[str, Any], path: str) -> None:
    asked = aggregation(layer(g1=terms("host.name", "m1"), m1=measure))

    assert asked["g1"]["terms"]["order"] == {path: "desc"}


@pytest.mark.parametrize(("other", "counted"), [(True, {"missing": "__missing__"}), (False, {})])
def test_documents_without_the_field_are_a_value_where_the_others_are_counted(
    other: bool, counted: dict[str, str]
) -> None:
    column = terms("event.reason", None)
    column["params"] |= {"otherBucket": other, "missingBucket": True}

    asked = aggregation(layer(g1=column, m1=COUNT))["g1"]["terms"]

    assert {key: value for key, value in asked.items() if key == "missing"} == counted


def test_dates_have_fixed_spans() -> None:
    column = {"operationType": "date_histogram", "sourceField": "@timestamp", "isBucketed": True}

    for said, span in (("auto", "3h"), ("12h", "12h")):
        asked = aggregation(layer(x={**column, "params": {"interval": said}}, m1=COUNT))
        assert asked["x"]["date_histogram"]["fixed_interval"] == span


def test_an_operation_that_no_panel_has_is_refused() -> None:
    with pytest.raises(ValueError, match="last_value"):
        aggregation(layer(m1={**LAST, "operationType": "last_value"}))


def test_an_answer_becomes_rows_with_the_share_calculated() -> None:
    math = {"operationType": "math", "isBucketed": False, "references": ["m1X0", "m1X1"]}
    formula = {"operationType": "formula", "isBucketed": False, "references": ["m1X2"]}
    one = layer(g1=terms("host.name", "m2"), m1X0=FAILED, m1X1=COUNT, m1X2=math, m1=formula, m2=LAST)
    buckets = [
        {"key": "a", "doc_count": 4, "m1X0": {"doc_count": 1}, "m2": {"value": 7.0}},
        {"key": "b", "doc_count": 0, "m1X0": {"doc_count": 0}, "m2": {"value": None}},
    ]

    rows = rows_of(one, {"hits": {"total": {"value": 4}}, "aggregations": {"g1": {"buckets": buckets}}})

    assert rows == [Row(("a",), {"m1": 0.25, "m2": 7.0}), Row(("b",), {"m1": None, "m2": None})]
    assert [row.tells for row in rows] == [True, False]
