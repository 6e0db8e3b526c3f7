"""How a command ends that could not go on: whatever was raised as an error that a user can read."""

import errno
import os
import sys

from shipper.cli.terminal import silence
from shipper.errors import ShipperError, SinkError

#: What printing to a full disk, a closed descriptor or a broken line raises.
_OUTPUT_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF, errno.EIO})


def explained(error: Exception) -> ShipperError:
    """Return ``error`` as one of ours.

    Raises:
        Exception: ``error`` itself, where it is a fault of ours and ``SHIPPER_TRACEBACK`` is set.
    """
    if isinstance(error, ShipperError):
        _silence_output_without_room(error.__cause__)
        return error
    if isinstance(error, BrokenPipeError):
        silence(sys.stdout)
        return SinkError("its reader has gone", where="standard output")
    if _silence_output_without_room(error):
        reason = os.strerror(getattr(error, "errno", 0))
        return SinkError(f"cannot be written: {reason}", where="standard output", hint="send it somewhere else")
    if os.environ.get("SHIPPER_TRACEBACK"):
        raise error
    return _fault(error)


def _silence_output_without_room(error: BaseException | None) -> bool:
    """Say whether ``error`` came from printing; then nothing more is printed."""
    found = isinstance(error, OSError) and error.filename is None and error.errno in _OUTPUT_FAULTS
    if found:
        silence(sys.stdout)
    return found


def _fault(error: Exception) -> ShipperError:
    """Name the kind of error and its place, not its text: that may quote a secret (a header that HTTP refuses)."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else None
    return ShipperError(
        f"a fault in the shipper itself: {type(error).__name__}",
        where=where,
        hint="SHIPPER_TRACEBACK=1 shows where it comes from, perhaps with secrets; please report it",
    )
