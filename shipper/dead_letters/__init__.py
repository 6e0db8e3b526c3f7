"""Documents that could not be delivered, each whole, with its reason: one JSON object a line, bounded, until replayed.

The file holds personal data: its folder is made with mode 0700, the file with 0600.
"""

from shipper.dead_letters.access import FILE_NAME, REFUSED_ALERTS
from shipper.dead_letters.file import MOST_BYTES, DeadLetterFile
from shipper.dead_letters.letter import DeadLetter, letter
from shipper.dead_letters.reading import Line, Tally, read, read_lines, tally
from shipper.dead_letters.rewriting import Rewriting

__all__ = [
    "FILE_NAME",
    "MOST_BYTES",
    "REFUSED_ALERTS",
    "DeadLetter",
    "DeadLetterFile",
    "Line",
    "Rewriting",
    "Tally",
    "letter",
    "read",
    "read_lines",
    "tally",
]
