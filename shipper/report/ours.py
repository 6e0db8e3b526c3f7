"""Which lines are the shipper's own documents."""

import msgspec

from shipper.report.slim import DATASET


class _Event(msgspec.Struct, frozen=True, gc=False):
    dataset: str = ""


class _Document(msgspec.Struct, frozen=True, gc=False):
    event: _Event = _Event()


_DECODER = msgspec.json.Decoder(_Document)


def is_ours(line: bytes) -> bool:
    """Say whether a line is a document of the shipper's own."""
    try:
        return _DECODER.decode(line).event.dataset == DATASET
    except msgspec.DecodeError:
        return False
