"""Whose mapping a data stream has: ours, or one that would index our documents wrong."""

from fnmatch import fnmatchcase
from urllib.parse import quote

import msgspec

from shipper.errors import MappingError
from shipper.sinks.elasticsearch.server import Server

#: ``_meta.managed_by`` of every template and mapping in ``mappings/``.
MANAGED_BY = "intune-connector-shipper"


class _Meta(msgspec.Struct):
    managed_by: str = ""


class _Mapping(msgspec.Struct):
    meta: _Meta = msgspec.field(default_factory=_Meta, name="_meta")


class _Index(msgspec.Struct):
    mappings: _Mapping = msgspec.field(default_factory=_Mapping)


class _DataStream(msgspec.Struct):
    backing_indices: list[str]


class _Resolved(msgspec.Struct):
    data_streams: list[_DataStream] = []
    indices: list[msgspec.Raw] = []


class _TemplateBody(msgspec.Struct):
    index_patterns: list[str] = []
    priority: int = 0
    meta: _Meta = msgspec.field(default_factory=_Meta, name="_meta")


class _Template(msgspec.Struct):
    name: str
    index_template: _TemplateBody


class _Templates(msgspec.Struct):
    index_templates: list[_Template] = []


def check(server: Server, data_stream: str) -> None:
    """Return when documents may be written to ``data_stream``: its mapping is ours, or the one it will get is.

    Raises:
        MappingError: it is not; the hint says how to set it up.
        AuthenticationError: the credentials may not look.
        SinkError: nobody answers.
    """
    path = quote(data_stream)
    answer = server.ask("GET", f"/_resolve/index/{path}")
    resolved = answer.decoded(_Resolved) if answer.ok else _Resolved()
    if resolved.indices:
        raise _foreign(server, data_stream, "is an index, not a data stream")
    if resolved.data_streams:
        _check_written(server, data_stream, resolved.data_streams[0].backing_indices[-1])
    else:
        _check_expected(server, data_stream)


def _check_written(server: Server, data_stream: str, write_index: str) -> None:
    answer = server.ask("GET", f"/{quote(write_index)}/_mapping?filter_path=*.mappings._meta")
    found = answer.decoded(dict[str, _Index]) if answer.ok else {}
    if not any(index.mappings.meta.managed_by == MANAGED_BY for index in found.values()):
        raise _foreign(server, data_stream, f"has a mapping that is not ours (in {write_index})")


def _check_expected(server: Server, data_stream: str) -> None:
    """Find the template that Elasticsearch would use: the matching one of the highest priority."""
    parts = ",".join(f"index_templates.{part}" for part in ("name", *_TEMPLATE_PARTS))
    answer = server.ask("GET", f"/_index_template?filter_path={parts}")
    templates = answer.decoded(_Templates).index_templates
    matching = [one for one in templates if _matches(one.index_template, data_stream)]
    if not matching:
        raise _foreign(server, data_stream, "does not exist and no index template would make it")
    winner = max(matching, key=lambda one: one.index_template.priority)
    if winner.index_template.meta.managed_by != MANAGED_BY:
        raise _foreign(server, data_stream, f"would be made by the index template {winner.name}, which is not ours")


_TEMPLATE_PARTS = ("index_template.index_patterns", "index_template.priority", "index_template._meta.managed_by")


def _matches(template: _TemplateBody, name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in template.index_patterns)


def _foreign(server: Server, data_stream: str, what: str) -> MappingError:
    return MappingError(what, where=f"{server.target}/{data_stream}", hint=f"shipper setup --to {server.target}")
