import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shipper.alerts import TAKEN, Unavailable
from shipper.alerts.address import parse_syslog
from shipper.alerts.line import trust
from shipper.alerts.syslog import StreamOutlet, UdpOutlet
from shipper.alerts.syslog_message import syslog_message
from shipper.errors import UsageError
from shipper.model import INGESTED_PLACEHOLDER
from shipper.testing.engine.certificates import Certificates

if TYPE_CHECKING:
    from tests.alerts.conftest import MakeAlert

STAMP = b"2026-11-24T09:30:00.000Z"


def stamp() -> bytes:
    return STAMP


class SyslogServer:
    """Takes lines one after the other and keeps all bytes of each."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._context = context
        self.port = self._listening.getsockname()[1]
        self.got: list[bytearray] = []
        self.lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
                if self._context is not None:
                    line = self._context.wrap_socket(line, server_side=True)
            except OSError:
                if self._listening.fileno() < 0:
                    return
                continue
            self.lines.append(line)
            self.got.append(bytearray())
            threading.Thread(target=self._read, args=(line, self.got[-1]), daemon=True).start()

    @staticmethod
    def _read(line: socket.socket, into: bytearray) -> None:
        try:
            while part := line.recv(1 << 16):
                into += part
        except OSError:
            pass
        line.close()

    def messages(self, count: int) -> list[bytes]:
        """Return the messages of all lines, once there are so many."""
        ends_at = time.monotonic() + 5
        while len(found := [one for got in self.got for one in unframed(bytes(got))]) < count:
            assert time.monotonic() < ends_at, found
            time.sleep(0.01)
        return found

    def close(self) -> None:
        self._listening.close()
        for line in self.lines:
            line.close()


def unframed(data: bytes) -> Iterator[bytes]:
    while data:
        length, _, rest = data.partition(b" ")
        yield rest[: int(length)]
        data = rest[int(length) :]


@pytest.fixture
def close_at_end() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


Serve = Callable[..., SyslogServer]


@pytest.fixture
def serve(close_at_end: ExitStack) -> Serve:
    def open_server(context: ssl.SSLContext | None = None) -> SyslogServer:
        server = SyslogServer(context)
        close_at_end.callback(server.close)
        return server

    return open_server


def test_a_message_has_a_head_of_rfc_5424_and_the_document_as_json(alert: "MakeAlert") -> None:
    head, _, document = syslog_message(alert(1), STAMP, 8192).partition(b" {")
    assert head == b"<131>1 2026-11-24T09:30:00.000Z shipper01 intune-connector-shipper - a-rule -"
    assert json.loads(b"{" + document) == json.loads(alert(1).stamped(STAMP))


@pytest.mark.parametrize(("severity", "priority"), [("critical", 130), ("high", 131), ("medium", 132), ("low", 133)])
def test_the_severity_of_a_message_is_that_of_the_alert(alert: "MakeAlert", severity: str, priority: int) -> None:
    one = alert(1, intune_connector={"alert": {"severity": severity}})
    assert syslog_message(one, STAMP, 8192).startswith(b"<%d>" % priority)


@given(text=st.text(max_size=300), most=st.integers(500, 3000))
@example(text="\x7f", most=3000)
@example(text="0" * 9 + "\x1f" * 300, most=500)
@example(text="\U0001f600" * 300, most=500)
def test_a_message_is_printable_bounded_and_whole_json_whatever_an_event_says(text: str, most: int) -> None:
    from tests.alerts.conftest import make_alert

    text = text.encode(errors="replace").decode()
    event = {"ingested": INGESTED_PLACEHOLDER, "kind": "alert", "id": "alert-1", "reason": text}
    rule = {"id": text, "description": text}
    one = make_alert(1, message=text * 20, event=event, labels={"a": text}, tags=[text] * 9, rule=rule)
    message = syslog_message(one, STAMP, most)
    assert len(message) <= most
    assert all(0x20 <= byte < 0x7F for byte in message)
    *head, document = message.split(b" ", 7)
    assert all(head)
    assert json.loads(document)["event"]["id"] == "alert-1"


def test_a_message_that_is_too_long_loses_the_ids_of_events_first(alert: "MakeAlert") -> None:
    one = alert(1, message="stays", intune_connector={"alert": {"severity": "low", "event_ids": ["x" * 20] * 100}})
    found = json.loads(syslog_message(one, STAMP, 1000).split(b" ", 7)[7])
    assert "event_ids" not in found["intune_connector"]["alert"]
    assert (found["message"], found["shortened"]) == ("stays", True)


def test_datagrams_arrive_one_an_alert(alert: "MakeAlert") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        outlet = UdpOutlet(parse_syslog(f"udp://127.0.0.1:{server.getsockname()[1]}"), stamp)
        assert outlet.deliver([alert(1), alert(2)]) == [TAKEN, TAKEN]
        got = [server.recv(1 << 16) for _ in range(2)]
    assert [b"alert-1" in got[0], b"alert-2" in got[1]] == [True, True]


def test_over_udp_nobody_has_to_listen(alert: "MakeAlert") -> None:
    outlet = UdpOutlet(parse_syslog("udp://127.0.0.1:9"), stamp)
    assert [outlet.deliver([alert(n)]) for n in range(3)] == [[TAKEN]] * 3


def test_over_tcp_each_message_has_its_length_in_front(alert: "MakeAlert", serve: Serve) -> None:
    server = serve()
    outlet = StreamOutlet(parse_syslog(f"tcp://127.0.0.1:{server.port}"), stamp, 5)
    outlet.deliver([alert(1), alert(2)])
    outlet.deliver([alert(3)])
    assert server.messages(3) == [syslog_message(alert(n), STAMP, 8192) for n in (1, 2, 3)]
    assert len(server.lines) == 1
    outlet.close()


def test_a_line_that_the_server_has_closed_is_noticed_before_anything_is_lost(alert: "MakeAlert", serve: Serve) -> None:
    server = serve()
    outlet = StreamOutlet(parse_syslog(f"tcp://127.0.0.1:{server.port}"), stamp, 5)
    outlet.deliver([alert(1)])
    server.messages(1)
    server.lines[0].shutdown(socket.SHUT_RDWR)
    time.sleep(0.1)
    outlet.deliver([alert(2)])
    assert len(server.messages(2)) == len(server.lines) == 2
    outlet.close()


def test_a_server_that_is_not_there_is_waited_for(alert: "MakeAlert") -> None:
    with pytest.raises(Unavailable, match="refused"):
        StreamOutlet(parse_syslog("tcp://127.0.0.1:9"), stamp, 5).deliver([alert(1)])


def test_over_tls_the_server_has_to_be_who_it_must_be(
    alert: "MakeAlert",
    serve: Serve,
    server_context: ssl.SSLContext,
    certificates: Certificates,
    other_authority: Path,
) -> None:
    server = serve(server_context)
    address = parse_syslog(f"tls://127.0.0.1:{server.port}")
    trusting = StreamOutlet(address, stamp, 5, trust(str(certificates.authority)))
    trusting.deliver([alert(1)])
    trusting.deliver([alert(2)])
    assert len(server.messages(2)) == 2
    trusting.close()
    with pytest.raises(Unavailable, match="not trusted"):
        StreamOutlet(address, stamp, 5, trust(str(other_authority))).deliver([alert(3)])
    assert len(server.messages(2)) == 2


@pytest.mark.parametrize("text", ["udp://", "http://h:514", "tls://h:0", "tls://h/path", "tcp://u@h", "tcp://h:x", "h"])
def test_what_is_no_address_of_a_syslog_server_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_syslog(text)


def test_ports_are_those_of_their_transports() -> None:
    found = [parse_syslog(f"{name}://h").name for name in ("udp", "tcp", "tls")]
    assert found == ["syslog:udp://h:514", "syslog:tcp://h:514", "syslog:tls://h:6514"]
