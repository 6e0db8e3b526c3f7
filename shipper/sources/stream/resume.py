"""Which file a cursor belongs to: the one that begins as it began then."""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from shipper.model import Cursor

#: So much of a file's beginning is compared.
HEAD_BYTES = 4096
#: 63 bits: a fingerprint stays a whole number in every reader of JSON that has 64.
_FINGERPRINT_BYTES, _FINGERPRINT_MASK = 8, (1 << 63) - 1


def cursor_at_head(path: str) -> Cursor | None:
    """Return the cursor of a file of which nothing has been read yet; ``None`` where it cannot be resumed (``-``)."""
    head = _head(path, HEAD_BYTES)
    return Cursor(path, -1, len(head), _fingerprint(head)) if head else None


def find_cursor(path: str, cursors: Sequence[Cursor]) -> Cursor | None:
    """Return the cursor among ``cursors`` that belongs to the file; it may have grown since, but begins the same."""
    for cursor in cursors:
        if cursor.source == path and cursor.anchor > 0:
            head = _head(path, cursor.anchor)
            if len(head) == cursor.anchor and _fingerprint(head) == cursor.fingerprint:
                return cursor
    return None


def _head(path: str, size_bytes: int) -> bytes:
    try:
        if not Path(path).is_file():
            return b""  # opening a pipe would wait for its writer
        with Path(path).open("rb") as file:
            return file.read(min(size_bytes, HEAD_BYTES))
    except OSError:
        return b""  # reading says what is wrong with it


def _fingerprint(head: bytes) -> int:
    digest = blake2b(head, digest_size=_FINGERPRINT_BYTES).digest()
    return int.from_bytes(digest, "little") & _FINGERPRINT_MASK
