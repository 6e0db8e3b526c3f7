"""The shipper is killed while it tells of alerts: each comes at least once, doubles have one id, none is invented."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shipper.testing.chaos import Ended, Log, Trial, scan

EVENTS, EVENTS_LONG = 1_000, 10_000
#: Every event is an alert, hundreds of which are under way when a kill comes; bursts need what rules remember.
RULES = {
    "every-failure": ("high", 60, 'kind = "match"'),
    "burst": ("high", 61, 'kind = "count"\nby = ["host.name"]\nat_least = 7\nwithin = "10s"'),
    "many-devices": (
        "medium",
        40,
        'kind = "count"\nby = ["host.name"]\nat_least = 40\nwithin = "1m"\ndistinct = "device.id"',
    ),
}
ENVIRONMENT = {
    "SHIPPER_BATCH_DOCS": "50",
    "SHIPPER_CHECKPOINT_INTERVAL_S": "0",
    "SHIPPER_INCLUDE_BACKFILL": "true",
    "SHIPPER_DRAIN_WITHIN_S": "30",
}
#: So slow is the receiver that no run comes to its end before it is killed, and so often it is busy.
_SLOW_S, _BUSY = 0.006, 0.01
_RULE = """\
id = "{id}"
nature = "failure"
severity = "{severity}"
risk_score = {risk}
quiet_for = "1s"

[where.is]
"event.code" = "20102"

[looks_for]
{looks_for}

[text.en]
name = "{id}"
why = "A synthetic rule."
first_steps = ["Look at it."]

[text.it]
name = "{id} (it)"
why = "Una regola sintetica."
first_steps = ["Guardarla."]
"""


class Receiver:
    """A webhook that is busy at times, and keeps the ids that it has acknowledged, in the order in which they came."""

    def __init__(self, chance: random.Random) -> None:
        self.told: list[str] = []
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(_SLOW_S)
                is_busy = chance.random() < _BUSY
                if not is_busy:
                    told.append(body["event"]["id"])
                self.send_response(503 if is_busy else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words: object) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None: ...

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def outlet(self) -> str:
        return f"webhook:http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver(chance: random.Random) -> Iterator[Receiver]:
    one = Receiver(chance)
    yield one
    one.close()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    for id_, (severity, risk, looks_for) in RULES.items():
        text = _RULE.format(id=id_, severity=severity, risk=risk, looks_for=looks_for)
        (folder / f"{id_}.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_killed_shipper_tells_every_alert_at_least_once_and_invents_none(  # noqa: PLR0917 (fixtures)
    trial: Trial,
    written_log: Callable[[int], Log],
    rules: Path,
    receiver: Receiver,
    chance: random.Random,
    long_form: bool,
    tmp_path: Path,
) -> None:
    events = EVENTS_LONG if long_form else EVENTS
    log, uncut = written_log(events), tmp_path / "uncut.ndjson"
    whole = trial.beside(1).ship(log.path, "--rules", rules, "--alerts", f"ndjson:{uncut}", environment=ENVIRONMENT)
    expected = {json.loads(line)["event"]["id"] for line in uncut.read_bytes().splitlines()}
    words = ("--rules", rules, "--alerts", receiver.outlet, "--alerts", "index")

    last, kills = killed(trial, log, words, lambda: chance.uniform(0.5, 1.2) * whole.seconds, 60 if long_form else 5)

    indexed = [one.id for one in scan(trial.access, f"logs-intune_connector.alerts-{trial.namespace}")]
    even = trial.balance(log.ids)
    doubled = len(receiver.told) - len(set(receiver.told))
    trial.report(
        "shipper killed -9 while it tells of alerts",
        even,
        runs=kills + 1,
        note=f"{len(expected):,} alerts; webhook: {len(expected - set(receiver.told))} lost, {doubled} doubled; "
        f"index: {len(expected - set(indexed))} lost, {len(indexed) - len(set(indexed))} doubled",
    )
    assert last.code == 0, last.said
    assert kills > 1
    assert len(expected) > events
    assert set(receiver.told) == expected
    assert sorted(indexed) == sorted(expected)
    assert even.is_even


def killed(
    trial: Trial, log: Log, words: tuple[str | Path, ...], after_s: Callable[[], float], most: int
) -> tuple[Ended, int]:
    """Ship a log until a run ends by itself; each before it is killed at a random moment, at most so many.

    Returns:
        how the last run ended, and how many were killed.
    """
    for kills in range(most):
        with trial.start(log.path, *words, environment=ENVIRONMENT) as shipper:
            shipper.wait_at_most(after_s())
            if not shipper.kill():
                return shipper.ended(), kills
    return trial.ship(log.path, *words, environment=ENVIRONMENT), most
