"""A real Elasticsearch for tests and the demo, laid out from its jars on Maven Central.

Needs Linux (x86-64 or ARM64), a JDK from 17 on, Maven and ``libzstd.so.1``; no Docker, no root, no port but loopback.

    with Elasticsearch() as elasticsearch:
        node = elasticsearch.start()
        print(node.url)

It is the server itself, but not all of its modules are published. Not to be had: ``GET /``, ``_data_stream`` and
``_ilm`` APIs, ingest processors, scripts, EQL, KQL, the field types ``constant_keyword``, ``wildcard``,
``match_only_text``, ``scaled_float``, ``version``, the failure store. What the shipper uses is: ``_bulk``, index and
component templates, data streams, search, aggregations, ES|QL, TLS, API keys, back-pressure.
"""

from shipper.testing.engine.access import Access
from shipper.testing.engine.assembly import assemble, default_cache_folder
from shipper.testing.engine.elasticsearch import Elasticsearch
from shipper.testing.engine.node import Node

__all__ = ["Access", "Elasticsearch", "Node", "assemble", "default_cache_folder"]
