"""Fuzz the parsers that are Python, guided by the branches that an input reaches, with atheris (libFuzzer).

    python tests/fuzz/guided.py TARGET CORPUS_FOLDER -runs=20000 -seed=1

TARGET is one of ``TARGETS``; its seeds are written to the folder first. libFuzzer takes the remaining words, see
https://llvm.org/docs/LibFuzzer.html#options. An exception that is none of ours ends it with a file that repeats it.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import atheris
import msgspec

from shipper import catalog
from shipper.channels import parse_channels
from shipper.errors import SourceError
from shipper.model import Event, Position
from shipper.testing.connector import Dice, legacy, unified
from shipper.testing.evtx_writer import CHUNK_BYTES, FILE_HEADER_BYTES, EventSpec, build_log

with atheris.instrument_imports(include=["shipper.sources", "shipper.ecs"]):
    from shipper.ecs import EcsSettings, build_documents
    from shipper.sources.evtx.chunk import open_chunk
    from shipper.sources.evtx.header import parse_file_header
    from shipper.sources.evtx.instance import template_stands
    from shipper.sources.evtx.surrogates import replace_lone_surrogates
    from shipper.sources.stream.blocks import Block
    from shipper.sources.stream.reading import Reading, ReadingSettings

NOW_S = 1_795_512_600
NOW = datetime.fromtimestamp(NOW_S, UTC)
CATALOG = catalog.load()
SETTINGS = EcsSettings()
READING = ReadingSettings(
    "drop", keep_raw=True, max_line_bytes=2048, batch_events=10, batch_bytes=1 << 20, batch_age_s=9
)


def _events() -> list[EventSpec]:
    dice = Dice(7)
    flows = (legacy.issue_denied, legacy.scep, unified.issue_denied, unified.scep)
    return [event for flow in flows for event in flow("ndes01.corp.example", NOW, dice)]


class Target(msgspec.Struct, frozen=True):
    """What is fuzzed: its inputs to begin with, and what takes one."""

    seeds: Callable[[], list[bytes]]
    take: Callable[[bytes], None]


def _chunk_seeds() -> list[bytes]:
    """Return the beginnings of chunks, so short that libFuzzer gets round in them."""
    short = [EventSpec("P", 1, "C", "h", NOW, ((None, text),)) for text in ("a", "b\ud800", "\U0001f600")]
    logs = [build_log(short), build_log(short, live=True), build_log([*short, *_events()[:2]])]
    return [log[FILE_HEADER_BYTES:][: 4096 + 512] for log in logs]


def _take_chunk(data: bytes) -> None:
    size = CHUNK_BYTES if len(data) % 2 else len(data)
    image = bytearray(data[:CHUNK_BYTES].ljust(size, b"\0"))
    parse_file_header(data)
    chunk = open_chunk("log.evtx", 0, image)
    frames = chunk.walk.frames
    end = 512
    for frame in frames:
        assert frame.offset >= end, "records overlap"
        end = frame.offset + frame.size_bytes
        template_stands(chunk.image, frame)
    replace_lone_surrogates(chunk.image, frames, [bool(frame.offset & 8) for frame in frames])
    chunk.problems()


def _detail_seeds() -> list[bytes]:
    texts = [str(value) for event in _events() for _, value in event.data]
    return [text.encode("utf-16-le", "surrogatepass") for text in texts]


def _take_detail(data: bytes) -> None:
    text = _text(data)
    named = tuple((part[:20] or None, part[20:]) for part in text.split("\n"))
    position = Position("a.evtx", 1)
    for event_id, fields in ((20102, ((None, text),)), (1052, named)):
        channel = catalog.LEGACY_CHANNEL if event_id > 9999 else catalog.OPERATIONAL_CHANNEL
        event = Event(position, "P", event_id, channel, "h", 1, "2026-11-24T09:30:00Z", NOW_S, fields, message=text)
        (document,) = build_documents([event], CATALOG, SETTINGS, NOW_S)
        msgspec.json.decode(document.body)


def _text(data: bytes) -> str:
    try:
        return data[: len(data) & ~1].decode("utf-16-le", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


_LINE = {
    "@timestamp": "2026-11-24T09:30:00.123Z",
    "event": {"code": "20102", "provider": "Microsoft Intune Connector", "original": "<Event/>"},
    "winlog": {
        "channel": "Microsoft Intune Connector", "computer_name": "h", "event_id": "20102", "record_id": 7,
        "provider_name": "Microsoft Intune Connector", "event_data": {"param1": '{"Metric":{}}'}, "opcode": "Info",
        "user_data": {"xml_name": "EventXML", "Text": "x"}, "process": {"pid": 1, "thread": {"id": 2}},
        "user": {"identifier": "S-1-5-18"}, "keywords": ["Classic"],
    },
    "log": {"level": "error"}, "message": "text",
}  # fmt: skip
_XML = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="P" Guid="{a}"/>'
    '<EventID Qualifiers="0">20102</EventID><Level>2</Level><Keywords>0x80000000000000</Keywords>'
    '<TimeCreated SystemTime="2026-11-20T09:30:00.1234567Z"/><EventRecordID>1</EventRecordID><Execution ProcessID="1" '
    'ThreadID="2"/><Channel>Microsoft Intune Connector</Channel><Computer>h</Computer><Security UserID="S-1-5-18"/>'
    '</System><EventData><Data Name="a">&lt;&#x41;<![CDATA[x]]></Data><Binary>00</Binary></EventData><RenderingInfo '
    'Culture="en-US"><Message>m</Message><Keywords><Keyword>k</Keyword></Keywords></RenderingInfo></Event>'
)


def _json_seeds() -> list[bytes]:
    flat = {"EventID": 20102, "Channel": "Microsoft Intune Connector", "Computer": "h", "EventRecordID": "7"}
    lines = [msgspec.json.encode(_LINE), msgspec.json.encode(flat)]
    return [*lines, lines[0] + b"\r\n" + lines[1] + b"\nnoise\n" + lines[0][:99]]


def _xml_seeds() -> list[bytes]:
    one = _XML.encode()
    return [one, b"\xef\xbb\xbf<?xml version='1.0'?><!-- x --><Events>" + one + b"\n" + one + b"</Events>", one[:200]]


def _take_stream(data: bytes) -> None:
    """Feed it in two blocks, so that anything may be cut in two."""
    reading = Reading("-", parse_channels("all"), READING)
    cut = data[0] * len(data) // 256 if data else 0
    events: list[Event] = []
    for block in (data[:cut], data[cut:]):
        for batch in reading.take(Block(block, len(block))):
            events += [event for event in batch.events if isinstance(event, Event)]
    for batch in reading.end():
        events += [event for event in batch.events if isinstance(event, Event)]
    for document in build_documents(events, CATALOG, SETTINGS, NOW_S):
        msgspec.json.decode(document.body)


TARGETS = {
    "chunk": Target(_chunk_seeds, _take_chunk),
    "details": Target(_detail_seeds, _take_detail),
    "json": Target(_json_seeds, _take_stream),
    "xml": Target(_xml_seeds, _take_stream),
}


def main(words: list[str]) -> None:
    """Write the seeds and hand over to libFuzzer, which ends the process."""
    name, corpus, *options = words
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds()):
        Path(corpus, f"seed-{number}").write_bytes(seed)

    def one_input(data: bytes) -> None:
        try:
            target.take(data)
        except SourceError:
            return  # what is no stream of events is said to be none

    atheris.Setup([sys.argv[0], corpus, *options], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
