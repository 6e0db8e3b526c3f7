"""What every document of one set of settings has in common, built and encoded once."""

import msgspec

from shipper import __version__
from shipper.ecs.fields import ECS_VERSION, Agent, DataStream, Ecs
from shipper.ecs.settings import EcsSettings
from shipper.ecs.standing import DATASET

AGENT_TYPE = "intune-connector-shipper"
#: The tag of what was old already when it was shipped.
BACKFILL_TAG = "backfill"


class Envelope:
    """The parts of a document that no event has a say in.

    Attributes:
        stream: name of the data stream.
        ecs, data_stream, agent: the parts of these names, encoded.
        labels: the part of this name; ``None`` where there are none.
        tags: the user's.
        late_tags: the user's and ``backfill``.
    """

    def __init__(self, settings: EcsSettings) -> None:
        self.stream = f"logs-{DATASET}-{settings.namespace}"
        self.ecs = _encoded(Ecs(ECS_VERSION))
        self.data_stream = _encoded(DataStream("logs", DATASET, settings.namespace))
        self.agent = _encoded(_agent(settings))
        self.labels = {_label(name): value for name, value in settings.labels} or None
        self.tags = settings.tags
        self.late_tags = (*settings.tags, BACKFILL_TAG)


def _agent(settings: EcsSettings) -> Agent:
    return Agent(
        type=AGENT_TYPE,
        version=__version__,
        name=settings.agent_name or None,
        id=settings.agent_id or None,
        ephemeral_id=settings.agent_ephemeral_id or None,
    )


def _label(name: str) -> str:
    """Return a name that neither nests nor is empty, so that the index takes it."""
    return name.strip().replace(".", "_") or "_"


def _encoded(part: msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(part))
