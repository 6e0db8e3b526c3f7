import pytest

from shipper.errors import UsageError
from shipper.operations.address import Address, parse_address


@pytest.mark.parametrize(
    ("text", "host", "port", "url"),
    [
        ("127.0.0.1:9479", "127.0.0.1", 9479, "http://127.0.0.1:9479"),
        (":9479", "127.0.0.1", 9479, "http://127.0.0.1:9479"),
        ("localhost:0", "localhost", 0, "http://localhost:0"),
        ("0.0.0.0:80", "0.0.0.0", 80, "http://0.0.0.0:80"),  # noqa: S104 (an example, not bound)
        ("[::1]:9479", "::1", 9479, "http://[::1]:9479"),
        ("metrics.example:65535", "metrics.example", 65535, "http://metrics.example:65535"),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, host: str, port: int, url: str) -> None:
    address = parse_address(text)
    assert (address.host, address.port, address.url) == (host, port, url)


@pytest.mark.parametrize(
    "text", ["9479", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:9479", "http://x:1", "a b:1", "x:1\n", "u@h:1"]
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(text)
    assert "127.0.0.1:9479" in caught.value.hint


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.b", False)],  # noqa: S104 (an example, not bound)
)
def test_whether_other_hosts_can_reach_it_is_known(host: str, is_loopback: bool) -> None:
    assert Address(host, 1).is_loopback is is_loopback
