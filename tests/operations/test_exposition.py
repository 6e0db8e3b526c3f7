"""The metrics as Prometheus reads them, compared with the page that explains them."""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from shipper.operations.exposition import PREFIX, Exposition, Surroundings
from shipper.operations.lag import UNKNOWN, SourceLag
from shipper.operations.latency import Histogram
from shipper.operations.pauses import Pause
from shipper.operations.vitals import Reading
from shipper.pipeline import Counts

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "metrics.md"
ROW = re.compile(r"^\| `([a-z_]+)` \| (counter|gauge|histogram) \| ?(.*?) \| (.+) \|$", re.MULTILINE)

Make = Callable[..., Reading]


def metrics(reading: Reading, folder: Path = Path("absent")) -> dict[str, Metric]:
    surroundings = Surroundings(folder / "dead-letters.ndjson", 1024, lambda: (3, 1))
    text = Exposition(lambda: reading, surroundings).encoded().decode()
    return {metric.name: metric for metric in text_string_to_metric_families(text)}


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    (sample,) = [
        one
        for metric in found.values()
        for one in metric.samples
        if one.name == f"{PREFIX}_{name}" and one.labels == labels
    ]
    return sample.value


def told(found: Iterable[Metric]) -> dict[str, tuple[str, set[str]]]:
    """Return type and labels of each metric, by the name that a query uses."""
    return {
        f"{metric.name}_total" if metric.type == "counter" else metric.name: (
            metric.type,
            {label for sample in metric.samples for label in sample.labels} - {"le"},
        )
        for metric in found
    }


@pytest.mark.skipif(sys.platform != "linux", reason="the process's own metrics are there on Linux alone")
def test_the_page_explains_exactly_what_is_exposed_with_its_type_and_labels(reading: Make) -> None:
    everything = reading(lags=(SourceLag("a.evtx", 1, 5.0),), unkept_s=0.0)
    explained = {
        name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels, _ in ROW.findall(PAGE.read_text())
    }
    assert told(metrics(everything).values()) == explained


def test_every_count_of_the_account_is_told(reading: Make) -> None:
    counts = Counts(*range(1, 14))
    found = metrics(reading(counts=counts))
    for name in Counts.__struct_fields__[:11]:
        assert value(found, f"{name}_total") == getattr(counts, name)
    assert value(found, "catalog_misses_total", kind="event_id") == counts.unknown_events
    assert value(found, "catalog_misses_total", kind="code") == counts.unknown_codes


def test_the_lag_of_each_log_is_told(reading: Make) -> None:
    lags = (SourceLag("C:\\a.evtx", 7, since_s=40.0), SourceLag("b", UNKNOWN, reachable=False))
    found = metrics(reading(lags=lags, now_s=42.5))
    assert value(found, "lag_seconds", source="C:\\a.evtx") == 2.5
    assert value(found, "lag_records", source="C:\\a.evtx") == 7
    assert value(found, "source_reachable", source="C:\\a.evtx") == 1
    assert value(found, "source_reachable", source="b") == 0
    assert [sample.labels["source"] for sample in found[f"{PREFIX}_lag_records"].samples] == ["C:\\a.evtx"]


@pytest.mark.parametrize("name", ['quote".evtx', "back\\slash", "é漢", "} 1\\n# HELP x"])
def test_a_name_with_any_character_stays_one_label(reading: Make, name: str) -> None:
    assert value(metrics(reading(lags=(SourceLag(name, 1),))), "lag_records", source=name) == 1


def test_batches_are_a_histogram_whose_buckets_add_up(reading: Make) -> None:
    histogram = Histogram()
    for seconds in (0.01, 0.02, 0.02, 7, 5000):
        histogram.observe(seconds)
    found = metrics(reading(batches=histogram.read()))
    assert value(found, "batch_duration_seconds_bucket", le="0.01") == 1
    assert value(found, "batch_duration_seconds_bucket", le="0.025") == 3
    assert value(found, "batch_duration_seconds_bucket", le="10.0") == 4
    assert value(found, "batch_duration_seconds_bucket", le="3600.0") == 4
    assert value(found, "batch_duration_seconds_bucket", le="+Inf") == 5
    assert value(found, "batch_duration_seconds_count") == 5
    assert value(found, "batch_duration_seconds_sum") == pytest.approx(5007.05)


def test_a_sink_that_waits_says_why_by_its_error_type_alone(reading: Make) -> None:
    found = metrics(reading(pause=Pause("cluster_block_exception: index [x] blocked", 1), pause_s=9.0))
    assert value(found, "waiting", reason="cluster_block_exception") == 1
    assert value(found, "waiting_seconds") == 9


def test_a_sink_that_does_not_wait_says_so(reading: Make) -> None:
    assert value(metrics(reading()), "waiting", reason="none") == 0


def test_dead_letters_are_measured_where_they_are(reading: Make, tmp_path: Path) -> None:
    (tmp_path / "dead-letters.ndjson").write_bytes(b"x" * 77)
    found = metrics(reading(), tmp_path)
    assert (value(found, "dead_letters_bytes"), value(found, "dead_letters_max_bytes")) == (77, 1024)


def test_where_no_state_is_kept_no_age_of_a_checkpoint_is_told(reading: Make) -> None:
    assert f"{PREFIX}_checkpoint_age_seconds" not in metrics(reading(unkept_s=None))


def test_heartbeats_are_told_by_what_became_of_them(reading: Make) -> None:
    found = metrics(reading())
    assert value(found, "heartbeats_total", result="sent") == 3
    assert value(found, "heartbeats_total", result="failed") == 1
