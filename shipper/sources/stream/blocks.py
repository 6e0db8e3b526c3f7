"""Reads a file or standard input in blocks: decompressed, and as UTF-8 whatever encoding it has."""

import codecs
import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
import zstandard

from shipper.errors import SourceError
from shipper.sources.stream.signatures import refuse_what_is_no_stream

BLOCK_BYTES = 1 << 18
#: RFC 1952, section 2.3.1, and RFC 8878, section 3.1.1.
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
#: What UTF-16 begins with: PowerShell 5 redirects into it, and so does ``wevtutil /uni:true``.
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\x00": "utf-16-le", b"{\x00": "utf-16-le"}
#: Enough of the first bytes to tell what they begin.
_HEAD_BYTES = 8
_ZSTD_PIECE_BYTES = 512
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)


class Block(msgspec.Struct, frozen=True):
    """A piece of a stream.

    Attributes:
        text: bytes as UTF-8; what is not valid is left as it was.
        size_bytes: bytes of the source it took, for progress.
        damage: why reading ends here, where the compressed data is damaged.
        exact: whether offsets in ``text`` are offsets in the source.
    """

    text: bytes
    size_bytes: int
    damage: str = ""
    exact: bool = True


class Input(io.RawIOBase):
    """A file descriptor that reads what is there, puts its first bytes back, and counts.

    A pipe gives what its writer has written; nothing waits for a full buffer.
    """

    def __init__(self, descriptor: int, *, close: bool) -> None:
        super().__init__()
        self.taken_bytes = 0
        self._descriptor = descriptor
        self._close = close
        self._head = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def peek(self, size_bytes: int) -> bytes:
        """Return the first bytes, at least ``size_bytes`` unless the input ends before."""
        while len(self._head) < size_bytes and (more := os.read(self._descriptor, BLOCK_BYTES)):
            self._head += more
        return self._head

    def read(self, size: int = BLOCK_BYTES, /) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        wanted = BLOCK_BYTES if size < 0 else size
        if self._head:
            data, self._head = self._head[:wanted], self._head[wanted:]
        else:
            data = os.read(self._descriptor, wanted)
        self.taken_bytes += len(data)
        return data

    def close(self) -> None:
        """Close the descriptor where it was opened here."""
        if self._close and not self.closed:
            os.close(self._descriptor)
        super().close()


def open_input(path: str, stdin: int) -> Input:
    """Open what a user named.

    Args:
        path: of a file, or ``-``.
        stdin: descriptor that ``-`` stands for.

    Raises:
        SourceError: there is no such file, it is none, it may not be read, or it is empty.
    """
    if path == "-":
        return Input(stdin, close=False)
    try:
        status = Path(path).stat()
        _refuse_what_is_no_file(path, status)
        return Input(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)), close=True)
    except FileNotFoundError as error:
        broken = Path(path).is_symlink()
        fault = "a symbolic link that leads nowhere" if broken else "no such file"
        raise SourceError(fault, where=path, hint="check the path") from error
    except PermissionError as error:
        raise SourceError("no permission to read it", where=path, hint="run as a user who may read it") from error
    except OSError as error:
        raise SourceError(f"cannot be opened: {error.strerror}", where=path) from error


def _refuse_what_is_no_file(path: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise SourceError("is a folder", where=path, hint="name the files in it")
    if not stat.S_ISREG(status.st_mode):
        hint = f"give it on standard input: shipper ship - < {path}"
        raise SourceError("is no regular file", where=path, hint=hint)
    if status.st_size == 0:
        raise SourceError("is empty", where=path, hint="was the export finished?")


def read_blocks(source: Input, name: str) -> Iterator[Block]:
    """Yield an input in blocks, as they come in, and close it at its end.

    Raises:
        SourceError: the input is something else than a stream of events, or cannot be read on.
    """
    with source:
        try:
            yield from _as_utf_8(_plain(source), name)
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror or error}", where=name) from error


def _plain(source: Input) -> Iterator[Block]:
    """Yield blocks as they are, or decompressed where the first bytes say so."""
    head = source.peek(_HEAD_BYTES)
    if head.startswith(GZIP_MAGIC):
        yield from _metered(_gunzipped(source), source)
    elif head.startswith(ZSTD_MAGIC):
        yield from _metered(_unzstded(source), source)
    else:
        while data := source.read():
            yield Block(data, len(data))


def _metered(pieces: Iterator[bytes], source: Input) -> Iterator[Block]:
    before = 0
    try:
        for piece in pieces:
            yield Block(piece, source.taken_bytes - before, exact=False)
            before = source.taken_bytes
    except _DAMAGED as error:
        yield Block(b"", source.taken_bytes - before, f"compressed data damaged: {error}", exact=False)


def _gunzipped(source: Input) -> Iterator[bytes]:
    # GzipFile reads on through members that stand one behind the other, as rotated logs do.
    with gzip.GzipFile(fileobj=cast("BinaryIO", source)) as stream:
        while data := stream.read1(BLOCK_BYTES):
            yield data


def _unzstded(source: Input) -> Iterator[bytes]:
    # zstandard's stream_reader ends without a word where a frame is cut off; its decompressobj tells, but gives all
    # that its input holds at once: 512 bytes hold 16 MB at most (128 KB in a block of 4 bytes, RFC 8878, 3.1.1.2).
    frame = zstandard.ZstdDecompressor().decompressobj()
    while data := source.read():
        for start in range(0, len(data), _ZSTD_PIECE_BYTES):
            rest = data[start : start + _ZSTD_PIECE_BYTES]
            while rest:
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(rest)
                rest = frame.unused_data
    if not frame.eof:
        raise EOFError("cut off before its end")


def _as_utf_8(blocks: Iterator[Block], name: str) -> Iterator[Block]:
    first = next(blocks, None)
    if first is None:
        return
    refuse_what_is_no_stream(first.text, name)
    encoding = _UTF_16.get(first.text[:2])
    if encoding is None:
        yield first
        yield from blocks
        return
    yield from _recoded(first, blocks, encoding)


def _recoded(first: Block, blocks: Iterator[Block], encoding: str) -> Iterator[Block]:
    # surrogatepass: a lone surrogate reaches the event that has it, and is replaced and counted there.
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    block: Block | None = first
    while block is not None:
        text = decoder.decode(block.text).encode("utf-8", "surrogatepass")
        yield Block(text, block.size_bytes, block.damage, exact=False)
        block = next(blocks, None)
