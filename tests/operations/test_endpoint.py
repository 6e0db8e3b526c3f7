import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from shipper.errors import UsageError
from shipper.operations.address import Address
from shipper.operations.endpoint import Endpoint, Page


def page() -> Page:
    return Page(200, "text/plain", b"hello")


def broken() -> Page:
    raise RuntimeError("a secret in an error")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    serving = Endpoint(Address("127.0.0.1", 0), {"/page": page, "/broken": broken}, within_s=2)
    serving.start()
    yield serving
    serving.close()


def ask(endpoint: Endpoint, method: str, path: str, **headers: str) -> tuple[int, bytes, http.client.HTTPMessage]:
    line = http.client.HTTPConnection("127.0.0.1", endpoint.address.port, timeout=20)
    try:
        line.request(method, path, headers=headers)
        answer = line.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        line.close()


def raw(endpoint: Endpoint, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", endpoint.address.port), timeout=20) as line:
        line.sendall(sent)
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_a_page_is_served(endpoint: Endpoint) -> None:
    status, body, headers = ask(endpoint, "GET", "/page")
    assert (status, body, headers["content-type"]) == (200, b"hello", "text/plain")


def test_a_query_makes_no_difference(endpoint: Endpoint) -> None:
    assert ask(endpoint, "GET", "/page?name[]=x")[1] == b"hello"


def test_head_gets_the_headers_alone(endpoint: Endpoint) -> None:
    status, body, headers = ask(endpoint, "HEAD", "/page")
    assert (status, body, headers["content-length"]) == (200, b"", "5")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "x"])
def test_only_reading_is_allowed(endpoint: Endpoint, method: str) -> None:
    status, _, headers = ask(endpoint, method, "/page")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


def test_another_path_is_not_found_and_not_repeated(endpoint: Endpoint) -> None:
    status, body, _ = ask(endpoint, "GET", "/<script>")
    assert status == 404
    assert b"script" not in body


def test_a_fault_is_told_as_one_without_what_it_says(endpoint: Endpoint) -> None:
    assert ask(endpoint, "GET", "/broken")[:2] == (500, b"500 Internal Server Error\n")


def test_no_version_is_named(endpoint: Endpoint) -> None:
    assert ask(endpoint, "GET", "/page")[2]["server"] == "shipper"


def test_an_endless_request_line_is_refused(endpoint: Endpoint) -> None:
    assert b" 414 " in raw(endpoint, b"GET /" + b"x" * 65_536)


def test_endless_headers_are_refused(endpoint: Endpoint) -> None:
    assert b" 431 " in raw(endpoint, b"GET /page HTTP/1.0\r\n" + b"a: b\r\n" * 101 + b"\r\n")


def test_nonsense_is_refused_and_the_next_is_served(endpoint: Endpoint) -> None:
    raw(endpoint, b"\x16\x03\x01\x00\xff" * 20 + b"\r\n\r\n")
    assert ask(endpoint, "GET", "/page")[0] == 200


def test_a_client_that_never_ends_its_request_is_cut_off(endpoint: Endpoint) -> None:
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", endpoint.address.port), timeout=60) as line:
        ended = threading.Event()

        def drip() -> None:
            while not ended.wait(0.2):
                try:
                    line.sendall(b"G")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        assert line.recv(10) in (b"", b"HTTP/1.0 4")
        ended.set()
        dripping.join()
    assert time.monotonic() - begun < 20


def test_silent_clients_do_not_take_all_that_there_is(endpoint: Endpoint) -> None:
    before = set(threading.enumerate())  # other tests have servers, too
    with ExitStack() as held:
        for _ in range(100):
            held.enter_context(socket.create_connection(("127.0.0.1", endpoint.address.port), timeout=5))
        time.sleep(1)
        busy = [thread for thread in {*threading.enumerate()} - before if "process_request_thread" in thread.name]
        assert busy
        assert len(busy) <= 16


def test_a_port_that_is_taken_is_a_clear_error(endpoint: Endpoint) -> None:
    with pytest.raises(UsageError, match="cannot listen at http") as caught:
        Endpoint(endpoint.address, {})
    assert "--listen" in str(caught.value.where)
    assert "another port" in caught.value.hint


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_host_is_a_clear_error(host: str) -> None:
    with pytest.raises(UsageError, match="cannot listen at"):
        Endpoint(Address(host, 0), {})


def test_the_port_is_free_again_at_the_end() -> None:
    first = Endpoint(Address("127.0.0.1", 0), {"/page": page})
    first.start()
    assert ask(first, "GET", "/page")[0] == 200
    first.close()
    second = Endpoint(first.address, {})
    second.close()


def test_it_serves_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("this Python has no IPv6")
    try:
        serving = Endpoint(Address("::1", 0), {"/page": page})
    except UsageError:
        pytest.skip("this host has no IPv6 loopback")
    serving.start()
    with socket.create_connection(("::1", serving.address.port), timeout=5) as line:
        line.sendall(b"GET /page HTTP/1.0\r\n\r\n")
        assert b" 200 " in line.recv(100)
    serving.close()
