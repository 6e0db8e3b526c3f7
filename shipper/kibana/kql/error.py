"""What is wrong with a query, and where."""

from shipper.errors import ShipperError

#: How much of the query an error shows, characters.
SHOWN = 40


class KqlError(ShipperError):
    """A query that Kibana, or this reader of its language, does not take.

    Attributes:
        position: index of the character, from 0; the length of the query for its end.
        expected: what could stand there; empty where nothing could.
    """

    exit_code = 2

    def __init__(self, fault: str, *, text: str, position: int, expected: str = "") -> None:
        rest = text[position : position + SHOWN]
        found = f"at “{rest}”" if rest else "at its end"
        wanted = f"; expected {expected}" if expected else ""
        super().__init__(f"{fault} {found}{wanted}", where=f"KQL, character {position + 1}")
        self.position = position
        self.expected = expected
