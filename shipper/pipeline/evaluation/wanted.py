"""What is to be evaluated."""

import msgspec

from shipper.alerts import Outlet
from shipper.pipeline.opening import is_elasticsearch


class Wanted(msgspec.Struct, frozen=True):
    """What is to be evaluated.

    Attributes:
        inputs: files, ``-``, or the URL of one Elasticsearch.
        follow: go on with what is sent to the data streams, until stopped.
        since_ms: documents of data streams that were sent before are passed over, where nothing is remembered.
        state: folder in which is remembered how far data streams have been read; empty for none.
        printed: an outlet besides those of the configuration.
    """

    inputs: tuple[str, ...]
    follow: bool = False
    since_ms: int = 0
    state: str = ""
    printed: Outlet | None = None

    @property
    def elasticsearch(self) -> str:
        """The URL; empty where files are read."""
        return self.inputs[0] if self.inputs and is_elasticsearch(self.inputs[0]) else ""
