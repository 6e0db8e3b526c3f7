import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shipper import assets, config, setup
from shipper.cli import failures, main
from shipper.pipeline import Recipe, run
from shipper.pipeline.opening import ecs_settings, open_rejections, open_sink, open_source
from shipper.sinks.elasticsearch import Connection
from shipper.testing.week import Week, write_week


class Silent:
    def problem(self, problem: object) -> None: ...

    def notice(self, notice: object) -> None: ...

    def advanced(self, size_bytes: int, counts: object) -> None: ...


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    return write_week(tmp_path_factory.mktemp("week"), until=datetime.now(UTC))


def shipped(week: Week, to: str, namespace: str) -> int:
    inputs = tuple(str(file.path) for file in week.files)
    flags = {"inputs": inputs, "to": to, "namespace": namespace, "state": str(week.folder / "state")}
    settings = config.load(None, {}, flags)
    sink = open_sink(settings, lambda _: None)
    with open_rejections(settings) as rejections:
        counts = run(Recipe(open_source(settings), ecs_settings(settings)), sink, rejections, Silent())
    sink.close(complete=True)
    assert counts.complete
    return counts.shipped


def planted(week: Week) -> dict[str, int]:
    """Return the final failures that were planted, by diagnostic code."""
    finals = {20102, 20202, 20501, 20502}
    return {
        incident.code: sum(count for number, count in incident.events.items() if number in finals)
        for incident in week.incidents
        if incident.code
    }


def test_the_table_of_a_file_finds_the_planted_incidents(week: Week) -> None:
    path = week.folder / "events.ndjson"

    shipped(week, f"ndjson:{path}", "default")

    found = {failure.cause: failure.failures for failure in failures.from_ndjson(path)}
    assert planted(week).items() <= found.items()


def test_elasticsearch_gives_the_same_table_as_the_file_and_takes_nothing_twice(
    week: Week, elasticsearch_url: str, fresh_namespace: str
) -> None:
    from elasticsearch import Elasticsearch as Client

    defaults = config.Elasticsearch()
    setup.install(
        Connection.to(elasticsearch_url, defaults), assets.mappings(), namespace="default", agree=lambda _: True
    )
    path = week.folder / "again.ndjson"
    shipped(week, f"ndjson:{path}", fresh_namespace)

    assert shipped(week, elasticsearch_url, fresh_namespace) == week.total("connector", "archive")
    assert shipped(week, elasticsearch_url, fresh_namespace) == 0

    data_stream = f"logs-intune_connector.events-{fresh_namespace}"
    with Client(elasticsearch_url) as client:
        client.indices.refresh(index=data_stream)
        answer = client.esql.query(query=failures.FAILURES_BY_CAUSE.format(data_stream=data_stream))
    told = {(f.cause, f.action, f.failures, f.devices, f.hosts) for f in failures.from_esql(answer)}
    assert told == {(f.cause, f.action, f.failures, f.devices, f.hosts) for f in failures.from_ndjson(path)}


def test_the_demo_works_without_elasticsearch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--no-elasticsearch", "--folder", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "0x00000411" in out
    assert "Many devices come" in out
    assert str(tmp_path / "report.html") in out.replace("\n", "")
    assert "</html>" in (tmp_path / "report.html").read_text()
    assert (tmp_path / "alerts.ndjson").read_text().count('"kind":"alert"') > 10
    assert "SYNTHETIC" in (tmp_path / "README.md").read_text()


def test_the_table_of_alerts_says_the_year_of_another_year_and_what_was_counted_by(week: Week) -> None:
    from rich.console import Console

    from shipper.cli.demo_report import table
    from shipper.pipeline.reporting import rules_of_events
    from shipper.testing.reports import look

    found = look(*(str(file.path) for file in week.files), rules=rules_of_events(config.Alerts()))
    console = Console(width=240, record=True)
    console.print(table(found.alerts))
    lines = console.export_text().splitlines()
    quiet, burst = (
        next(line for line in lines if name in line) for name in ("gone quiet", "failed requests at one CA")
    )
    first_ms = next(one.first_ms for one in found.alerts.by_rule if "gone quiet" in one.rule.text["en"].name)
    first = datetime.fromtimestamp(first_ms / 1000, UTC)
    assert (str(first.year) in quiet) is (first.year != datetime.now(UTC).year)
    assert "Issuing CA 1" in burst


def test_the_demo_without_the_packages_of_the_report_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    assert main(["demo", "--no-elasticsearch", "--folder", str(tmp_path)]) == 0

    out = capsys.readouterr().out
    assert "pip install 'intune-connector-shipper[report]'" in out.replace("\n", "")
    assert (tmp_path / "alerts.ndjson").exists()
    assert not (tmp_path / "report.html").exists()
