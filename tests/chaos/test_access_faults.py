"""Keys are revoked and rotated, certificates are replaced during a run: every event is there once."""

import base64
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shipper import assets
from shipper.testing.chaos import Breakable, Log, Shipper, Trial, indexed, wait_until
from shipper.testing.engine import Access, Node
from shipper.testing.engine.certificates import Authority

NewTrial = Callable[[Access], Trial]
EVENTS = 20_000
#: Small enough that a run is under way for seconds, so that there is a during.
SMALL_BATCHES = {"SHIPPER_BATCH_DOCS": "200"}
REPLACED = "replaced, and used from now on"


def environment(access: Access, **more: str | Path) -> dict[str, str]:
    """Return the settings that reach a secured node."""
    settings = {"ca_file": str(access.ca_file), **{key: str(value) for key, value in more.items()}}
    return {**SMALL_BATCHES, **{f"SHIPPER_{key.upper()}": text for key, text in settings.items()}}


def set_up(access: Access) -> None:
    superuser = environment(access, username=access.username, password=access.password)
    with Shipper(["setup", "--to", access.url, "--yes"], environment=superuser) as setup:
        ended = setup.ended()
    assert ended.code == 0, ended.said


def new_key(access: Access) -> str:
    """Return a key that may do what the packed file says and no more."""
    file = assets.folder("mappings") / "security" / "api_key" / "intune_connector_shipper.json"
    request: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return access.create_api_key(request["name"], request["role_descriptors"])


def revoke(access: Access, key: str) -> None:
    identity = base64.b64decode(key).decode().partition(":")[0]
    status, _ = access.request("DELETE", "/_security/api_key", {"ids": [identity]})
    assert status == 200


def put(text: str, file: Path) -> Path:
    """Put a text into the place of a file in one move."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    return beside.rename(file)


@pytest.fixture(scope="module")
def secured_access(secured_elasticsearch: Node) -> Access:
    set_up(secured_elasticsearch.access)
    return secured_elasticsearch.access


@pytest.fixture(scope="module")
def guarded(elasticsearch_node: Callable[..., Node], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breakable]:
    """Yield a secured Elasticsearch to break."""
    elasticsearch = Breakable(elasticsearch_node, tmp_path_factory.mktemp("guarded"), Authority())
    set_up(elasticsearch.access)
    yield elasticsearch
    elasticsearch.node.stop()


def test_a_key_revoked_during_a_run_stops_it_and_a_new_key_brings_every_event_once(
    secured_access: Access, new_trial: NewTrial, written_log: Callable[[int], Log]
) -> None:
    log, trial, key = written_log(EVENTS), new_trial(secured_access), new_key(secured_access)

    with trial.start(log.path, environment=environment(secured_access, api_key=key)) as shipper:
        trial.wait_until_indexed(EVENTS // 4, shipper)
        revoke(secured_access, key)
        stopped = shipper.ended()
    then = indexed(secured_access, trial.data_stream)
    ended = trial.ship(log.path, environment=environment(secured_access, api_key=new_key(secured_access)))

    found = trial.balance(log.ids)
    trial.report("API key revoked, run again with a new one", found, runs=2, note=f"stopped after {then:,}")
    assert stopped.code == 3
    assert "refuses the credentials (401)" in stopped.said
    assert "Traceback" not in stopped.said
    assert then < EVENTS
    assert ended.code == 0, ended.said
    assert found.is_even


@pytest.mark.parametrize("overlap_s", [0.0, 2.0])
def test_a_key_rotated_in_its_file_during_a_run_never_stops_it(
    secured_access: Access, new_trial: NewTrial, written_log: Callable[[int], Log], tmp_path: Path, overlap_s: float
) -> None:
    log, trial = written_log(EVENTS), new_trial(secured_access)
    old, file = new_key(secured_access), tmp_path / "key"
    put(old, file)

    with trial.start(log.path, environment=environment(secured_access, api_key_file=file)) as shipper:
        trial.wait_until_indexed(EVENTS // 4, shipper)
        put(new_key(secured_access), file)
        time.sleep(overlap_s)
        revoke(secured_access, old)
        ended = shipper.ended()

    found = trial.balance(log.ids)
    trial.report(f"API key rotated by file, the old one revoked {overlap_s:g} s later", found)
    assert ended.code == 0, ended.said
    assert REPLACED in ended.said
    assert found.is_even


def test_a_key_rotated_while_logs_are_followed_loses_nothing_of_what_comes_after(
    secured_access: Access, new_trial: NewTrial, written_log: Callable[[int], Log], tmp_path: Path
) -> None:
    first, both, trial = written_log(1_000), written_log(2_000), new_trial(secured_access)
    old, file, folder = new_key(secured_access), tmp_path / "key", tmp_path / "logs"
    put(old, file)
    folder.mkdir()
    shutil.copy(first.path, folder)

    with trial.start(folder, "--follow", environment=environment(secured_access, api_key_file=file)) as shipper:
        trial.wait_until_indexed(len(first.ids), shipper)
        put(new_key(secured_access), file)
        revoke(secured_access, old)
        shutil.copy(both.path, folder)
        trial.wait_until_indexed(len(both.ids), shipper)
        ended = shipper.stopped()

    found = trial.balance(both.ids)
    trial.report("API key rotated by file while following", found)
    assert ended.code == 0, ended.said
    assert REPLACED in ended.said
    assert found.is_even


def test_a_certificate_replaced_by_one_of_the_same_authority_goes_unnoticed(
    guarded: Breakable, new_trial: NewTrial, written_log: Callable[[int], Log], tmp_path: Path
) -> None:
    log, trial = written_log(EVENTS), new_trial(guarded.access)
    ca_file = put(authorities(guarded.access), tmp_path / "ca.pem")
    settings = environment(guarded.access, api_key=new_key(guarded.access), ca_file=ca_file)

    with trial.start(log.path, environment=settings) as shipper:
        trial.wait_until_indexed(EVENTS // 4, shipper)
        guarded.restart()
        ended = shipper.ended()

    trial.access = guarded.access
    found = trial.balance(log.ids)
    trial.report("TLS certificate replaced, same authority", found)
    assert ended.code == 0, ended.said
    assert found.is_even


def test_a_certificate_of_another_authority_is_refused_until_the_file_has_it(
    guarded: Breakable, new_trial: NewTrial, written_log: Callable[[int], Log], tmp_path: Path
) -> None:
    log, trial = written_log(EVENTS), new_trial(guarded.access)
    ca_file = put(authorities(guarded.access), tmp_path / "ca.pem")
    settings = environment(guarded.access, api_key=new_key(guarded.access), ca_file=ca_file)

    with trial.start(log.path, environment=settings) as shipper:
        trial.wait_until_indexed(EVENTS // 4, shipper)
        guarded.restart_as(Authority())
        trial.access = guarded.access
        then = indexed(trial.access, trial.data_stream)
        stopped = shipper.ended()
    after = indexed(trial.access, trial.data_stream)
    put(authorities(guarded.access), ca_file)
    ended = trial.ship(log.path, environment=settings)

    found = trial.balance(log.ids)
    note = f"stopped after {then:,}, {after - then} sent before it was trusted"
    trial.report("TLS certificate of another authority, run again", found, runs=2, note=note)
    assert stopped.code == 3
    assert "its certificate is not trusted" in stopped.said
    assert after == then < EVENTS
    assert ended.code == 0, ended.said
    assert found.is_even


def test_an_authority_put_into_its_file_during_a_run_lets_the_run_go_on(
    guarded: Breakable, new_trial: NewTrial, written_log: Callable[[int], Log], tmp_path: Path
) -> None:
    log, trial = written_log(EVENTS), new_trial(guarded.access)
    ca_file = put(authorities(guarded.access), tmp_path / "ca.pem")
    settings = environment(guarded.access, api_key=new_key(guarded.access), ca_file=ca_file)

    with trial.start(log.path, environment=settings) as shipper:
        trial.wait_until_indexed(EVENTS // 4, shipper)
        guarded.restart_as(Authority())
        wait_until(lambda: "which is not trusted; waiting" in shipper.said(), shipper)
        put(authorities(guarded.access), ca_file)
        ended = shipper.ended()

    trial.access = guarded.access
    found = trial.balance(log.ids)
    trial.report("TLS certificate of another authority, taken up", found)
    assert ended.code == 0, ended.said
    assert REPLACED in ended.said
    assert found.is_even


def authorities(access: Access) -> str:
    return Path(str(access.ca_file)).read_text(encoding="ascii")
