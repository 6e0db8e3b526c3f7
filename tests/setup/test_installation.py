"""Installation into a real Elasticsearch; each test has templates of its own, so that they share a node."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from shipper import assets, setup
from shipper.assets import Asset
from shipper.errors import MappingError, SinkError, UsageError
from shipper.setup import Change, Finding
from shipper.sinks.elasticsearch import Connection
from shipper.testing.engine import Access

META = {"managed_by": "intune-connector-shipper", "version": 1}


def yes(_changes: Sequence[Change]) -> bool:
    return True


def no(_changes: Sequence[Change]) -> bool:
    return False


class Cluster:
    """The real node, seen from a test that has one template and one component of its own."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.name = name
        self.data_stream = f"{name}-default"

    def assets(self, **fields: Any) -> list[Asset]:
        """Return a component with these fields and the template made of it."""
        mappings = {"_meta": META, "dynamic": False, "properties": {"@timestamp": {"type": "date"}, **fields}}
        component = {"template": {"mappings": mappings}, "_meta": META, "version": 1}
        template = {
            "index_patterns": [f"{self.name}-*"],
            "data_stream": {},
            "priority": 200,
            "composed_of": [f"{self.name}@package", f"{self.name}@custom"],
            "ignore_missing_component_templates": [f"{self.name}@custom"],
            "_meta": META,
            "version": 1,
        }
        return [
            Asset("component_template", f"{self.name}@package", component),
            Asset("index_template", self.name, template),
        ]

    def install(self, wanted: Sequence[Asset], agree: Callable[[Sequence[Change]], bool] = no) -> list[Finding]:
        return setup.install(Connection(url=self.url), wanted, namespace="default", agree=agree)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = Access(self.url).request(method, path, body)
        assert status < 300, answer
        return answer

    def create_document(self) -> None:
        self.call("POST", f"/{self.data_stream}/_doc?refresh", {"@timestamp": "2026-11-24T12:00:00Z", "a": "x"})

    def field(self, name: str, index: int = -1) -> Any:
        """Return the mapping of a field in one of the backing indices, the newest by default."""
        mappings = self.call("GET", f"/{self.data_stream}/_mapping")
        return mappings[sorted(mappings)[index]]["mappings"]["properties"].get(name)


@pytest.fixture
def cluster(elasticsearch_url: str, fresh_namespace: str) -> Cluster:
    return Cluster(elasticsearch_url, f"setup-{fresh_namespace}")


KEYWORD = {"type": "keyword", "ignore_above": 1024}


def results(findings: Sequence[Finding]) -> list[str]:
    return [finding.result for finding in findings]


def test_everything_shipped_is_accepted_and_a_second_time_changes_nothing(elasticsearch_url: str) -> None:
    connection = Connection(url=elasticsearch_url)
    wanted = assets.mappings(lifecycle=True)
    setup.install(connection, wanted, namespace="default", agree=yes)
    again = setup.install(connection, wanted, namespace="default", agree=no)
    assert [(finding.name, finding.result) for finding in again[: len(wanted)]] == [
        (asset.name, "unchanged") for asset in wanted
    ]


def test_what_is_not_there_is_created(cluster: Cluster) -> None:
    assert results(cluster.install(cluster.assets(a=KEYWORD))) == ["created", "created"]


def test_what_was_put_by_hand_from_the_same_file_is_unchanged(cluster: Cluster) -> None:
    for asset in cluster.assets(a=KEYWORD):
        cluster.call("PUT", asset.path, asset.body)
    assert results(cluster.install(cluster.assets(a=KEYWORD))) == ["unchanged", "unchanged"]


def test_an_older_version_that_nobody_touched_is_updated_without_asking(cluster: Cluster) -> None:
    cluster.install(cluster.assets(a=KEYWORD))
    assert results(cluster.install(cluster.assets(a=KEYWORD, b=KEYWORD), no)) == ["updated", "unchanged"]


def test_what_somebody_changed_is_not_overwritten_without_a_yes(cluster: Cluster) -> None:
    component, template = cluster.assets(a=KEYWORD)
    cluster.install([component, template])
    by_hand = {**component.body, "template": {"mappings": {"properties": {"mine": {"type": "long"}}}}}
    cluster.call("PUT", component.path, by_hand)
    newer = [component, Asset(template.kind, template.name, {**template.body, "version": 2})]
    with pytest.raises(UsageError, match="nothing has been overwritten") as caught:
        cluster.install(newer, no)
    assert caught.value.exit_code == 2
    assert "@custom" in caught.value.hint
    there = cluster.call("GET", component.path)["component_templates"][0]["component_template"]["template"]
    assert list(there["mappings"]["properties"]) == ["mine"]
    assert cluster.call("GET", template.path)["index_templates"][0]["index_template"]["version"] == 1


def test_what_somebody_changed_is_shown_as_a_diff_and_overwritten_after_a_yes(cluster: Cluster) -> None:
    component, template = cluster.assets(a=KEYWORD)
    cluster.install([component, template])
    changed = msgspec.json.decode(msgspec.json.encode(component.body).replace(b"1024", b"77"))
    cluster.call("PUT", component.path, changed)
    shown: list[str] = []

    def agree(changes: Sequence[Change]) -> bool:
        shown.extend(change.diff for change in changes)
        return True

    assert results(cluster.install([component, template], agree)) == ["overwritten", "unchanged"]
    (diff,) = shown
    lines = [line.replace(" ", "") for line in diff.splitlines()]
    assert '-"ignore_above":"77",' in lines
    assert '+"ignore_above":"1024",' in lines
    assert results(cluster.install([component, template], no)) == ["unchanged", "unchanged"]


def test_a_data_stream_that_exists_gets_the_new_field(cluster: Cluster) -> None:
    cluster.install(cluster.assets(a=KEYWORD))
    cluster.create_document()
    findings = cluster.install(cluster.assets(a=KEYWORD, b=KEYWORD))
    assert [(finding.kind, finding.result) for finding in findings] == [
        ("component_template", "updated"),
        ("index_template", "unchanged"),
        ("index", "updated"),
    ]
    assert cluster.field("b") == KEYWORD
    assert results(cluster.install(cluster.assets(a=KEYWORD, b=KEYWORD)))[-1] == "unchanged"


def test_a_change_that_a_mapping_cannot_take_rolls_over_once(cluster: Cluster) -> None:
    cluster.install(cluster.assets(a=KEYWORD))
    cluster.create_document()
    changed = cluster.assets(a={"type": "long"})
    findings = cluster.install(changed)[2:]
    assert [(finding.kind, finding.result) for finding in findings] == [
        ("index", "kept"),
        ("data_stream", "rolled over"),
    ]
    assert "cannot be changed from type [keyword] to [long]" in findings[0].detail
    assert cluster.field("a") == {"type": "long"}
    assert cluster.field("a", 0) == KEYWORD
    assert results(cluster.install(changed))[2:] == ["kept", "unchanged"]


def test_a_component_of_the_user_stays_and_has_its_say(cluster: Cluster) -> None:
    custom = {"template": {"mappings": {"properties": {"mine": {"type": "long"}}}}}
    cluster.call("PUT", f"/_component_template/{cluster.name}@custom", custom)
    cluster.install(cluster.assets(a=KEYWORD))
    cluster.create_document()
    assert cluster.field("mine") == {"type": "long"}


def test_a_template_of_somebody_else_that_goes_before_ours_is_an_error(cluster: Cluster) -> None:
    foreign = {"index_patterns": [f"{cluster.name}-*"], "priority": 201, "data_stream": {}}
    cluster.call("PUT", f"/_index_template/{cluster.name}-foreign", foreign)
    with pytest.raises(MappingError, match=f"index template {cluster.name}-foreign, which is not ours"):
        cluster.install(cluster.assets(a=KEYWORD))


def test_a_template_that_elasticsearch_refuses_is_an_error_that_says_why(cluster: Cluster) -> None:
    with pytest.raises(SinkError, match=r"refuses .*@package: .*no_such_type"):
        cluster.install(cluster.assets(a={"type": "no_such_type"}))
