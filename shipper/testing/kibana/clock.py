"""A clock that moves with every look, so that no two moments are the same."""

import datetime as dt

_START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


class Clock:
    """Tells times as Kibana writes them."""

    def __init__(self) -> None:
        self._now = _START

    def now(self) -> str:
        """Return the next moment, 1.7 s later."""
        self._now += dt.timedelta(milliseconds=1700)
        return self._now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
