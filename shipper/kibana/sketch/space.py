"""A place on the page."""

import msgspec


class Space(msgspec.Struct, frozen=True):
    """A rectangle, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def as_attributes(self) -> str:
        """The rectangle as attributes of SVG."""
        return f'x="{self.x:g}" y="{self.y:g}" width="{self.width:g}" height="{self.height:g}"'

    def inner(self, head: float) -> "Space":
        """Return what is left within an edge and below a head."""
        return Space(self.x + 10, self.y + 10 + head, self.width - 20, self.height - 20 - head)

    def part(self, left: float, top: float, width: float, height: float) -> "Space":
        """Return a part of it, each number a share of one."""
        return Space(
            round(self.x + left * self.width, 1),
            round(self.y + top * self.height, 1),
            round(width * self.width, 1),
            round(height * self.height, 1),
        )
