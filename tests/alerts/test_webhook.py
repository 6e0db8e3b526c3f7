import contextlib
import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shipper.alerts import TAKEN, Refused, Unavailable
from shipper.alerts.address import parse_webhook
from shipper.alerts.line import trust
from shipper.alerts.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, is_signed, signature
from shipper.alerts.webhook import Call, WebhookOutlet
from shipper.errors import UsageError
from shipper.testing.engine.certificates import Certificates

if TYPE_CHECKING:
    from tests.alerts.conftest import MakeAlert, Receiver

STAMP = b"2026-11-24T09:30:00.000Z"
SECRET = b"of both"
Open = Callable[..., WebhookOutlet]


@pytest.fixture
def webhook(receiver: "Receiver", certificates: Certificates) -> Iterator[Open]:
    """Yield what opens the webhook."""
    with contextlib.ExitStack() as opened:

        def open_one(timeout_s: float = 5, authority: Path = certificates.authority) -> WebhookOutlet:
            call = Call(timeout_s, trust(str(authority)), lambda: SECRET, lambda: STAMP, lambda: 1_795_512_600.9)
            outlet = WebhookOutlet(parse_webhook(receiver.url), call)
            opened.callback(outlet.close)
            return outlet

        yield open_one


def test_an_alert_arrives_as_the_document_it_is(webhook: Open, receiver: "Receiver", alert: "MakeAlert") -> None:
    assert webhook().deliver([alert(1)]) == [TAKEN]
    (request,) = receiver.requests
    assert request.body == alert(1).stamped(STAMP)
    assert request.path == "/in?key=path-secret"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == "alert-1"


def test_a_receiver_can_verify_time_and_body_with_nothing_but_the_secret(
    webhook: Open, receiver: "Receiver", alert: "MakeAlert"
) -> None:
    webhook().deliver([alert(1)])
    (request,) = receiver.requests
    timestamp, found = (request.headers[f"X-Intune-Connector-{name}"] for name in ("Timestamp", "Signature"))
    recomputed = hmac.new(SECRET, timestamp.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    assert (timestamp, found) == ("1795512600", f"v1={recomputed}")
    assert is_signed(SECRET, timestamp, request.body, found)
    assert not is_signed(SECRET, timestamp, request.body + b" ", found)
    assert not is_signed(SECRET, "1795512601", request.body, found)


def test_what_the_documentation_tells_a_receiver_to_do_verifies_a_request() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "alerts.md").read_text("utf-8")
    told: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], told)  # noqa: S102 (our own page)
    sent, body = str(int(time.time())), b'{"event":{}}'
    headers = {TIMESTAMP_HEADER: sent, SIGNATURE_HEADER: signature(SECRET, sent, body)}
    old = {TIMESTAMP_HEADER: "1795512600", SIGNATURE_HEADER: signature(SECRET, "1795512600", body)}
    assert told["is_genuine"](SECRET, headers, body)
    assert not told["is_genuine"](b"of another", headers, body)
    assert not told["is_genuine"](SECRET, old, body)


def test_the_signature_is_frozen() -> None:
    # printf '1795512600.{}' | openssl dgst -sha256 -hmac secret
    assert signature(b"secret", "1795512600", b"{}") == (
        "v1=0205280fefccf3a672d24f0081f8a2adb5ded5a86023d085893aea9ba7dca104"
    )


def test_several_alerts_go_over_one_line(webhook: Open, receiver: "Receiver", alert: "MakeAlert") -> None:
    outlet = webhook()
    for number in range(3):
        outlet.deliver([alert(number)])
    outlet.close()
    assert [body["event"]["id"] for body in receiver.bodies()] == ["alert-0", "alert-1", "alert-2"]


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_what_is_refused_for_itself_is_refused_for_good(
    webhook: Open, receiver: "Receiver", alert: "MakeAlert", status: int
) -> None:
    receiver.answers = [(status, {})]
    assert webhook().deliver([alert(1)]) == [Refused(f"http_{status}", f"answers {status}")]


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503])
def test_what_is_not_about_the_alert_is_to_be_tried_again(
    webhook: Open, receiver: "Receiver", alert: "MakeAlert", status: int
) -> None:
    receiver.answers = [(status, {"Retry-After": "7"})]
    with pytest.raises(Unavailable, match=str(status)) as caught:
        webhook().deliver([alert(1)])
    assert caught.value.retry_after == "7"


def test_a_redirect_is_not_followed(webhook: Open, receiver: "Receiver", alert: "MakeAlert") -> None:
    receiver.answers = [(307, {"Location": receiver.url})]
    with pytest.raises(Unavailable, match="redirects are not followed"):
        webhook().deliver([alert(1)])
    assert len(receiver.requests) == 1


def test_one_that_answers_nothing_is_given_up_in_time(webhook: Open, receiver: "Receiver", alert: "MakeAlert") -> None:
    receiver.answers = [lambda _: time.sleep(3)]
    began = time.monotonic()
    with pytest.raises(Unavailable, match="no answer in time"):
        webhook(timeout_s=0.3).deliver([alert(1)])
    assert time.monotonic() - began < 2


def test_one_that_drips_is_cut_off_in_time(webhook: Open, receiver: "Receiver", alert: "MakeAlert") -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        for _ in range(40):
            handler.wfile.write(b"x")
            time.sleep(0.1)

    receiver.answers = [drip]
    began = time.monotonic()
    with pytest.raises(Unavailable):
        webhook(timeout_s=0.3).deliver([alert(1)])
    assert time.monotonic() - began < 2


def test_a_long_answer_is_not_read(webhook: Open, receiver: "Receiver", alert: "MakeAlert") -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()

    receiver.answers = [flood]
    outlet = webhook()
    assert outlet.deliver([alert(1)]) == [TAKEN]
    assert outlet.deliver([alert(2)]) == [TAKEN]


def test_a_line_that_the_receiver_has_closed_meanwhile_is_opened_again(
    webhook: Open, receiver: "Receiver", alert: "MakeAlert"
) -> None:
    def close_after(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        handler.close_connection = True  # without saying so

    receiver.answers = [close_after]
    outlet = webhook()
    outlet.deliver([alert(1)])
    time.sleep(0.1)
    assert outlet.deliver([alert(2)]) == [TAKEN]


def test_a_receiver_of_another_authority_gets_nothing(
    webhook: Open, receiver: "Receiver", alert: "MakeAlert", other_authority: Path
) -> None:
    with pytest.raises(Unavailable, match="certificate is not trusted"):
        webhook(authority=other_authority).deliver([alert(1)])
    assert not receiver.requests


def test_an_interruption_ends_the_wait_for_an_answer(webhook: Open, receiver: "Receiver", alert: "MakeAlert") -> None:
    receiver.answers = [lambda _: time.sleep(10)]
    outlet = webhook(timeout_s=10)
    threading.Timer(0.3, outlet.interrupt).start()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        outlet.deliver([alert(1)])
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "text",
    [
        "http://hook.example/in",
        "ftp://hook.example",
        "https://",
        "https://user:secret-word@hook.example",
        "https://h:x/",
    ],
)
def test_an_address_that_does_not_fit_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_webhook(text)
    assert "secret-word" not in f"{caught.value}{caught.value.hint}"


def test_clear_text_goes_to_this_machine_alone() -> None:
    assert [parse_webhook(f"http://{host}:8080/in").port for host in ("localhost", "127.0.0.1", "[::1]")] == [8080] * 3


def test_the_name_of_a_webhook_tells_two_paths_apart_and_shows_neither() -> None:
    names = {parse_webhook(f"https://hook.example/services/{path}").name for path in ("canary-a", "canary-b")}
    assert len(names) == 2
    assert "canary" not in f"{names}{parse_webhook('https://hook.example/services/canary-a')!r}"
