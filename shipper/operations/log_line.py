"""What is said, as one ECS document a line: valid JSON and harmless, whatever file names and answers hold.

Sources:
    https://github.com/elastic/ecs-logging/blob/main/spec/spec.json (the first fields, their order and their dots)
    https://www.elastic.co/guide/en/ecs/8.17/ecs-field-reference.html
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from shipper import __version__
from shipper.ecs.envelope import AGENT_TYPE
from shipper.ecs.fields import ECS_VERSION
from shipper.harmless import neutralise, shortened

Level: TypeAlias = Literal["info", "warn", "error"]
Value: TypeAlias = str | int | float | bool

DATASET = "intune_connector.shipper"
#: What a keyword of the events' mapping takes, and then some for sentences.
_MOST_CHARACTERS = 8191


class LogLines:
    """Makes lines of one process.

    Args:
        pid: of the process.
        now: the time of day.
    """

    def __init__(self, pid: int, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._standing: dict[str, Value] = {
            "ecs.version": ECS_VERSION,
            "event.kind": "event",
            "event.module": "intune_connector",
            "event.dataset": DATASET,
            "service.name": AGENT_TYPE,
            "service.version": __version__,
            "process.pid": pid,
        }

    def line(self, level: Level, action: str, message: str, fields: Mapping[str, Value | None] | None = None) -> str:
        """Return one line, ASCII alone, without a line feed.

        Args:
            level: ``log.level``.
            action: ``event.action``, in kebab-case.
            message: for people.
            fields: more of them, by dotted name; ``None`` is left out.
        """
        time = self._now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document: dict[str, Value] = {"@timestamp": time, "log.level": level, "message": _text(message)}
        document |= self._standing
        document["event.action"] = action
        for name, value in (fields or {}).items():
            if value is not None:
                document[name] = _text(value) if isinstance(value, str) else value
        return json.dumps(document, separators=(",", ":"), allow_nan=False)


def _text(text: str) -> str:
    return shortened(neutralise(text), _MOST_CHARACTERS)
