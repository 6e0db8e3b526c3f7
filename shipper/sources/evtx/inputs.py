"""From what a user names (files, folders, patterns) to event logs that can be opened."""

import errno
import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from shipper.errors import SourceError
from shipper.sources.evtx.header import CHUNK_MAGIC, FILE_HEADER_BYTES, FILE_MAGIC

SUFFIX = ".evtx"

#: What a file that is no event log begins with, what it then seems to be, and what to do.
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x30\x00\x00\x00LfLe", "a log of Windows XP or 2003 (.evt)", "open it in Event Viewer and save it as .evtx"),
    (b"\x1f\x8b", "compressed with gzip", "decompress it first: gunzip FILE"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "decompress it first: zstd -d FILE"),
    (b"MSCF", "a cabinet archive", "unpack it first: expand FILE -F:* FOLDER"),
    (b"ElfChnk\x00", "a single chunk of an event log, without the header of a file", "read the log it was cut from"),
)
_XML_HINT = "give it a name that ends in .xml, or pass it on standard input: shipper ship - < FILE"
_JSON_HINT = "give it a name that ends in .ndjson, or pass it on standard input: shipper ship - < FILE"
_HEAD_BYTES = FILE_HEADER_BYTES + len(CHUNK_MAGIC)
_KINDS = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def find_logs(text: str) -> list[str]:
    """Return the paths that one input stands for: itself, a folder's logs by name, or what a pattern matches.

    Raises:
        SourceError: there is nothing of that name, or no log in that folder.
    """
    # Not Path.is_dir: it raises where a folder may not be entered, or a name is too long.
    if os.path.isdir(text):  # noqa: PTH112
        return _logs_in(Path(text))
    if not os.path.lexists(text) and glob.has_magic(text):
        return _matching(text)
    return [text]


def _logs_in(folder: Path) -> list[str]:
    try:
        logs = sorted(str(path) for path in folder.iterdir() if path.suffix.lower() == SUFFIX and not path.is_dir())
    except OSError as error:
        raise _unreadable(str(folder), error) from error
    if not logs:
        raise SourceError(
            f"no {SUFFIX} file in this folder",
            where=str(folder),
            hint="name the files, or the folder that holds them; subfolders are not searched",
        )
    return logs


def _matching(pattern: str) -> list[str]:
    # Not Path.glob: it wants the fixed part of the pattern apart, and drops the spelling of the user.
    matches = glob.glob(pattern, recursive=True)  # noqa: PTH207
    logs = sorted(path for path in matches if not os.path.isdir(path))  # noqa: PTH112
    if not logs:
        raise SourceError("no file matches this pattern", where=pattern, hint="quote the pattern, and check its folder")
    return logs


def open_log(path: str) -> int:
    """Open an event log and return its file descriptor; never waits, whatever the path leads to.

    Raises:
        SourceError: it cannot be opened, or is no event log.
    """
    try:
        # Non-blocking: opening a FIFO would wait for a writer. For a file it changes nothing.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        _check_kind(path, os.fstat(descriptor))
        _check_content(path, os.read(descriptor, _HEAD_BYTES))
    except OSError as error:
        os.close(descriptor)
        raise _unreadable(path, error) from error
    except SourceError:
        os.close(descriptor)
        raise
    return descriptor


def _unreadable(path: str, error: OSError) -> SourceError:
    if error.errno == errno.ENOENT and Path(path).is_symlink():
        target = str(Path(path).readlink())
        return SourceError(f"a link to {target}, which does not exist", where=path, hint="mend or remove the link")
    if error.errno == errno.ENOENT:
        return SourceError("no such file", where=path, hint="check the path; a log may have been removed meanwhile")
    if error.errno in (errno.EACCES, errno.EPERM):
        hint = "run as a user who may read it; on Windows a member of Event Log Readers, or export the log first"
        return SourceError("no permission to read it", where=path, hint=hint)
    if error.errno == errno.ELOOP:
        return SourceError("a link that leads back to itself", where=path, hint="mend or remove the link")
    if error.errno == errno.ENXIO:
        return SourceError("a socket, not a file", where=path, hint="name an .evtx file or a folder of them")
    return SourceError(error.strerror or str(error), where=path, hint="check the path and the disk it is on")


def _check_kind(path: str, found: os.stat_result) -> None:
    kind = next((name for matches, name in _KINDS if matches(found.st_mode)), None)
    if stat.S_ISDIR(found.st_mode):
        kind = "a folder"
    if kind is not None:
        raise SourceError(f"{kind}, not a file", where=path, hint="name an .evtx file or a folder of them")
    if found.st_size == 0:
        raise SourceError("the file is empty", where=path, hint="export the log again")


def _check_content(path: str, head: bytes) -> None:
    if head.startswith(FILE_MAGIC) and len(head) < FILE_HEADER_BYTES:
        raise SourceError("the log is cut off inside its header", where=path, hint="copy or export the log again")
    if head.startswith(FILE_MAGIC) or head[FILE_HEADER_BYTES:] == CHUNK_MAGIC:
        return
    kind, hint = _resemblance(head)
    raise SourceError(f"not an event log (.evtx): it seems to be {kind}", where=path, hint=hint)


def _resemblance(head: bytes) -> tuple[str, str]:
    """Return what a file seems to be, and what to do about it."""
    for signature, kind, hint in _SIGNATURES:
        if head.startswith(signature):
            return kind, hint
    if not any(head):
        return "nothing but zeros", "copy the log again: the disk or the copy lost its content"
    text = _as_text(head).lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return "XML, perhaps an export of events", _XML_HINT
    if text.startswith(("{", "[")):
        return "JSON", _JSON_HINT
    if text.isprintable() or all(character.isprintable() or character.isspace() for character in text):
        return "text", "name an .evtx file: in Event Viewer, Save All Events As"
    return "something else", "name an .evtx file: in Event Viewer, Save All Events As"


def _as_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    return head.decode("utf-8", "replace")


def iterate_logs(inputs: tuple[str, ...]) -> Iterator[str | SourceError]:
    """Yield the logs that the inputs stand for, each once, and an error in the place of an input that has none."""
    seen: set[str] = set()
    for text in inputs:
        try:
            paths = find_logs(text)
        except SourceError as error:
            yield error
            continue
        for path in paths:
            if path not in seen:
                seen.add(path)
                yield path
