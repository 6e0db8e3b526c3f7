"""The fixtures that every room relies on."""

from collections.abc import Callable

import elasticsearch
import pytest

from shipper.testing.engine import Node


def test_the_open_node_takes_a_document_and_finds_it(es: elasticsearch.Elasticsearch, fresh_namespace: str) -> None:
    index = f"fixture-{fresh_namespace}"
    es.index(index=index, id="1", document={"a": 1}, refresh=True)
    assert es.search(index=index, query={"term": {"a": 1}})["hits"]["total"]["value"] == 1


def test_the_secured_node_lets_nobody_in_without_credentials(secured_elasticsearch: Node) -> None:
    with (
        elasticsearch.Elasticsearch(secured_elasticsearch.url, ca_certs=str(secured_elasticsearch.ca_file)) as client,
        pytest.raises(elasticsearch.AuthenticationException),
    ):
        client.cluster.health()


def test_the_secured_node_takes_its_superuser(secured_elasticsearch: Node) -> None:
    node = secured_elasticsearch
    with elasticsearch.Elasticsearch(
        node.url, ca_certs=str(node.ca_file), basic_auth=(node.username, node.password)
    ) as client:
        assert client.cluster.health()["status"] in {"green", "yellow"}


def test_an_api_key_may_do_what_its_role_says_and_no_more(secured_elasticsearch: Node, fresh_namespace: str) -> None:
    node = secured_elasticsearch
    role = {"writer": {"indices": [{"names": [f"mine-{fresh_namespace}"], "privileges": ["create", "auto_configure"]}]}}
    key = node.create_api_key("writer", role)
    with elasticsearch.Elasticsearch(node.url, ca_certs=str(node.ca_file), api_key=key) as client:
        assert client.create(index=f"mine-{fresh_namespace}", id="1", document={})["result"] == "created"
        with pytest.raises(elasticsearch.AuthorizationException):
            client.create(index=f"other-{fresh_namespace}", id="1", document={})


def test_a_node_of_special_settings_keeps_them(elasticsearch_node: Callable[..., Node]) -> None:
    node = elasticsearch_node(settings={"http.max_content_length": "1mb"}, heap_mb=512)
    body = {"padding": "x" * 1_100_000}
    status, _ = node.access.request("POST", "/special/_doc", body)
    assert status == 413
