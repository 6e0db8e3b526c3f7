"""All saved objects of the spec, in an order that reads well; Kibana takes any."""

from shipper.kibana.build.boards import build_board
from shipper.kibana.build.links import build_links
from shipper.kibana.build.saved_object import Json, kuery, packed, reference, saved_object, tagged
from shipper.kibana.spec.model import DataView, SavedSearch, Shared, Spec

_INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"


def build(spec: Spec) -> list[Json]:
    """Return the saved objects: tag, data views, searches, links, dashboards."""
    shared = spec.shared
    return [
        _tag(shared),
        *(_data_view(view) for view in shared.data.values()),
        *(_search(search, shared) for search in shared.searches.values()),
        *build_links(spec),
        *(build_board(board, shared) for board in spec.boards),
    ]


def _tag(shared: Shared) -> Json:
    tag = shared.tag
    attributes = {"name": tag.name, "description": tag.description, "color": tag.colour}
    return saved_object("tag", tag.id, attributes, [])


def _data_view(view: DataView) -> Json:
    attributes = {
        "title": view.indices,
        "name": view.name,
        "timeFieldName": "@timestamp",
        "sourceFilters": "[]",
        "fieldFormatMap": packed({field: _format(said) for field, said in view.formats.items()}),
        "runtimeFieldMap": "{}",
        "fieldAttrs": packed({field: {"customLabel": label} for field, label in view.labels.items()}),
        "fields": "[]",
        "allowNoIndex": True,
    }
    return saved_object("index-pattern", view.id, attributes, [])


def _format(said: str) -> Json:
    if "{{" not in said:
        return {"id": said}
    return {"id": "url", "params": {"urlTemplate": said, "labelTemplate": "{{value}}"}}


def _search(search: SavedSearch, shared: Shared) -> Json:
    source = {"query": kuery(search.where), "filter": [], "indexRefName": _INDEX}
    widths = {
        "@timestamp": {"width": 200},
        **{field: {"width": width} for field, width in search.columns.items() if width},
    }
    attributes = {
        "title": search.title,
        "description": search.description,
        "columns": list(search.columns),
        "sort": [["@timestamp", "desc"]],
        "grid": {"columns": widths},
        "hideChart": False,
        "isTextBasedQuery": False,
        "usesAdHocDataView": False,
        "timeRestore": False,
        "rowHeight": search.lines,
        "rowsPerPage": 25,
        "kibanaSavedObjectMeta": {"searchSourceJSON": packed(source)},
    }
    references = [reference("index-pattern", shared.data[search.data].id, _INDEX), tagged(shared.tag.id)]
    return saved_object("search", search.id, attributes, references)
