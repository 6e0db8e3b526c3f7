"""From a query to Elasticsearch's query language, as Kibana does it.

https://github.com/elastic/kibana/tree/v8.12.2/packages/kbn-es-query/src/kuery/functions: the shapes that come out where
Kibana is given no data view with types, which is how rules run. With one, an exact value of a date becomes a range.
"""

import re

from shipper.kibana.kql.node import And, Everything, Exists, Is, Like, Node, Not, Or, Range

#: What the ``query_string`` query takes for an operator
#: (https://www.elastic.co/guide/en/elasticsearch/reference/8.12/query-dsl-query-string-query.html#_reserved_characters).
RESERVED = re.compile(r'[-+=&|><!(){}\[\]^"~*?:\\/]')


def to_dsl(node: Node) -> dict[str, object]:
    """Return the body of a query: what stands under ``query`` in a search."""
    match node:
        case Everything():
            return {"match_all": {}}
        case And():
            return {"bool": {"filter": [to_dsl(each) for each in node.nodes]}}
        case Or():
            return _one_of([to_dsl(each) for each in node.nodes])
        case Not():
            return {"bool": {"must_not": to_dsl(node.node)}}
        case _:
            return _one_of([_of_field(node)])


def _of_field(node: Is | Like | Exists | Range) -> dict[str, object]:
    match node:
        case Is(phrase=True):
            return {"match_phrase": {node.field: node.value}}
        case Is():
            return {"match": {node.field: node.value}}
        case Exists():
            return {"exists": {"field": node.field}}
        case Range():
            return {"range": {node.field: {node.bound: node.value}}}
        case Like():
            return {"query_string": {"fields": [node.field], "query": "*".join(map(_escaped, node.parts))}}


def _one_of(queries: list[dict[str, object]]) -> dict[str, object]:
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _escaped(text: str) -> str:
    return RESERVED.sub(r"\\\g<0>", text)
