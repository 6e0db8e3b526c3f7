"""Files of the shipper's own documents to portions, in this process or in several; the order is kept."""

import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice, pairwise
from pathlib import Path

import msgspec

from shipper.errors import SourceError
from shipper.model import UNCOUNTED, Position, Problem
from shipper.pipeline.children import begin_child, explained
from shipper.report import Period, Portion, Sifter, Slim, is_ours
from shipper.rules.model import Rule
from shipper.sources.stream.blocks import open_input, read_blocks

_LINES = 1000
#: What one process takes at once, and how large a file is worth starting one.
_PART_BYTES, _WORTH_IT_BYTES = 8 << 20, 64 << 20
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[list[Slim], int, int])


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line; or, where ``damage`` is said, the reason why there are no more.

    Attributes:
        text: without its line feed.
        size_bytes: bytes of the file that were taken for it, for progress.
        damage: what is wrong with the file.
    """

    text: bytes
    size_bytes: int
    damage: str = ""


def holds_documents(path: str) -> bool:
    """Say whether a file begins with a document of the shipper's own; what cannot be read holds none."""
    try:
        line = next(_lines(path), None)
    except SourceError:
        return False
    return line is not None and is_ours(line.text)


def sift_documents(path: str, rules: tuple[Rule, ...], period: Period, workers: int) -> Iterator[Portion]:
    """Yield what a file of documents holds, as ``ship --to ndjson:PATH`` writes it.

    Raises:
        SourceError: it cannot be read.
    """
    if workers > 1 and _can_be_parted(path):
        yield from _in_processes(path, rules, period, workers)
        return
    sifter, lines = Sifter(rules, period), _lines(path)
    while some := list(islice(lines, _LINES)):
        portion = sifter.rows(("", line.text) for line in some if not line.damage)
        problems = [Problem(Position(path, -1), line.damage, UNCOUNTED) for line in some if line.damage]
        yield msgspec.structs.replace(portion, problems=problems, size_bytes=sum(line.size_bytes for line in some))


def _lines(path: str) -> Iterator[Line]:
    rest, taken = b"", 0
    for block in read_blocks(open_input(path, 0), path):
        taken += block.size_bytes
        *whole, rest = (rest + block.text).split(b"\n")
        for text in whole:
            if text.strip():
                yield Line(text, taken)
                taken = 0
        if block.damage:
            yield Line(b"", taken, block.damage)
    if rest.strip():
        yield Line(rest, taken)


def _can_be_parted(path: str) -> bool:
    """Say whether a file is large, and lines as they are: not compressed, not UTF-16."""
    file = Path(path)
    if file.stat().st_size < _WORTH_IT_BYTES:
        return False
    with file.open("rb") as stream:
        return stream.read(2) == b'{"'


def _in_processes(path: str, rules: tuple[Rule, ...], period: Period, workers: int) -> Iterator[Portion]:
    bounds = range(0, Path(path).stat().st_size + _PART_BYTES, _PART_BYTES)
    waiting: deque[tuple[int, Future[bytes]]] = deque()
    context = multiprocessing.get_context("spawn")
    children = ProcessPoolExecutor(workers, mp_context=context, initializer=_adopt, initargs=(rules, period))
    with explained(), children as pool:
        try:
            for begin, end in pairwise(bounds):
                waiting.append((end - begin, pool.submit(_sift_part, path, begin, end)))
                if len(waiting) > workers + 1:
                    yield _portion(*waiting.popleft())
            while waiting:
                yield _portion(*waiting.popleft())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _portion(size_bytes: int, part: Future[bytes]) -> Portion:
    rows, outside, foreign = _DECODER.decode(part.result())
    return Portion(rows, outside, foreign, size_bytes=size_bytes)


_adopted: list[Sifter] = []


def _adopt(rules: tuple[Rule, ...], period: Period) -> None:
    """Make the sifter once a process."""
    begin_child()
    _adopted[:] = [Sifter(rules, period)]


def _sift_part(path: str, begin: int, end: int) -> bytes:
    """Sift the lines that begin in ``[begin, end)``."""
    portion = _adopted[0].rows(("", line) for line in _lines_between(path, begin, end))
    return _ENCODER.encode((portion.rows, portion.outside, portion.foreign))


def _lines_between(path: str, begin: int, end: int) -> Iterator[bytes]:
    with Path(path).open("rb") as file:
        if begin:
            file.seek(begin - 1)
            file.readline()  # a line that begins before is another part's
        while file.tell() < end and (line := file.readline()):
            if line.strip():
                yield line
