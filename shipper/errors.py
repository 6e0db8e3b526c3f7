"""The errors: each is here because a caller acts on it; only the command line turns one into an exit.

Exit codes (the design of the command line): 2 bad usage or configuration, 3 source or sink unreachable for good.
"""

from shipper.model import Position


class ShipperError(Exception):
    """Base of every error a user sees.

    Args:
        message: what went wrong, one sentence without a full stop.
        where: file, position, key or URL it concerns.
        hint: what to try next.
    """

    exit_code = 3

    def __init__(self, message: str, *, where: Position | str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """Say place and fault, without the hint: ``config.toml: ship.wrokers: unknown key``."""
        return f"{self.where}: {self.message}" if self.where is not None else self.message


class UsageError(ShipperError):
    """The command line asks for something that does not exist or does not fit."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration file or environment variable is wrong; ``where`` names the file and the key."""


class SourceError(ShipperError):
    """An input cannot be read at all: missing, empty, no event log, no permission."""


class SinkError(ShipperError):
    """A sink cannot take documents for good: unreachable, wrong version, disk full."""


class AuthenticationError(SinkError):
    """Elasticsearch refuses the credentials (401) or the privileges (403)."""


class MappingError(SinkError):
    """The index is there, but its mapping is not ours."""


class StateError(ShipperError):
    """The state folder is corrupt, foreign or locked."""


class EngineError(ShipperError):
    """The embedded Elasticsearch of tests and demo cannot be assembled or started."""
