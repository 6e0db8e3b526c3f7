"""``shipper setup`` as a user runs it, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

from shipper import assets
from shipper.testing.engine import Access

CANARY = "canary-20f7"


def shipper(*words: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-m", "shipper", "setup", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
        env={"PATH": "", **(environment or {})},
    )


@pytest.fixture
def changed_by_hand(elasticsearch_url: str) -> str:
    """Return the name of an installed component that somebody has changed since."""
    shipper("--to", elasticsearch_url, "--yes")
    component = next(asset for asset in assets.mappings() if asset.name.startswith("metrics-"))
    body = {**component.body, "version": 99}
    assert Access(elasticsearch_url).request("PUT", component.path, body)[0] == 200
    return component.name


def test_it_installs_and_says_what_it_did_to_each_object(elasticsearch_url: str) -> None:
    done = shipper("--to", elasticsearch_url, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    for asset in assets.mappings():
        assert asset.name in done.stdout


def test_it_says_so_as_json(elasticsearch_url: str) -> None:
    shipper("--to", elasticsearch_url, "--yes")
    done = shipper("--to", elasticsearch_url, "--yes", "--json")
    objects = json.loads(done.stdout)["objects"]
    assert [one["name"] for one in objects][: len(assets.mappings())] == [asset.name for asset in assets.mappings()]
    ours = {asset.name for asset in assets.mappings()}
    # Other tests of the session leave data streams of their own on this node.
    assert {one["result"] for one in objects if one["name"] in ours} == {"unchanged"}


def test_without_a_terminal_it_shows_the_diff_and_leaves_what_was_changed_by_hand(
    elasticsearch_url: str, changed_by_hand: str
) -> None:
    done = shipper("--to", elasticsearch_url)
    assert done.returncode == 2
    assert '-  "version": "99"' in done.stderr
    assert f"nothing has been overwritten: {changed_by_hand}" in done.stderr
    assert "--yes" in done.stderr
    assert done.stdout == ""


def test_with_yes_it_overwrites_what_was_changed_by_hand(elasticsearch_url: str, changed_by_hand: str) -> None:
    done = shipper("--to", elasticsearch_url, "--yes", "--json")
    assert done.returncode == 0
    overwritten = [one["name"] for one in json.loads(done.stdout)["objects"] if one["result"] == "overwritten"]
    assert overwritten == [changed_by_hand]


def test_an_unreachable_server_is_one_line_with_a_hint_and_no_secret() -> None:
    done = shipper("--to", "http://127.0.0.1:1", environment={"SHIPPER_API_KEY": CANARY})
    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == "shipper: http://127.0.0.1:1: cannot be reached: connection refused"
    assert len(done.stderr.splitlines()) == 2
    assert CANARY not in done.stderr + done.stdout


@pytest.mark.parametrize("target", ["-", "ndjson:x", "es.example"])
def test_a_target_that_is_no_server_is_bad_usage(target: str) -> None:
    done = shipper("--to", target)
    assert done.returncode == 2
    assert "is no URL of an Elasticsearch" in done.stderr
