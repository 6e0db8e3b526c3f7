"""Where metrics are served: ``HOST:PORT``, loopback where no host is named."""

import re

import msgspec

from shipper.errors import UsageError
from shipper.loopback import is_loopback

WHERE = "operations.listen (--listen)"
_HINT = "HOST:PORT, as 127.0.0.1:9479, [::1]:9479 or :9479"
_LOOPBACK = "127.0.0.1"
_MOST_PORT = 65_535
_SHAPE = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\[\]:\s/@]*)):(?P<port>[0-9]{1,5})", re.ASCII)


class Address(msgspec.Struct, frozen=True):
    """A host, by name or number, and a port; port 0 takes any that is free."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Say whether it can be reached from this host alone."""
        return is_loopback(self.host)

    @property
    def url(self) -> str:
        """The address as a browser takes it."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Return the address that ``text`` names; without a host it is that of loopback.

    Raises:
        UsageError: it names none.
    """
    found = _SHAPE.fullmatch(text)
    if found is None or int(found["port"]) > _MOST_PORT:
        raise UsageError(f"is no address to listen at: {text}", where=WHERE, hint=_HINT)
    return Address(found["six"] or found["host"] or _LOOPBACK, int(found["port"]))
