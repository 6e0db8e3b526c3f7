"""The command line. Commands are imported only when named, so that ``shipper --version`` starts fast."""

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    del argv
    return 0
