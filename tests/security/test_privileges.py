"""The packed roles are enough for their commands, and minimal: without any one of their privileges a command fails."""

import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shipper import assets, config
from shipper.check import privileges
from shipper.dead_letters import DeadLetterFile
from shipper.errors import ShipperError
from shipper.model import INGESTED_PLACEHOLDER, Document, Outcome, Position
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Secret
from shipper.testing.engine import Node

Role = dict[str, Any]
Run = Callable[..., Any]
RunAs = Callable[[Mapping[str, Any]], Run]
SECURITY = assets.folder("mappings") / "security"
ROLES = (
    "intune_connector_shipper",
    "intune_connector_setup",
    "intune_connector_auditor",
    "intune_connector_evaluator",
)


def packed_role(name: str) -> Role:
    """Return a role of ``mappings/security``."""
    role: Role = json.loads((SECURITY / "role" / f"{name}.json").read_text("utf-8"))
    return role


def weaker(name: str) -> list[Any]:
    """Return a packed role again and again, each time without another one of its privileges."""
    return list(_weaker(packed_role(name)))


def _weaker(role: Role) -> Iterator[Any]:
    for privilege in role.get("cluster", ()):
        rest = deepcopy(role)
        rest["cluster"].remove(privilege)
        yield pytest.param(rest, id=f"cluster {privilege}")
    for place, grant in enumerate(role["indices"]):
        for pattern in grant["names"]:
            for privilege in grant["privileges"]:
                rest = deepcopy(role)
                kept = {"names": [one for one in grant["names"] if one != pattern], "privileges": grant["privileges"]}
                less = {"names": [pattern], "privileges": [one for one in grant["privileges"] if one != privilege]}
                rest["indices"][place : place + 1] = [one for one in (kept, less) if all(one.values())]
                yield pytest.param(rest, id=f"{pattern} {privilege}")


class Done(NamedTuple):
    """How one deed of a role ended: exit code and what was said."""

    deed: str
    code: int
    said: str


class Place:
    """A namespace and a state folder of their own, for one deed."""

    def __init__(self, folder: Path) -> None:
        self.namespace = f"p{uuid.uuid4().hex[:16]}"
        self.state = folder / self.namespace
        self.words = ("--namespace", self.namespace, "--state", self.state)

    def keep_a_dead_letter(self) -> None:
        event = {"ingested": INGESTED_PLACEHOLDER, "code": "20102"}
        body = json.dumps({"@timestamp": "2026-11-23T09:30:00.123Z", "event": event}).encode()
        at = body.index(INGESTED_PLACEHOLDER.encode())
        stream = f"logs-intune_connector.events-{self.namespace}"
        document = Document("AAAAAAAAAAAAAAAAAAAA", stream, body, at, Position("synthetic.evtx", 1))
        with DeadLetterFile(self.state) as letters:
            letters.keep([(document, Outcome("rejected", "document_parsing_exception", "synthetic"))])


class Deeds:
    """What the shipper does with its key; each deed in a place of its own."""

    def __init__(self, node: Node, run_as: RunAs, events: Path, folder: Path) -> None:
        self._node = node
        self._run_as = run_as
        self._events = events
        self._folder = folder
        self._whole = packed_role("intune_connector_shipper")

    def all(self, role: Role) -> list[Done]:
        """Do each of them with ``role``; what was there before was made with the whole one."""
        return [self.first(role), self.again(role), self.replay(role), self.heartbeat(role), self.alert(role)]

    def first(self, role: Role) -> Done:
        """Ship where no data stream is yet."""
        told = self._run_as(role)("ship", self._events, *Place(self._folder).words)
        return Done("first", told.code, told.err)

    def again(self, role: Role) -> Done:
        """Ship what may be there, into a data stream that is there."""
        place = self._prepared()
        words = ("--namespace", place.namespace, "--state", place.state / "other")
        told = self._run_as(role)("ship", self._events, *words)
        return Done("again", told.code, told.err)

    def replay(self, role: Role) -> Done:
        """Send a dead letter again."""
        place = self._prepared()
        place.keep_a_dead_letter()
        told = self._run_as(role)("replay", "--state", place.state)
        return Done("replay", told.code, told.err)

    def heartbeat(self, role: Role) -> Done:
        """Send a heartbeat into a new metrics stream, and another one to the same."""
        key = Secret(self._node.create_api_key("of a heartbeat", {"role": role}))
        connection = Connection(url=self._node.url, api_key=key, ca_file=str(self._node.ca_file))
        stream = f"metrics-intune_connector.shipper-{Place(self._folder).namespace}"
        try:
            for _ in range(2):
                sink = ElasticsearchSink(connection)
                sink.record(stream, b'{"@timestamp":"2026-11-23T09:30:00.123Z"}')
                sink.close(complete=True)
        except ShipperError as error:
            return Done("heartbeat", error.exit_code, str(error))
        return Done("heartbeat", 0, "")

    def alert(self, role: Role) -> Done:
        """Send an alert into a new data stream, and once more, as a run does that was killed after it."""
        key = Secret(self._node.create_api_key("of an alert", {"role": role}))
        connection = Connection(url=self._node.url, api_key=key, ca_file=str(self._node.ca_file))
        stream = f"logs-intune_connector.alerts-{Place(self._folder).namespace}"
        body = b'{"@timestamp":"2026-11-23T09:30:00.123Z"}'
        try:
            for _ in range(2):
                sink = ElasticsearchSink(connection, sent_before=True)
                sink.write([Document("AAAAAAAAAAAAAAAAAAAA", stream, body, -1, Position("alerts", -1))])
                sink.close(complete=True)
        except ShipperError as error:
            return Done("alert", error.exit_code, str(error))
        return Done("alert", 0, "")

    def _prepared(self) -> Place:
        place = Place(self._folder)
        assert self._run_as(self._whole)("ship", self._events, *place.words).code == 0
        return place


@pytest.fixture
def deeds(node: Node, run_as: RunAs, events: Path, tmp_path: Path) -> Deeds:
    return Deeds(node, run_as, events, tmp_path)


def refused(done: list[Done]) -> list[str]:
    """Return the deeds that failed for a privilege, each of which must have failed clearly."""
    assert all(one.code in {0, 3} for one in done), done
    assert all("(403)" in one.said for one in done if one.code), done
    return [one.deed for one in done if one.code]


def test_the_role_of_the_shipper_is_enough_for_all_that_it_does(deeds: Deeds) -> None:
    assert [(one.deed, one.code) for one in deeds.all(packed_role("intune_connector_shipper"))] == [
        ("first", 0),
        ("again", 0),
        ("replay", 0),
        ("heartbeat", 0),
        ("alert", 0),
    ]


@pytest.mark.parametrize("role", weaker("intune_connector_shipper"))
def test_the_shipper_fails_without_any_one_of_its_privileges(deeds: Deeds, role: Role) -> None:
    assert refused(deeds.all(role))


def test_the_role_of_the_shipper_is_enough_for_the_check(run_as: RunAs, events: Path, tmp_path: Path) -> None:
    told = run_as(packed_role("intune_connector_shipper"))("check", events, *Place(tmp_path).words, "--json")
    found = json.loads(told.out)
    assert [one for one in found if one["status"] == "failure"] == []
    assert [one for one in found if "has every privilege that shipping needs" in one["what"]]
    assert told.code == 0


@pytest.mark.parametrize("role", weaker("intune_connector_shipper"))
def test_the_check_names_each_privilege_that_is_missing(
    run_as: RunAs, events: Path, tmp_path: Path, role: Role, request: pytest.FixtureRequest
) -> None:
    told = run_as(role)("check", events, *Place(tmp_path).words, "--alerts", "index", "--json")
    privilege = request.node.callspec.id.rpartition(" ")[2]
    assert told.code == 1
    assert [one for one in json.loads(told.out) if f"lacks the privilege {privilege}" in one["what"]]


class Templates:
    """Our templates in the secured node, of which one can be taken away, and a data stream behind them."""

    def __init__(self, node: Node) -> None:
        self._access = node.access

    def make_work(self) -> None:
        """See to it that a setup has something to do of each kind: install, update a mapping, look at streams."""
        name = "metrics-intune_connector.shipper"
        self._access.request("POST", f"/{name}-work/_doc?refresh=true", {"@timestamp": "2026-11-23T09:30:00.123Z"})
        status, answer = self._access.request("DELETE", "/_index_template/logs-intune_connector.svclog")
        assert status in {200, 404}, answer


@pytest.fixture
def templates(node: Node) -> Templates:
    return Templates(node)


@pytest.fixture
def _whole_again(node: Node, run_as: RunAs) -> Iterator[None]:
    yield
    assert run_as(packed_role("intune_connector_setup"))("setup", "--yes").code == 0
    del node


@pytest.mark.usefixtures("_whole_again")
def test_the_role_of_setup_is_enough(run_as: RunAs, templates: Templates) -> None:
    templates.make_work()
    told = run_as(packed_role("intune_connector_setup"))("setup", "--yes")
    assert told.code == 0, told.err


@pytest.mark.usefixtures("_whole_again")
@pytest.mark.parametrize("role", weaker("intune_connector_setup"))
def test_setup_fails_without_any_one_of_its_privileges(run_as: RunAs, templates: Templates, role: Role) -> None:
    templates.make_work()
    told = run_as(role)("setup", "--yes")
    assert told.code == 3
    assert "(403)" in told.err


def test_the_role_of_the_auditor_is_enough(run_as: RunAs, events: Path, tmp_path: Path) -> None:
    place = Place(tmp_path)
    run_as(packed_role("intune_connector_shipper"))("ship", events, *place.words)
    told = run_as(packed_role("intune_connector_auditor"))("audit", events, *place.words)
    assert told.code == 0, told.err


@pytest.mark.parametrize("role", weaker("intune_connector_auditor"))
def test_an_audit_fails_without_any_one_of_its_privileges(
    run_as: RunAs, events: Path, tmp_path: Path, role: Role
) -> None:
    place = Place(tmp_path)
    run_as(packed_role("intune_connector_shipper"))("ship", events, *place.words)
    told = run_as(role)("audit", events, *place.words)
    assert told.code == 3
    assert "(403)" in told.err


def test_a_key_that_may_not_write_alerts_is_enough_where_none_go_to_elasticsearch(
    run_as: RunAs, events: Path, tmp_path: Path
) -> None:
    role = packed_role("intune_connector_shipper")
    role["indices"] = [grant for grant in role["indices"] if "alerts" not in grant["names"][0]]
    told = run_as(role)("check", events, *Place(tmp_path).words, "--json")
    assert [one for one in json.loads(told.out) if one["status"] == "failure"] == []


def evaluated(  # noqa: PLR0917 (fixtures)
    node: Node, run_as: RunAs, role: Role, events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Ship with the whole role, heartbeats too, and evaluate with ``role``, twice unless that fails."""
    place = Place(tmp_path)
    whole = run_as(packed_role("intune_connector_shipper"))
    assert whole("ship", events, *place.words).code == 0
    connection = Connection.to(os.environ["SHIPPER_TO"], config.load(None, os.environ, {}).elasticsearch)
    sink = ElasticsearchSink(connection)
    stream = f"metrics-intune_connector.shipper-{place.namespace}"
    sink.record(stream, b'{"@timestamp":"2026-11-23T09:30:00.123Z"}')
    sink.close(complete=True)
    node.access.request("POST", f"/*-intune_connector.*-{place.namespace}/_refresh")
    monkeypatch.setenv("SHIPPER_DRAIN_WITHIN_S", "1")
    words = ("evaluate", os.environ["SHIPPER_TO"], "--namespace", place.namespace, "--alerts", "index")
    first = run_as(role)(*words)
    return first if first.code else run_as(role)(*words)  # now there is something that may be there already


def test_the_role_of_the_evaluator_is_enough(
    node: Node, run_as: RunAs, events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = evaluated(node, run_as, packed_role("intune_connector_evaluator"), events, tmp_path, monkeypatch)
    assert told.code == 0, told.err
    assert " 0 alerts" not in told.err


@pytest.mark.parametrize("role", weaker("intune_connector_evaluator"))
def test_an_evaluation_fails_without_any_one_of_its_privileges(  # noqa: PLR0917 (fixtures)
    node: Node, run_as: RunAs, events: Path, tmp_path: Path, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = evaluated(node, run_as, role, events, tmp_path, monkeypatch)
    assert told.code in {1, 3}
    assert "(403)" in told.err


@pytest.mark.parametrize("name", ROLES)
def test_the_request_for_an_api_key_grants_what_the_role_does(name: str) -> None:
    request = json.loads((SECURITY / "api_key" / f"{name}.json").read_text("utf-8"))
    assert request["role_descriptors"] == {name: packed_role(name)}
    assert request["name"] == name


def test_the_check_knows_what_each_privilege_of_the_shipper_is_for() -> None:
    role = packed_role("intune_connector_shipper")
    held = {*role["cluster"], *(one for grant in role["indices"] for one in grant["privileges"])}
    assert privileges.PURPOSES.keys() == held


@pytest.mark.parametrize("name", ROLES)
def test_the_page_on_security_says_what_each_privilege_is_for(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "secure.md").read_text("utf-8")
    role = packed_role(name)
    held = {*role.get("cluster", ()), *(one for grant in role["indices"] for one in grant["privileges"])}
    assert not [privilege for privilege in held if f"`{privilege}`" not in page]


def test_the_role_of_the_compose_file_is_the_packed_one() -> None:
    composed = json.loads((Path(__file__).parents[2] / "docker" / "shipper-role.json").read_text("utf-8"))
    assert composed == packed_role("intune_connector_shipper")
