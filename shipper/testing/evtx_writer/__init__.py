"""Write .evtx files: whole, wrapped, live, growing, forwarded, and damaged on purpose.

    write_log(path, [EventSpec("NDESConnector", 1, "Application", "srv.corp.example", time, data=((None, "text"),))])

The files are written as Windows writes them: templates inline at their first use in a chunk and referenced afterwards,
names and templates in the hash tables of the chunk header, EventData as a nested template instance (type 0x21), classic
strings as one array (type 0x81), valid CRCs. Three readers that share no code (python-evtx, the Rust ``evtx``, libevtx)
read every field back; ``tests/testing`` holds them to it.

Sources: MS-EVEN6, section 2.2.12 to 2.2.18 (BinXml); the libyal/libevtx format documentation; logs written by Windows.
"""

from shipper.testing.evtx_writer.damage import (
    break_chunk_header_crc,
    break_data_crc,
    break_header_crc,
    break_string_table,
    destroy_chunk_magic,
    flip_bit,
    stale_chunk_count,
    truncate,
    zero_size,
)
from shipper.testing.evtx_writer.growing import LAZY, PROMPT, GrowingLog, HalfWritten, Lazy
from shipper.testing.evtx_writer.layout import (
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
    chunk_data_crc,
    chunk_header_crc,
    file_header_crc,
)
from shipper.testing.evtx_writer.log import CHUNK_BREAK, ChunkBreak, WrittenLog, build_log, write_log
from shipper.testing.evtx_writer.spec import Element, EventSpec, Rendering
from shipper.testing.evtx_writer.values import (
    Value,
    ansi,
    binary,
    boolean,
    filetime,
    guid,
    hex32,
    hex64,
    i32,
    i64,
    null,
    sid,
    strings,
    systemtime,
    u8,
    u16,
    u32,
    u64,
)

__all__ = [
    "CHUNK_BREAK",
    "CHUNK_BYTES",
    "FILE_HEADER_BYTES",
    "LAZY",
    "PROMPT",
    "ChunkBreak",
    "Element",
    "EventSpec",
    "GrowingLog",
    "HalfWritten",
    "Lazy",
    "Rendering",
    "Value",
    "WrittenLog",
    "ansi",
    "binary",
    "boolean",
    "break_chunk_header_crc",
    "break_data_crc",
    "break_header_crc",
    "break_string_table",
    "build_log",
    "chunk_data_crc",
    "chunk_header_crc",
    "destroy_chunk_magic",
    "file_header_crc",
    "filetime",
    "flip_bit",
    "guid",
    "hex32",
    "hex64",
    "i32",
    "i64",
    "null",
    "sid",
    "stale_chunk_count",
    "strings",
    "systemtime",
    "truncate",
    "u8",
    "u16",
    "u32",
    "u64",
    "write_log",
    "zero_size",
]
