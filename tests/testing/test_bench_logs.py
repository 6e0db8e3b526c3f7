from collections import Counter
from pathlib import Path

import evtx
import msgspec
import pytest

from shipper.testing.bench_logs import write_connector_log, write_mixed_log
from shipper.testing.connector.events import ADMIN_CHANNEL, LEGACY_CHANNEL, OPERATIONAL_CHANNEL
from shipper.testing.evtx_writer import CHUNK_BYTES, FILE_HEADER_BYTES

CONNECTOR = {ADMIN_CHANNEL, LEGACY_CHANNEL, OPERATIONAL_CHANNEL}
GOAL_BYTES = 1_095


def _channels(path: Path) -> list[str]:
    records = evtx.PyEvtxParser(str(path)).records_json()
    return [msgspec.json.decode(record["data"])["Event"]["System"]["Channel"] for record in records if record]


def test_a_connector_log_has_as_many_records_as_asked_for(tmp_path: Path) -> None:
    write_connector_log(tmp_path / "log.evtx", records=2_500)
    assert len(_channels(tmp_path / "log.evtx")) == 2_500


def test_a_connector_log_mixes_both_generations_and_nothing_else(tmp_path: Path) -> None:
    write_connector_log(tmp_path / "log.evtx", records=2_000)
    counts = Counter(_channels(tmp_path / "log.evtx"))
    assert counts.keys() == CONNECTOR
    assert 500 < counts[LEGACY_CHANNEL] < 1_400


def test_a_connector_record_takes_about_what_the_benchmark_states(tmp_path: Path) -> None:
    written = write_connector_log(tmp_path / "log.evtx", records=5_000)
    assert written.size_bytes / written.records == pytest.approx(GOAL_BYTES, rel=0.03)


def test_a_mixed_log_has_connector_events_in_the_stated_share_of_its_chunks(tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    written = write_mixed_log(path, size_bytes=FILE_HEADER_BYTES + 60 * CHUNK_BYTES, connector_chunk_share=0.05)
    log = path.read_bytes()
    chunks = [log[start : start + CHUNK_BYTES] for start in range(FILE_HEADER_BYTES, len(log), CHUNK_BYTES)]
    needles = [channel.encode("utf-16-le") for channel in CONNECTOR]
    assert written.chunks == len(chunks) == 60
    assert sum(any(needle in chunk for needle in needles) for chunk in chunks) == 3


def test_the_records_of_a_mixed_log_are_numbered_without_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    written = write_mixed_log(path, size_bytes=1 << 20, connector_chunk_share=0.2)
    numbers = [record["event_record_id"] for record in evtx.PyEvtxParser(str(path)).records_json() if record]
    assert numbers == list(range(1, written.records + 1))


def test_the_foreign_events_of_a_mixed_log_differ(tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    write_mixed_log(path, size_bytes=1 << 20, connector_chunk_share=0)
    records = evtx.PyEvtxParser(str(path)).records_json()
    events = [msgspec.json.decode(record["data"])["Event"] for record in records if record]
    distinct = {str(event["EventData"]) for event in events}
    assert len(distinct) > len(events) * 0.8


@pytest.mark.parametrize("write", [write_connector_log, write_mixed_log])
def test_a_seed_decides_every_byte(tmp_path: Path, write: object) -> None:
    size = {"records": 300} if write is write_connector_log else {"size_bytes": 1 << 19}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write(tmp_path / name, **size, seed=seed)  # type: ignore[operator]  # either writer
    first, again, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert first == again != other
