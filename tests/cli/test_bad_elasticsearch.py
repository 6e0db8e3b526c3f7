"""An Elasticsearch that cannot be reached, believed, entered or written: what a user is told, and what stays."""

import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from shipper.testing.engine import Access, Node
from shipper.testing.engine.certificates import write_certificates

Log = Callable[[int], Path]
Tell = Callable[..., Any]
#: Status and body for a request of this method and path; ``None`` cuts the line.
Answer = Callable[[str, str], tuple[int, Any] | None]

CANARY = "canary-51c2"
COMMANDS = ("ship", "setup")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPPER_GIVE_UP_AFTER_S", "0.5")
    monkeypatch.setenv("SHIPPER_REQUEST_TIMEOUT_S", "5")


@pytest.fixture
def sent(tell: Tell, connector_log: Log) -> Callable[..., Any]:
    """Return a function that runs ``ship`` of two events, or ``setup``, against a URL."""
    log = connector_log(2)

    def run(command: str, url: str, *words: object) -> Any:
        return tell(*(["ship", log, "--json"] if command == "ship" else ["setup", "--yes"]), "--to", url, *words)

    return run


@contextmanager
def server(answer: Answer, *, product: str = "Elasticsearch") -> Iterator[str]:
    """Answer requests as told; yield the URL. Stands in for what a real Elasticsearch never is."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            return self._answer if name.startswith("do_") else super().__getattribute__(name)

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            reply = answer(self.command, self.path)
            if reply is None:
                self.close_connection = True
                return
            body = reply[1] if isinstance(reply[1], bytes) else json.dumps(reply[1]).encode()
            self.send_response(reply[0])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            if product:
                self.send_header("x-elastic-product", product)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def version(number: str) -> Answer:
    return lambda _method, _path: (200, {"version": {"number": number}})


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("answer", "product", "said"),
    [
        (version("8.19.0"), "", "is not Elasticsearch"),
        (lambda *_: (200, b"<html>It works!</html>"), "", "is not Elasticsearch"),
        (lambda *_: (302, b""), "", "is not Elasticsearch"),
        (lambda *_: (200, b"<html>It works!</html>"), "Elasticsearch", "not what Elasticsearch sends"),
        (lambda *_: (200, {"version": {}}), "Elasticsearch", "not what Elasticsearch sends"),
        (version("7.17.29"), "Elasticsearch", "is Elasticsearch 7.17.29; 8.12 to 9.x are supported"),
        (version("8.11.4"), "Elasticsearch", "is Elasticsearch 8.11.4; 8.12 to 9.x are supported"),
        (version("10.0.0"), "Elasticsearch", "is Elasticsearch 10.0.0; 8.12 to 9.x are supported"),
        (lambda *_: None, "", "cannot be reached"),
    ],
)
def test_what_is_no_elasticsearch_or_an_unfit_one_is_told(
    sent: Callable[..., Any], command: str, answer: Answer, product: str, said: str
) -> None:
    with server(answer, product=product) as url:
        told = sent(command, url)

    assert told.code == 3
    assert said in told.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://127.0.0.1:9", "http://nonexistent.invalid:9200"])
def test_nobody_there_is_told_with_the_address(sent: Callable[..., Any], command: str, url: str) -> None:
    told = sent(command, url)

    assert told.code == 3
    assert f"{url}: cannot be reached: " in told.err
    assert "are host and port right?" in told.err
    if command == "ship":
        assert (told.account["read"], told.account["shipped"]) == (2, 0)


def test_a_server_that_never_answers_is_given_up(sent: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPPER_REQUEST_TIMEOUT_S", "0.3")
    let_go = threading.Event()

    def silent(_method: str, _path: str) -> None:
        let_go.wait(10)

    with server(silent) as url:
        told = sent("ship", url)
        let_go.set()

    assert told.code == 3
    assert "no answer within 0.3 s" in told.err


def test_what_was_taken_before_the_line_broke_stays_counted(
    tell: Tell, connector_log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPPER_BATCH_DOCS", "10")
    monkeypatch.setenv("SHIPPER_IN_FLIGHT", "1")
    bulks = iter(range(3))

    def answer(_method: str, path: str) -> tuple[int, Any] | None:
        if "_bulk" not in path:
            return (200, {"version": {"number": "8.19.0"}})
        if next(bulks, None) is None:
            return None
        return (200, {"errors": False, "items": [{"create": {"status": 201}}] * 10})

    with server(answer) as url:
        told = tell("ship", connector_log(100), "--json", "--to", url, "--allow-foreign-mapping")

    assert told.code == 3
    assert told.account["shipped"] == 30
    assert "what was shipped stays shipped" in told.err


def test_what_a_failure_store_takes_is_counted_apart_and_is_no_failure(
    tell: Tell, connector_log: Log, tmp_path: Path
) -> None:
    """The Elasticsearch of the tests has no failure store, so its answer is made up."""
    redirected = {"create": {"status": 201, "failure_store": "used"}}

    def answer(_method: str, path: str) -> tuple[int, Any]:
        if "_bulk" not in path:
            return (200, {"version": {"number": "8.19.0"}})
        return (200, {"errors": False, "items": [redirected, {"create": {"status": 201}}]})

    with server(answer) as url:
        words = ("--to", url, "--allow-foreign-mapping", "--state", tmp_path / "dead")
        told = tell("ship", connector_log(2), "--json", *words)

    assert told.code == 0
    assert (told.account["read"], told.account["redirected"], told.account["shipped"]) == (2, 1, 1)
    assert not (tmp_path / "dead" / "dead-letters.ndjson").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_tls_to_a_plain_port_is_told(sent: Callable[..., Any], elasticsearch_url: str, command: str) -> None:
    told = sent(command, elasticsearch_url.replace("http://", "https://"))

    assert told.code == 3
    assert "does not speak TLS on this port" in told.err
    assert "http://" in told.err.partition("  try: ")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_plain_http_to_a_tls_port_is_told(sent: Callable[..., Any], secured_elasticsearch: Node, command: str) -> None:
    told = sent(command, secured_elasticsearch.url.replace("https://", "http://"))

    assert told.code == 3
    assert secured_elasticsearch.url.replace("https://", "http://") in told.err
    assert "  try: " in told.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("trust", ["none", "another", "fingerprint of another"])
def test_a_certificate_that_nothing_vouches_for_is_told_with_both_settings(
    sent: Callable[..., Any], secured_elasticsearch: Node, tmp_path: Path, command: str, trust: str
) -> None:
    words = {
        "none": (),
        "another": ("--ca-file", write_certificates(tmp_path).authority),
        "fingerprint of another": ("--ca-fingerprint", "ab" * 32),
    }[trust]

    told = sent(command, secured_elasticsearch.url, *words)

    assert told.code == 3
    assert secured_elasticsearch.url in told.err
    assert "SHIPPER_CA_FINGERPRINT" in told.err.partition("  try: ")[2]


def test_a_ca_file_without_a_certificate_is_told(
    sent: Callable[..., Any], secured_elasticsearch: Node, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("not PEM")

    told = sent("ship", secured_elasticsearch.url, "--ca-file", tmp_path / "ca.pem")

    assert told.code == 2
    assert "holds no PEM certificate" in told.err


@pytest.fixture
def trusting(secured_elasticsearch: Node, sent: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that runs a command against the secured node, whose authority it trusts."""

    def run(command: str, *words: object) -> Any:
        return sent(command, secured_elasticsearch.url, "--ca-file", secured_elasticsearch.ca_file, *words)

    return run


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"SHIPPER_API_KEY": f"{CANARY}:{CANARY}"},
        {"SHIPPER_API_KEY": CANARY},
        {"SHIPPER_USERNAME": "elastic", "SHIPPER_PASSWORD": CANARY},
    ],
    ids=["none", "key", "no key", "password"],
)
def test_refused_credentials_are_told_and_not_shown(
    trusting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, command: str, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    told = trusting(command)

    assert told.code == 3
    assert "(401)" in told.err
    assert "SHIPPER_API_KEY" in told.err.partition("  try: ")[2]
    assert CANARY not in told.err


NO_PRIVILEGES: dict[str, Any] = {"none": {"cluster": [], "indices": []}}
LOOK_ONLY: dict[str, Any] = {"look": {"cluster": ["monitor", "manage_index_templates"], "indices": []}}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("role", [NO_PRIVILEGES, LOOK_ONLY], ids=["none", "look"])
def test_a_key_without_privileges_is_told_what_it_lacks(
    trusting: Callable[..., Any],
    secured_elasticsearch: Node,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    role: dict[str, Any],
) -> None:
    key = secured_elasticsearch.create_api_key("too-little", role)
    monkeypatch.setenv("SHIPPER_API_KEY", key)

    told = trusting(command)

    assert told.code == 3
    assert "(403)" in told.err
    assert "is unauthorized" in told.err
    assert "docs/how-to/secure.md" in told.err
    assert key not in told.err


def test_without_templates_nothing_is_written_and_the_advice_leads_on(
    sent: Callable[..., Any], tell: Tell, elasticsearch_node: Callable[..., Node], fresh_namespace: str
) -> None:
    node = elasticsearch_node()
    stream = f"logs-intune_connector.events-{fresh_namespace}"

    before = sent("ship", node.url, "--namespace", fresh_namespace)
    assert before.code == 3
    assert f"{node.url}/{stream}: does not exist" in before.err
    assert not exists(node.access, stream)

    advice = before.err.partition("  try: shipper ")[2].splitlines()[0]
    assert tell(*advice.split()).code == 0
    after = sent("ship", node.url, "--namespace", fresh_namespace)
    assert (after.code, after.account["shipped"]) == (0, 2)
    assert exists(node.access, stream)


def exists(access: Access, name: str) -> bool:
    _, resolved = access.request("GET", f"/_resolve/index/{name}")
    return bool(resolved.get("data_streams") or resolved.get("indices"))


def test_the_right_fingerprint_is_enough(
    sent: Callable[..., Any], secured_elasticsearch: Node, monkeypatch: pytest.MonkeyPatch, fresh_namespace: str
) -> None:
    monkeypatch.setenv("SHIPPER_API_KEY", secured_elasticsearch.create_api_key("all"))
    address = urlsplit(secured_elasticsearch.url)
    own = ssl.get_server_certificate((address.hostname or "", address.port or 0))  # all that this node presents
    pinned = ("--ca-fingerprint", hashlib.sha256(ssl.PEM_cert_to_DER_cert(own)).hexdigest())
    assert sent("setup", secured_elasticsearch.url, *pinned).code == 0

    told = sent("ship", secured_elasticsearch.url, *pinned, "--namespace", fresh_namespace)

    assert (told.code, told.account["shipped"]) == (0, 2)


def test_a_foreign_template_that_goes_before_ours_is_named_and_nothing_is_written(
    sent: Callable[..., Any], elasticsearch_url: str, fresh_namespace: str
) -> None:
    access = Access(elasticsearch_url)
    stream = f"logs-intune_connector.events-{fresh_namespace}"
    body = {"index_patterns": [stream], "data_stream": {}, "priority": 900}
    assert access.request("PUT", f"/_index_template/foreign-{fresh_namespace}", body)[0] == 200

    told = sent("ship", elasticsearch_url, "--namespace", fresh_namespace)

    assert told.code == 3
    assert f"the index template foreign-{fresh_namespace}, which is not ours" in told.err
    assert (told.account["read"], told.account["shipped"]) == (2, 0)
    assert not exists(access, stream)


def test_an_index_in_the_place_of_the_data_stream_is_told(
    sent: Callable[..., Any], elasticsearch_url: str, fresh_namespace: str
) -> None:
    access = Access(elasticsearch_url)
    name = f"logs-intune_connector.events-{fresh_namespace}"
    shadow = {"index_patterns": [name], "priority": 900}  # without it, Elasticsearch refuses a plain index here
    assert access.request("PUT", f"/_index_template/shadow-{fresh_namespace}", shadow)[0] == 200
    assert access.request("PUT", f"/{name}")[0] == 200

    told = sent("ship", elasticsearch_url, "--namespace", fresh_namespace)

    assert told.code == 3
    assert "is an index, not a data stream" in told.err
