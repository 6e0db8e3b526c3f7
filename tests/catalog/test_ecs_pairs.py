"""Every category and type of the catalog is one that ECS allows, and the one that the design gives its operation."""

import pytest

from shipper.catalog import EventEntry, load

#: https://www.elastic.co/guide/en/ecs/8.17/ecs-allowed-values-event-category.html
ALLOWED = {
    "api": {"access", "admin", "allowed", "change", "creation", "deletion", "denied", "end", "info", "start", "user"},
    "authentication": {"start", "end", "info"},
    "configuration": {"access", "change", "creation", "deletion", "info"},
    "database": {"access", "change", "info", "error"},
    "driver": {"change", "end", "info", "start"},
    "email": {"info"},
    "file": {"access", "change", "creation", "deletion", "info"},
    "host": {"access", "change", "end", "info", "start"},
    "iam": {"admin", "change", "creation", "deletion", "group", "info", "user"},
    "intrusion_detection": {"allowed", "denied", "info"},
    "library": {"start"},
    "malware": {"info"},
    "network": {"access", "allowed", "connection", "denied", "end", "info", "protocol", "start"},
    "package": {"access", "change", "deletion", "info", "installation", "start"},
    "process": {"access", "change", "end", "info", "start"},
    "registry": {"access", "change", "creation", "deletion"},
    "session": {"start", "end", "info"},
    "threat": {"indicator"},
    "vulnerability": {"info"},
    "web": {"access", "error", "info"},
}
NETWORK = (("network",), ("connection", "protocol"))
CREATION = (("iam",), ("creation",))
INFO = (("iam",), ("info",))
#: The design's table: stage -> pair; a request is of the stage that fulfils it.
DESIGN = {
    "start": (("process",), ("start",)),
    "stop": (("process",), ("end",)),
    "renew": (("configuration",), ("change",)),
    "retrieve": (("configuration",), ("change",)),
    "issue": CREATION,
    "reencrypt": CREATION,
    "decrypt": CREATION,
    "revoke": (("iam",), ("deletion",)),
    "upload": NETWORK,
    "download": NETWORK,
    "notify": NETWORK,
    "receive": NETWORK,
    "forward": NETWORK,
    "verify": (("authentication",), ("start",)),
    "health": (("process",), ("info",)),
    "exception": (("process",), ("info",)),
}
FULFILS = {
    "pkcs": "issue",
    "pkcs-reencrypt": "reencrypt",
    "pkcs-import": "reencrypt",
    "revocation": "revoke",
    "scep": "issue",
}
EVENTS = [*load().events("legacy").values(), *load().events("unified").values()]
every_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event.id))


@every_event
def test_ecs_allows_every_pair(event: EventEntry) -> None:
    assert event.category
    assert event.type
    for category in event.category:
        assert set(event.type) <= ALLOWED[category]


@every_event
def test_the_pair_is_the_one_of_the_design(event: EventEntry) -> None:
    stage = FULFILS[event.operation] if event.stage == "request" else event.stage
    expected = DESIGN[stage]
    if expected[0] == ("iam",) and event.outcome == "failure":
        expected = INFO
    assert (event.category, event.type) == expected
