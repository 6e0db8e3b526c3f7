"""A log that is written to while it is read."""

from collections.abc import Callable

import pytest

from shipper.channels import parse_channels
from shipper.model import Batch, Unit
from shipper.sources.evtx import reader, rust
from shipper.sources.evtx.header import CHUNK_BYTES, FILE_HEADER_BYTES

Log = Callable[..., bytes]


class ChangingLog:
    """A log in memory; ``changes`` says after how many readings which bytes stand where."""

    path = "changing.evtx"

    def __init__(self, content: bytes, changes: dict[int, tuple[int, bytes]]) -> None:
        self._content = bytearray(content)
        self._changes = changes
        self._readings = 0

    def head(self, slot: int) -> bytes:
        start = FILE_HEADER_BYTES + slot * CHUNK_BYTES
        return bytes(self._content[start : start + 128])

    def read_slots(self, first: int, buffer: memoryview) -> int:
        start = FILE_HEADER_BYTES + first * CHUNK_BYTES
        part = self._content[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._readings += 1
        if self._readings in self._changes:
            offset, new = self._changes[self._readings]
            self._content[offset : offset + len(new)] = new
        return len(part)


def read(log: ChangingLog, slots: tuple[int, ...]) -> Batch:
    (batch,) = reader.UnitReader(log, rust.decode, parse_channels("all"), keep_raw=False).batches(Unit(log.path, slots))
    return batch


def numbers(batch: Batch) -> list[int]:
    return [event.position.record for event in batch.events]


def test_a_chunk_overwritten_while_it_was_read_is_noticed_and_read_again(log: Log) -> None:
    old, new = log(10), log(10, first_record=101)
    torn = old[: FILE_HEADER_BYTES + 2000] + new[FILE_HEADER_BYTES + 2000 :]
    batch = read(ChangingLog(torn, {1: (0, new)}), (0,))
    assert numbers(batch) == list(range(101, 111))
    (problem,) = batch.problems
    assert problem.reason.startswith("the chunk was overwritten while it was read")
    assert (problem.records, problem.position.chunk) == (10, 0)


def test_a_chunk_that_was_read_whole_before_it_was_overwritten_stands(log: Log) -> None:
    old, new = log(10), log(10, first_record=101)
    batch = read(ChangingLog(old, {1: (0, new)}), (0,))
    assert (numbers(batch), batch.problems) == (list(range(1, 11)), [])


def test_a_chunk_that_grew_while_it_was_read_is_not_read_again(log: Log) -> None:
    shorter, longer = log(5, records_per_chunk=20), log(8, records_per_chunk=20)
    batch = read(ChangingLog(shorter, {1: (0, longer)}), (0,))
    assert (numbers(batch), batch.problems) == ([1, 2, 3, 4, 5], [])


@pytest.mark.parametrize(
    ("slots", "runs"),
    [
        ((), []),
        ((4,), [(4, 1)]),
        ((4, 5, 0, 1, 2), [(4, 2), (0, 3)]),
        (tuple(range(20)), [(0, 16), (16, 4)]),
    ],
)
def test_neighbouring_slots_are_read_together(slots: tuple[int, ...], runs: list[tuple[int, int]]) -> None:
    assert list(reader.windows(slots)) == runs
