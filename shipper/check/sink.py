"""Where documents are to go: Elasticsearch, a file, or standard output."""

from pathlib import Path

from shipper.check import network, privileges, server, templates
from shipper.check.finding import Finding, Findings, failure
from shipper.check.place import examine_room, examine_writing
from shipper.config import Config
from shipper.errors import ShipperError
from shipper.pipeline.opening import is_elasticsearch
from shipper.sinks.elasticsearch import Connection
from shipper.sinks.elasticsearch.server import Server

#: Room that a file of documents needs at least, in MB, before it is worth a warning.
_FILE_MB = 1024


def examine(settings: Config) -> Findings:
    """Yield what there is to say of ``ship.to``."""
    to = settings.ship.to
    if to == "-":
        yield Finding("ok", "documents go to standard output", "ship.to")
    elif to.startswith("ndjson:"):
        yield from _file(Path(to.removeprefix("ndjson:")))
    elif is_elasticsearch(to):
        yield from _elasticsearch(settings)
    else:
        remedy = "an Elasticsearch URL, ndjson:PATH, or - for standard output"
        yield Finding("failure", "names no sink", "ship.to", remedy)


def _file(path: Path) -> Findings:
    faults = list(examine_writing(path.parent))
    yield from faults
    if not path.parent.exists() and not faults:
        yield Finding("failure", "its folder does not exist", str(path), f"mkdir {path.parent}")
    elif not faults:
        yield Finding("ok", "the file can be written", str(path))
        yield from examine_room(path.parent, _FILE_MB, "the documents")


def _elasticsearch(settings: Config) -> Findings:
    try:
        connection = Connection.to(settings.ship.to, settings.elasticsearch)
    except ShipperError as error:
        yield failure(error)
        return
    steps = list(network.examine(connection))
    yield from steps
    if any(step.status == "failure" for step in steps):
        return
    asked = Server(connection)
    try:
        yield from _answers(asked, settings)
    finally:
        asked.close()


def _answers(asked: Server, settings: Config) -> Findings:
    """Yield what the server answers; when the first question fails, none of the others is asked."""
    try:
        yield from server.examine(asked)
    except ShipperError as error:
        yield failure(error)
        return
    for questions in (
        privileges.examine(asked, settings.ship.namespace, alerts="index" in settings.alerts.alerts_to),
        templates.examine(asked, settings),
        server.examine_clock(asked),
    ):
        try:
            yield from questions
        except ShipperError as error:
            yield failure(error)
