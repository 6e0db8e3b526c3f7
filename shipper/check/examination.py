"""The whole examination, in the order in which a run would meet what is wrong."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shipper import config
from shipper.check import alerts, configuration, inputs, sink, state
from shipper.check.finding import Findings, failure
from shipper.errors import ConfigError


def examine(file: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Findings:
    """Look at configuration, inputs, sink, rules and state, and yield what was found as it is found.

    Nothing is written, neither into Elasticsearch nor into the state folder. A configuration that cannot be loaded
    ends the examination; beyond that, a failure keeps only those questions from being asked that depend on it.

    Args:
        file: the configuration file, or ``None``.
        environment: usually ``os.environ``.
        flags: key to value for each flag that was given.
    """
    try:
        settings = config.load(file, environment, flags)
    except ConfigError as error:
        yield failure(error)
        return
    yield from configuration.examine(settings, file)
    yield from inputs.examine(settings)
    yield from sink.examine(settings)
    yield from alerts.examine(settings)
    yield from state.examine(settings)
