"""The same events say the same, wherever they are read from."""

import gzip
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from shipper import assets, config, setup
from shipper.catalog import CONNECTOR_CHANNELS
from shipper.errors import SourceError, UsageError
from shipper.pipeline import judging, sifting_lines
from shipper.report import Findings
from shipper.report.page import write_page
from shipper.rules.model import Rule
from shipper.sinks.elasticsearch import Connection
from shipper.testing.reports import document, look, ship
from shipper.testing.week import Week

Write = Callable[[Sequence[dict[str, Any]]], Path]


def said(found: Findings) -> dict[str, Any]:
    """Return all that was found, but for when and from what."""
    answers = asdict(found)
    for name in ("made_at", "is_live", "reading"):
        del answers[name]
    return answers


def test_shipped_documents_say_what_the_logs_say(found: Findings, documents: Path, rules: tuple[Rule, ...]) -> None:
    assert said(look(str(documents), rules=rules)) == said(found)


def test_workers_change_nothing(
    week: Week, found: Findings, documents: Path, rules: tuple[Rule, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "_WORTH_IT", 1)
    inputs = [str(file.path) for file in week.files]
    assert said(look(*inputs, rules=rules, workers=2)) == said(found)
    monkeypatch.setattr(sifting_lines, "_WORTH_IT_BYTES", 1)
    assert said(look(str(documents), rules=rules, workers=2)) == said(found)


def test_lines_that_begin_where_a_part_ends_are_read_once(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write([document(number) for number in range(12)])
    monkeypatch.setattr(sifting_lines, "_WORTH_IT_BYTES", 1)
    for lines in (1, 3):
        monkeypatch.setattr(sifting_lines, "_PART_BYTES", lines * len(path.read_bytes().splitlines()[0]) + lines)
        found = look(str(path), workers=2)
        assert (found.scope.events, found.reading.doubles) == (12, 0)


def test_compressed_documents_are_read(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "documents.ndjson.gz"
    path.write_bytes(gzip.compress(write([document(0), document(1)]).read_bytes()))
    assert look(str(path)).scope.events == 2


def test_documents_cut_off_say_so(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "documents.ndjson.gz"
    path.write_bytes(gzip.compress(write([document(number) for number in range(200)]).read_bytes())[:-20])
    found = look(str(path))
    assert found.reading.uncounted == 1
    assert "damaged" in found.reading.problems[0].reason


def test_lines_that_are_no_documents_are_counted_and_left_out(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "mixed.ndjson"
    other = b'{"@timestamp":"2026-11-23T08:00:00Z","event":{"dataset":"other","id":"x"}}\nno JSON\n{"event":7}\n'
    path.write_bytes(write([document(0)]).read_bytes() + other)
    found = look(str(path))
    assert (found.scope.events, found.reading.foreign) == (1, 3)


def test_lines_of_winlogbeat_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "winlogbeat.ndjson"
    channel, provider = CONNECTOR_CHANNELS[1], "Microsoft-Intune-CertificateConnectors"
    line = (
        '{{"@timestamp":"2026-11-23T08:00:0{n}.000Z","winlog":{{"channel":"{channel}","computer_name":"pki01",'
        '"event_id":"{code}","provider_name":"{provider}","record_id":{n}}}}}\n'
    )
    text = "".join(
        line.format(n=n, channel=channel, provider=provider, code=code) for n, code in ((1, 1000), (2, 1001))
    )
    path.write_text(text)
    found = look(str(path))
    assert (found.scope.requests, found.scope.failures) == (2, 1)


def test_standard_input_is_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write([document(0)])
    with path.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert look("-").scope.events == 1


def test_several_inputs_make_one_report(write: Write, week: Week) -> None:
    connector = next(file for file in week.files if file.kind == "connector")
    found = look(str(connector.path), str(write([document(0), document(1)])))
    assert found.scope.events == connector.total + 2


def test_the_data_stream_says_what_the_logs_say(
    week: Week, found: Findings, rules: tuple[Rule, ...], elasticsearch_url: str, fresh_namespace: str
) -> None:
    from elasticsearch import Elasticsearch as Client

    settings = config.Elasticsearch()
    setup.install(
        Connection.to(elasticsearch_url, settings), assets.mappings(), namespace="default", agree=lambda _: True
    )
    ship([str(file.path) for file in week.files], elasticsearch_url, week.folder / "state", fresh_namespace)
    with Client(elasticsearch_url) as client:
        client.indices.refresh(index=f"logs-intune_connector.events-{fresh_namespace}")
    of_server = look(elasticsearch_url, rules=rules, namespace=fresh_namespace)
    assert of_server.is_live
    assert [cause.failures for cause in of_server.causes.shown] == [cause.failures for cause in found.causes.shown]
    assert of_server.timeline == found.timeline
    assert of_server.devices == found.devices
    matches = {
        one.rule.id: one.alerts for one in found.alerts.by_rule if one.rule.looks_for.__class__.__name__ == "Match"
    }
    assert matches.items() <= {one.rule.id: one.alerts for one in of_server.alerts.by_rule}.items()


def test_a_data_stream_that_is_not_there_is_said(elasticsearch_url: str, fresh_namespace: str) -> None:
    with pytest.raises(SourceError, match="no data stream"):
        look(elasticsearch_url, namespace=fresh_namespace)


def test_a_server_and_files_do_not_go_together(write: Write) -> None:
    with pytest.raises(UsageError, match="alone"):
        look("http://127.0.0.1:9", str(write([document(0)])))


def test_a_process_that_is_gone_is_said(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write([document(number) for number in range(4)])
    monkeypatch.setattr(sifting_lines, "_WORTH_IT_BYTES", 1)
    monkeypatch.setattr(sifting_lines, "_adopt", divmod)  # cannot divide rules: the child ends before its first part
    with pytest.raises(SourceError, match="killed"):
        look(str(path), workers=2)


def test_an_event_from_the_future_turns_nothing_and_is_told(write: Write) -> None:
    plain = [document(number) for number in range(5)]
    ahead = document(5, **{"@timestamp": "2999-01-01T00:00:00Z"})
    before = said(look(str(write(plain))))
    found = look(str(write([*plain, ahead])))
    assert said(found) == before
    assert found.reading.later == 1
    assert (
        "events from the future" in write_page(found, "en").partition('id="quality"')[2].partition("There are none")[0]
    )


def test_where_every_event_is_from_the_future_our_own_clock_is_wrong(write: Write) -> None:
    ahead = [document(number, **{"@timestamp": f"2999-01-0{number + 1}T00:00:00Z"}) for number in range(3)]
    found = look(str(write(ahead)))
    assert (found.scope.events, found.reading.later) == (3, 0)
