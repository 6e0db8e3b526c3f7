"""The filter of a dashboard: it keeps to the datasets of ours that it is about."""

from shipper.kibana.build.saved_object import Json

_FIELD = "event.dataset"
INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index"


def dataset_filter(datasets: list[str]) -> Json:
    """Return the filter, which refers to its data view by ``INDEX_REFERENCE``."""
    one = len(datasets) == 1
    kind: Json = (
        {"type": "phrase", "params": {"query": datasets[0]}} if one else {"type": "phrases", "params": datasets}
    )
    same = {"alias": None, "disabled": False, "negate": False, "key": _FIELD, "field": _FIELD}
    phrases = [{"match_phrase": {_FIELD: dataset}} for dataset in datasets]
    return {
        "meta": {**same, **kind, "indexRefName": INDEX_REFERENCE},
        "query": phrases[0] if one else {"bool": {"should": phrases, "minimum_should_match": 1}},
        "$state": {"store": "appState"},
    }
