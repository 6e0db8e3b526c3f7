"""Every field of a document, in one place: its name, its nesting and what Elasticsearch is to hold it as.

The names are those of the Elastic Common Schema and, under ``winlog``, those of Winlogbeat;
``docs/reference/document.md`` says where each value comes from, and a test compares the two.

Sources:
    https://www.elastic.co/guide/en/ecs/8.17/ecs-field-reference.html
    https://www.elastic.co/guide/en/beats/winlogbeat/8.17/exported-fields-winlog.html
"""

import types
import typing
from collections.abc import Iterator, Mapping
from typing import Annotated, TypeAlias, TypeVar

import msgspec

#: The version of the Elastic Common Schema that names, categories and types follow.
ECS_VERSION = "8.17.0"

Keyword = Annotated[str, "keyword"]
Text = Annotated[str, "text"]
Date = Annotated[str, "date"]
Long = Annotated[int, "long"]
Boolean = Annotated[bool, "boolean"]
Flattened = Annotated[Mapping[str, str | list[str]], "flattened"]
Labels = Annotated[Mapping[str, str], "keyword"]

Part = TypeVar("Part")
#: A part that repeats from document to document may be encoded once and spliced in as bytes.
Spliced: TypeAlias = Part | msgspec.Raw


class EventFields(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """``event.*``; ``ingested`` stands first so that its offset is the same in every document."""

    ingested: Date
    kind: Keyword
    module: Keyword
    dataset: Keyword
    provider: Keyword
    code: Keyword | None = None
    id: Keyword
    created: Date
    sequence: Long | None = None
    action: Keyword | None = None
    category: tuple[Keyword, ...] = ()
    type: tuple[Keyword, ...] = ()
    outcome: Keyword | None = None
    severity: Long | None = None
    reason: Keyword | None = None
    original: Keyword | None = None


class Ecs(msgspec.Struct, frozen=True, gc=False):
    """``ecs.*``."""

    version: Keyword


class DataStream(msgspec.Struct, frozen=True, gc=False):
    """``data_stream.*``: the three parts of the stream's name."""

    type: Keyword
    dataset: Keyword
    namespace: Keyword


class Agent(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``agent.*``: the shipper itself."""

    type: Keyword
    version: Keyword
    name: Keyword | None = None
    id: Keyword | None = None
    ephemeral_id: Keyword | None = None


class HostOs(msgspec.Struct, frozen=True, gc=False):
    """``host.os.*``."""

    type: Keyword


class Host(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``host.*``: the computer that wrote the event, never the shipper's."""

    name: Keyword
    hostname: Keyword
    os: HostOs


class LogFile(msgspec.Struct, frozen=True, gc=False):
    """``log.file.*``."""

    path: Keyword


class Log(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``log.*``."""

    level: Keyword
    file: LogFile | None = None


class Error(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``error.*``: only where the outcome is failure."""

    code: Keyword | None = None
    message: Text | None = None


class Identified(msgspec.Struct, frozen=True, gc=False):
    """A thing known by its id alone: ``user``, ``device``, ``policy``, ``request``, ``transaction``."""

    id: Keyword


class Related(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``related.*``: what to pivot on."""

    hosts: tuple[Keyword, ...] = ()
    user: tuple[Keyword, ...] = ()
    hash: tuple[Keyword, ...] = ()


class WinlogThread(msgspec.Struct, frozen=True, gc=False):
    """``winlog.process.thread.*``."""

    id: Long


class WinlogProcess(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``winlog.process.*``."""

    pid: Long | None = None
    thread: WinlogThread | None = None


class WinlogUser(msgspec.Struct, frozen=True, gc=False):
    """``winlog.user.*``: the account that wrote the event, as a SID."""

    identifier: Keyword


class Winlog(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``winlog.*``, as Winlogbeat names and types them: ids are strings."""

    channel: Keyword
    computer_name: Keyword
    event_id: Keyword
    provider_name: Keyword
    record_id: Keyword | None = None
    event_data: Flattened | None = None
    user_data: Flattened | None = None
    provider_guid: Keyword | None = None
    version: Long | None = None
    task: Keyword | None = None
    opcode: Keyword | None = None
    keywords: tuple[Keyword, ...] = ()
    process: WinlogProcess | None = None
    activity_id: Keyword | None = None
    related_activity_id: Keyword | None = None
    user: WinlogUser | None = None


class CatalogVersion(msgspec.Struct, frozen=True, gc=False):
    """``intune_connector.catalog.*``: which edition of the catalog explained the event."""

    version: Keyword


class Diagnostic(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``intune_connector.diagnostic.*``: the diagnostic code and what the catalog says of it."""

    code: Keyword
    name: Keyword | None = None
    description: Keyword | None = None
    resolution: Keyword | None = None
    reference: Keyword | None = None
    expected: Boolean | None = None


class KnownError(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``intune_connector.error.*``: the HRESULT or error text, and what the catalog says of it."""

    hresult: Keyword | None = None
    name: Keyword | None = None
    resolution: Keyword | None = None
    confidence: Keyword | None = None


class Certificate(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``intune_connector.certificate.*``."""

    thumbprint: Keyword | None = None
    serial_number: Keyword | None = None
    subject: Keyword | None = None
    template_name: Keyword | None = None


class Authority(msgspec.Struct, frozen=True, gc=False):
    """``intune_connector.ca.*``."""

    name: Keyword


class Upload(msgspec.Struct, frozen=True, gc=False):
    """``intune_connector.upload.*``."""

    state: Keyword


class LoggedRecords(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``intune_connector.log.*``: numbers of records of a log, in documents that tell what happened to it."""

    last_read: Long | None = None
    missed: Long | None = None
    first_missed: Long | None = None
    last_missed: Long | None = None


class IntuneConnector(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``intune_connector.*``: what only this product knows."""

    schema: Keyword | None = None
    catalog: CatalogVersion | None = None
    event_name: Keyword | None = None
    operation: Keyword | None = None
    stage: Keyword | None = None
    final: Boolean | None = None
    counts_as: Keyword | None = None
    diagnostic: Spliced[Diagnostic] | None = None
    error: Spliced[KnownError] | None = None
    certificate: Certificate | None = None
    policy: Identified | None = None
    ca: Authority | None = None
    upload: Upload | None = None
    request: Identified | None = None
    transaction: Identified | None = None
    exceptions: tuple[Text, ...] = ()
    details: Flattened | None = None
    replaced_characters: Long | None = None
    log: LoggedRecords | None = None


class EcsDocument(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The whole document; ``event`` stands first, see ``EventFields``."""

    event: EventFields
    timestamp: Date = msgspec.field(name="@timestamp")
    ecs: Spliced[Ecs]
    data_stream: Spliced[DataStream]
    agent: Spliced[Agent]
    winlog: Winlog | None = None
    host: Spliced[Host] | None = None
    log: Spliced[Log] | None = None
    message: Text | msgspec.Raw | None = None
    intune_connector: IntuneConnector | None = None
    error: Error | None = None
    user: Identified | None = None
    device: Identified | None = None
    related: Spliced[Related] | None = None
    labels: Labels | None = None
    tags: tuple[Keyword, ...] = ()


def field_kinds(document: type[msgspec.Struct] = EcsDocument) -> dict[str, str]:
    """Return every dotted field of a document with the kind it is to be mapped as.

    Args:
        document: the struct of a whole document; that of an event by default.

    Returns:
        ``{"event.code": "keyword", "winlog.event_data": "flattened", ...}`` in document order. The kinds are
        ``keyword``, ``text``, ``date``, ``long``, ``boolean`` and ``flattened``; ``labels.*`` stands for every label.
    """
    return dict(_leaves(document, ""))


def _leaves(struct: type[msgspec.Struct], path: str) -> Iterator[tuple[str, str]]:
    """Yield (dotted name, kind) of ``struct`` and of every struct below it."""
    hints = typing.get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        name = f"{path}{field.encode_name}"
        nested, kind = _shape(hints[field.name])
        if nested is not None:
            yield from _leaves(nested, f"{name}.")
        else:
            yield (f"{name}.*" if hints[field.name] == Labels | None else name), kind


def _shape(hint: object) -> tuple[type[msgspec.Struct] | None, str]:
    """Return the struct that ``hint`` nests, or the kind that its leaf is annotated with."""
    if typing.get_origin(hint) is Annotated:
        return None, str(typing.get_args(hint)[1])
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint, ""
    if typing.get_origin(hint) in {typing.Union, types.UnionType, tuple}:
        shapes = (_shape(part) for part in typing.get_args(hint))
        return next((shape for shape in shapes if shape != (None, "")), (None, ""))
    return None, ""
