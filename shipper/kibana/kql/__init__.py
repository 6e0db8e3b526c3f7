"""The Kibana query language: read, written again, translated to Elasticsearch's query language as Kibana does it.

>>> to_dsl(parse('event.code: "20102"'))
{'bool': {'should': [{'match_phrase': {'event.code': '20102'}}], 'minimum_should_match': 1}}

What Kibana takes and this refuses, each with an error that says so, since no rule or panel of ours should use it: text
without a field, ``field: { nested }``, wildcards in a field's name, a wildcard value with blanks in it, ``null``.
"""

from shipper.kibana.kql.dsl import to_dsl
from shipper.kibana.kql.error import KqlError
from shipper.kibana.kql.node import And, Everything, Exists, Is, Like, Node, Not, Or, Range, fields_of
from shipper.kibana.kql.parse import parse
from shipper.kibana.kql.text import to_text

__all__ = [
    "And",
    "Everything",
    "Exists",
    "Is",
    "KqlError",
    "Like",
    "Node",
    "Not",
    "Or",
    "Range",
    "fields_of",
    "parse",
    "to_dsl",
    "to_text",
]
