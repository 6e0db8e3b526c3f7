"""TLS, authentication and privileges, on a real secured node."""

import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from shipper import assets, setup
from shipper.errors import AuthenticationError, ShipperError, SinkError
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Secret
from shipper.testing.engine import Node

if TYPE_CHECKING:
    from tests.sinks.elasticsearch.conftest import MakeDocument

#: A role that covers all our data streams; the packed ones are tested in tests/security.
SHIPPING_ROLE = {
    "cluster": ["monitor"],
    "indices": [
        {
            "names": ["logs-intune_connector.*", "metrics-intune_connector.*"],
            "privileges": ["create_doc", "auto_configure", "view_index_metadata", "read"],
        }
    ],
}
#: A role of setup, with monitor besides.
SETUP_ROLE = {
    "cluster": ["monitor", "manage_index_templates"],
    "indices": [
        {"names": ["logs-intune_connector.*", "metrics-intune_connector.*"], "privileges": ["manage"]},
    ],
}


def with_key(node: Node, key: str, **more: Any) -> Connection:
    return Connection(url=node.url, api_key=Secret(key), **{"ca_file": str(node.ca_file), **more})


@pytest.fixture
def superuser(secured_elasticsearch: Node) -> Connection:
    node = secured_elasticsearch
    return Connection(url=node.url, username=node.username, password=Secret(node.password), ca_file=str(node.ca_file))


@pytest.fixture
def node(secured_elasticsearch: Node, superuser: Connection) -> Node:
    """Return the secured node with our templates."""
    setup.install(superuser, assets.mappings(), namespace="default", agree=lambda _changes: True)
    return secured_elasticsearch


@pytest.fixture
def data_stream(fresh_namespace: str) -> str:
    return f"logs-intune_connector.events-{fresh_namespace}"


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


@pytest.mark.usefixtures("node")
def test_user_name_and_password_are_taken(
    superuser: Connection, data_stream: str, make_document: "MakeDocument"
) -> None:
    assert ElasticsearchSink(superuser).write([make_document("a", data_stream)])[0].status == "indexed"


def test_a_role_over_all_data_streams_is_enough_to_ship(
    node: Node, data_stream: str, make_document: "MakeDocument"
) -> None:
    connection = with_key(node, node.create_api_key("shipping", {"shipping": SHIPPING_ROLE}))
    documents = [make_document("a", data_stream)]
    assert ElasticsearchSink(connection).write(documents)[0].status == "indexed"
    assert ElasticsearchSink(connection).write(documents)[0].status == "duplicate"


def test_a_role_that_may_monitor_besides_is_enough_to_set_up(node: Node) -> None:
    connection = with_key(node, node.create_api_key("setup", {"setup": SETUP_ROLE}))
    findings = setup.install(connection, assets.mappings(), namespace="default", agree=lambda _changes: False)
    assert {finding.result for finding in findings} == {"unchanged"}


def test_the_role_of_the_shipper_may_not_set_up(node: Node) -> None:
    connection = with_key(node, node.create_api_key("shipping", {"shipping": SHIPPING_ROLE}))
    template = assets.Asset("component_template", "not-ours", {"template": {}})
    with pytest.raises(AuthenticationError, match="403"):
        setup.install(connection, [template], namespace="default", agree=lambda _changes: True)


def test_a_key_that_may_not_write_is_told_what_it_lacks(
    node: Node, data_stream: str, make_document: "MakeDocument"
) -> None:
    role = {"cluster": ["monitor"], "indices": [{"names": ["logs-*"], "privileges": ["view_index_metadata"]}]}
    connection = with_key(node, node.create_api_key("looking", {"looking": role}))
    with pytest.raises(AuthenticationError, match=r"refuses the privilege \(403\)") as caught:
        ElasticsearchSink(connection).write([make_document("a", data_stream)])
    assert "create_doc" in caught.value.message
    assert caught.value.exit_code == 3


def test_a_wrong_key_is_told_which_settings_to_look_at(node: Node) -> None:
    with pytest.raises(AuthenticationError, match=r"refuses the credentials \(401\)") as caught:
        ElasticsearchSink(with_key(node, "d3Jvbmc6d3Jvbmc=")).check()
    assert "SHIPPER_API_KEY" in caught.value.hint


def test_no_credentials_at_all_are_asked_for(node: Node) -> None:
    with pytest.raises(AuthenticationError, match=r"asks for credentials \(401\)"):
        ElasticsearchSink(Connection(url=node.url, ca_file=str(node.ca_file))).check()


def test_a_certificate_of_an_unknown_authority_names_the_setting(node: Node) -> None:
    with pytest.raises(SinkError, match="its certificate is not trusted") as caught:
        ElasticsearchSink(Connection(url=node.url)).check()
    assert "SHIPPER_CA_FILE" in caught.value.hint


def test_https_to_a_port_without_tls_says_so(elasticsearch_url: str) -> None:
    with pytest.raises(SinkError, match="does not speak TLS"):
        ElasticsearchSink(Connection(url=elasticsearch_url.replace("http://", "https://"))).check()


def test_http_to_a_port_with_tls_is_an_error(node: Node) -> None:
    with pytest.raises(ShipperError):
        ElasticsearchSink(Connection(url=node.url.replace("https://", "http://"))).check()


def test_the_fingerprint_of_the_server_s_own_certificate_is_enough(
    node: Node, data_stream: str, make_document: "MakeDocument"
) -> None:
    address = urlsplit(node.url)
    pem = ssl.get_server_certificate((str(address.hostname), int(address.port or 0)))
    pin = fingerprint(x509.load_pem_x509_certificate(pem.encode()))
    pinned = with_key(node, node.create_api_key("all"), ca_file="", ca_fingerprint=pin)
    assert ElasticsearchSink(pinned).write([make_document("a", data_stream)])[0].status == "indexed"


def test_another_fingerprint_is_refused(node: Node) -> None:
    pinned = with_key(node, "irrelevant", ca_file="", ca_fingerprint="ab" * 32)
    with pytest.raises(SinkError, match="no certificate of the server has the fingerprint"):
        ElasticsearchSink(pinned).check()
