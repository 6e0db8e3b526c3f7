"""What is remembered of rules and alerts between runs, as bytes with a checksum."""

from hashlib import blake2b

import msgspec

from shipper.alerts.outbox import Letter
from shipper.model import Document, Position

FORMAT = "shipper alerts"
VERSION = 1
_SEPARATOR = b"\n"


class Memory(msgspec.Struct, frozen=True):
    """What a run of an evaluator begins with, and leaves behind.

    Attributes:
        evaluator: its snapshot; empty where there is none.
        letters: alerts that have not been taken by every outlet.
        position: where reading goes on, as whoever reads spells it; empty where a checkpoint says that.
    """

    evaluator: bytes = b""
    letters: tuple[Letter, ...] = ()
    position: bytes = b""


class _Waiting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    data_stream: str
    ingested_at: int
    document: msgspec.Raw
    outlets: tuple[str, ...]


class _OnDisk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    letters: tuple[_Waiting, ...]
    evaluator: bytes
    position: bytes


class UnusableMemoryError(ValueError):
    """The bytes are damaged, or of something else; the text says which."""


def encode_memory(memory: Memory) -> bytes:
    """Return a memory as JSON and, on a line of its own, its checksum."""
    letters = tuple(_waiting(letter) for letter in memory.letters)
    body = msgspec.json.encode(_OnDisk(FORMAT, VERSION, letters, memory.evaluator, memory.position))
    return b"".join((body, _SEPARATOR, _checksum(body), _SEPARATOR))


def decode_memory(content: bytes) -> Memory:
    """Return what ``encode_memory`` has encoded.

    Raises:
        UnusableMemoryError: it is damaged, or no memory.
    """
    body, _, checksum = content.rstrip(_SEPARATOR).rpartition(_SEPARATOR)
    if not body or _checksum(body) != checksum:
        raise UnusableMemoryError("it is damaged or cut short: its checksum is wrong")
    try:
        found = msgspec.json.decode(body, type=_OnDisk)
    except msgspec.MsgspecError:
        raise UnusableMemoryError("it was written by another version of the shipper") from None
    return Memory(found.evaluator, tuple(map(_letter, found.letters)), found.position)


def _waiting(letter: Letter) -> _Waiting:
    document = letter.document
    raw = msgspec.Raw(document.body)
    return _Waiting(document.id, document.data_stream, document.ingested_at, raw, letter.outlets)


def _letter(waiting: _Waiting) -> Letter:
    position = Position("alerts", -1)
    body = bytes(waiting.document)
    document = Document(waiting.id, waiting.data_stream, body, waiting.ingested_at, position)
    return Letter(document, waiting.outlets)


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).hexdigest().encode()
