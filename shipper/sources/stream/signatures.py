"""What a file is that is no stream of events, so that the error can name it."""

import re

from shipper.errors import SourceError

_EVTX = b"ElfFile\x00"

#: First bytes of what people hand over by mistake; from the file signatures of each format's own specification.
_SIGNATURES = (
    (b"PK\x03\x04", "a ZIP archive", "unpack it first"),
    (b"BZh", "bzip2 data", "unpack it: bzcat FILE | shipper ship -"),
    (b"\xfd7zXZ\x00", "xz data", "unpack it: xzcat FILE | shipper ship -"),
    (b"%PDF", "a PDF document", "export the log as .evtx or XML"),
    (b"SQLite format 3\x00", "an SQLite database", "name the log itself"),
    (b"PAR1", "a Parquet file", "export it as JSON, one object a line"),
)
_PRETTY_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\n")
_ARRAY = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
_TRACE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?<E2ETraceEvent[\s>]")


def refuse_what_is_no_stream(head: bytes, name: str) -> None:
    """Raise for a stream whose first bytes show that it is something else.

    Raises:
        SourceError: names what it looks like and what to do with it.
    """
    if head.startswith(_EVTX):
        raise SourceError("is an .evtx log, not a stream of lines", where=name, hint=_evtx_hint(name))
    for signature, what, hint in _SIGNATURES:
        if head.startswith(signature):
            raise SourceError(f"is {what}, not a stream of events", where=name, hint=hint)
    if _PRETTY_JSON.match(head):
        raise SourceError("JSON spread over lines", where=name, hint="one object a line: jq -c . FILE | shipper ship -")
    if _ARRAY.match(head):
        raise SourceError("a JSON array", where=name, hint="one object a line: jq -c '.[]' FILE | shipper ship -")
    if _TRACE.match(head):
        raise SourceError("is a .svclog trace, not an event log", where=name, hint="name the event log of that server")


def _evtx_hint(name: str) -> str:
    if name == "-":
        return "an .evtx needs a file of its own: shipper ship FILE.evtx"
    if name.lower().endswith((".gz", ".zst")):
        return "unpack it first: an .evtx is read in places, not from its beginning to its end"
    return "give it a name that ends in .evtx, or say shipper ship FILE.evtx"


def unrecognised(first_reason: str, name: str) -> SourceError:
    """Return the error for a stream in which nothing was an event."""
    hint = "an .evtx log, JSON lines as Winlogbeat writes them, or event XML (wevtutil qe LOG /f:xml) is needed"
    return SourceError(f"holds no events: {first_reason}", where=name, hint=hint)
