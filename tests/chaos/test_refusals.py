"""Elasticsearch refuses: for load, for size, for a block, for a limit, for single documents. The rest arrives once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from shipper import dead_letters
from shipper.testing.chaos import Ended, Log, Shipper, Trial, event_ids, wait_until
from shipper.testing.connector.events import legacy_event
from shipper.testing.engine import Access, Node
from shipper.testing.evtx_writer import EventSpec, write_log

NewTrial = Callable[[Access], Trial]
BEGIN = datetime(2026, 11, 16, 6, tzinfo=UTC)
#: Small enough that a run is under way for seconds, so that there is a during.
SMALL_BATCHES = {"SHIPPER_BATCH_DOCS": "200"}
SOME_LEFT = 1


def call(access: Access, method: str, path: str, body: Any = None) -> dict[str, Any]:
    status, answer = access.request(method, path, body)
    assert status < HTTPStatus.BAD_REQUEST, answer
    return answer


def set_up(access: Access) -> Access:
    with Shipper(["setup", "--to", access.url, "--yes"]) as setup:
        ended = setup.ended()
    assert ended.code == 0, ended.said
    return access


@pytest.fixture(scope="module")
def start(elasticsearch_node: Callable[..., Node]) -> Callable[..., Access]:
    """Return a function that starts a node of special settings, with the templates."""
    return lambda **settings: set_up(elasticsearch_node(settings=settings, heap_mb=512).access)


def letters(trial: Trial) -> list[dead_letters.DeadLetter]:
    """Return the dead letters of a trial."""
    found = dead_letters.read(trial.state / dead_letters.FILE_NAME)
    return [letter for letter in found if isinstance(letter, dead_letters.DeadLetter)]


def no_letters(trial: Trial) -> bool:
    return not (trial.state / dead_letters.FILE_NAME).exists()


def told(ended: Ended) -> str:
    """Return what the account says of it."""
    return ", ".join(f"{ended.account.get(key, 0):.0f} {key}" for key in ("retried", "duplicates", "dead"))


def test_documents_that_are_turned_away_for_load_arrive_once(
    start: Callable[..., Access], new_trial: NewTrial, written_log: Callable[[int], Log]
) -> None:
    access = start(**{"thread_pool.write.size": "1", "thread_pool.write.queue_size": "1"})
    log, trial = written_log(20_000), new_trial(access)

    ended = trial.ship(log.path, environment={"SHIPPER_BATCH_DOCS": "100", "SHIPPER_IN_FLIGHT": "16"})

    found = trial.balance(log.ids)
    trial.report("429: one thread that writes, a queue of one", found, note=told(ended))
    assert ended.code == 0, ended.said
    assert ended.account["retried"] > 0
    assert found.is_even


def test_requests_that_are_too_large_are_split_and_arrive_once(
    start: Callable[..., Access], new_trial: NewTrial, written_log: Callable[[int], Log]
) -> None:
    access = start(**{"http.max_content_length": "300kb"})
    log, trial = written_log(10_000), new_trial(access)

    ended = trial.ship(log.path)

    found = trial.balance(log.ids)
    trial.report("413: http.max_content_length of 300 KB", found, note=told(ended))
    assert ended.code == 0, ended.said
    assert ended.account["retried"] > 0
    assert found.is_even


def test_a_document_that_is_too_large_alone_is_the_only_dead_letter(
    start: Callable[..., Access], new_trial: NewTrial, tmp_path: Path
) -> None:
    access = start(**{"http.max_content_length": "40kb"})
    trial = new_trial(access)
    events = [issue_failed(number, "x" * 12_000 if number == 500 else "") for number in range(1000)]
    path = tmp_path / "one-large.evtx"
    write_log(path, events)
    ids = event_ids(events)

    ended = trial.ship(path, "--preserve-original", environment={"SHIPPER_BATCH_DOCS": "1000"})

    found = trial.balance([id_ for id_ in ids if id_ != ids[500]])
    trial.report("413: one document of 1,000 is too large alone", found, note=told(ended))
    assert ended.code == SOME_LEFT, ended.said
    assert [letter.id for letter in letters(trial)] == [ids[500]]
    assert letters(trial)[0].error_type == "content_too_large"
    assert found.is_even


@pytest.mark.parametrize("block", ["write", "read_only_allow_delete", "read_only"])
def test_a_block_of_the_index_that_is_set_and_lifted_costs_nothing(
    trial: Trial, written_log: Callable[[int], Log], block: str
) -> None:
    log = written_log(20_000)
    with trial.start(log.path, environment=SMALL_BATCHES) as shipper:
        trial.wait_until_indexed(len(log.ids) // 4, shipper)
        set_block(trial, block, on=True)
        wait_until(lambda: "cluster_block_exception" in shipper.said(), shipper)
        set_block(trial, block, on=False)
        ended = shipper.ended()

    found = trial.balance(log.ids)
    trial.report(f"index.blocks.{block} set and lifted", found, note=told(ended))
    assert ended.code == 0, ended.said
    assert no_letters(trial)
    assert found.is_even


def set_block(trial: Trial, block: str, *, on: bool) -> None:
    call(trial.access, "PUT", f"/{trial.data_stream}/_settings", {f"index.blocks.{block}": on or None})


def test_a_limit_of_shards_pauses_until_there_is_room_and_makes_no_dead_letters(
    start: Callable[..., Access], new_trial: NewTrial, written_log: Callable[[int], Log]
) -> None:
    access = start(**{"cluster.max_shards_per_node": "1"})
    log, trial = written_log(10_000), new_trial(access)
    call(access, "PUT", "/full", {"settings": {"number_of_replicas": 0}})

    with trial.start(log.path) as shipper:
        wait_until(lambda: "maximum normal shards open" in shipper.said(), shipper)
        call(access, "PUT", "/_cluster/settings", {"persistent": {"cluster.max_shards_per_node": 100}})
        ended = shipper.ended()

    found = trial.balance(log.ids)
    trial.report("limit of shards reached, then raised", found, note=told(ended))
    assert ended.code == 0, ended.said
    assert no_letters(trial)
    assert found.is_even


def test_a_conflict_in_one_of_a_hundred_makes_dead_letters_of_these_alone(trial: Trial, tmp_path: Path) -> None:
    events = [issue_failed(number, device="device" if number % 100 == 0 else "7") for number in range(20_000)]
    path = tmp_path / "mixed.evtx"
    write_log(path, events)
    ids = event_ids(events)
    take_device_for(trial, "long")

    ended = trial.ship(path, "--allow-foreign-mapping")

    refused = set(ids[::100])
    found = trial.balance([id_ for id_ in ids if id_ not in refused])
    trial.report("mapping conflict in one of a hundred", found, note=told(ended))
    assert ended.code == SOME_LEFT, ended.said
    assert sorted(letter.id for letter in letters(trial)) == sorted(refused)
    assert found.is_even


@pytest.mark.parametrize(
    ("mapping", "poison"),
    [
        ({"type": "long"}, "no number"),
        ({"type": "date"}, "no date"),
        ({"type": "geo_point"}, "nowhere"),
    ],
    ids=["no number", "no date", "no place"],
)
def test_one_poisonous_document_of_a_batch_of_a_thousand_is_the_only_dead_letter(
    trial: Trial, tmp_path: Path, mapping: dict[str, str], poison: str, request: pytest.FixtureRequest
) -> None:
    harmless = {"long": "7", "date": "2026-11-16", "geo_point": "41.9,12.5"}[mapping["type"]]
    events = [issue_failed(number, device=poison if number == 333 else harmless) for number in range(1000)]
    path = tmp_path / "poisoned.evtx"
    write_log(path, events)
    ids = event_ids(events)
    take_device_for(trial, mapping["type"])

    ended = trial.ship(path, "--allow-foreign-mapping", environment={"SHIPPER_BATCH_DOCS": "1000"})

    found = trial.balance([id_ for id_ in ids if id_ != ids[333]])
    trial.report(f"poison in a batch of 1,000: {request.node.callspec.id}", found, note=told(ended))
    assert ended.code == SOME_LEFT, ended.said
    assert [letter.id for letter in letters(trial)] == [ids[333]]
    assert found.is_even


def issue_failed(number: int, text: str = "", device: str = "") -> EventSpec:
    """Make a synthetic failure to issue."""
    details = (("DeviceId", device), ("CAName", "CA01"))[not device :]
    time = BEGIN + timedelta(seconds=number)
    return legacy_event("pki01.corp.example", 20102, time, details, code="0x00000400", texts=(text or "gone",))


def take_device_for(trial: Trial, kind: str) -> None:
    """Let a foreign template take ``device.id`` for another type."""
    body = {
        "index_patterns": [trial.data_stream],
        "data_stream": {},
        "priority": 900,
        "template": {"mappings": {"properties": {"device": {"properties": {"id": {"type": kind}}}}}},
    }
    call(trial.access, "PUT", f"/_index_template/foreign-{trial.namespace}", body)
