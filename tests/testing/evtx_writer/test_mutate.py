"""Damage by chance is damage, and the same again from the same seed."""

import random
import struct
from collections.abc import Callable

import pytest

from shipper.testing.evtx_writer import CHUNK_BYTES, FILE_HEADER_BYTES, EventSpec, build_log, chunk_header_crc
from shipper.testing.evtx_writer.mutate import mutate

Make = Callable[..., EventSpec]


@pytest.fixture
def logs(event: Make) -> list[bytes]:
    """Return logs of two and of one chunk."""
    texts = [event(data=(("Text", "x" * number),)) for number in range(6)]
    return [build_log(texts, records_per_chunk=3), build_log([event()] * 5)]


def _mutated(logs: list[bytes], seed: int) -> bytes:
    return mutate(logs[0], random.Random(seed), logs)  # noqa: S311 (repeatable on purpose)


def test_the_same_seed_gives_the_same_bytes(logs: list[bytes]) -> None:
    assert [_mutated(logs, seed) for seed in range(50)] == [_mutated(logs, seed) for seed in range(50)]


def test_nearly_every_seed_gives_other_damage(logs: list[bytes]) -> None:
    damaged = {_mutated(logs, seed) for seed in range(200)}
    assert len(damaged - {logs[0]}) > 190


def test_what_is_damaged_already_can_be_damaged_again(logs: list[bytes]) -> None:
    chance = random.Random(7)  # noqa: S311 (repeatable on purpose)
    log = logs[0]
    for _ in range(2000):
        log = mutate(log, chance, logs) or logs[0]
    assert log != logs[0]


def test_of_some_the_checksums_are_right_though_their_chunks_are_damaged(logs: list[bytes]) -> None:
    begin, end = FILE_HEADER_BYTES, FILE_HEADER_BYTES + CHUNK_BYTES
    chunks = [_mutated(logs, seed)[begin:end] for seed in range(100)]
    damaged = [chunk for chunk in chunks if len(chunk) == CHUNK_BYTES and chunk != logs[0][begin:end]]
    right = [chunk for chunk in damaged if struct.unpack_from("<I", chunk, 124) == (chunk_header_crc(chunk),)]
    assert 10 < len(right) < len(damaged)
