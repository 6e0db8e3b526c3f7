"""Delivery to Elasticsearch: what is sent, what the answers mean, and when to try again."""

from shipper.sinks.elasticsearch.connection import Connection
from shipper.sinks.elasticsearch.secret import Secret
from shipper.sinks.elasticsearch.sink import ElasticsearchSink, Limits

__all__ = ["Connection", "ElasticsearchSink", "Limits", "Secret"]
