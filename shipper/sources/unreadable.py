"""What a frame raises that is no event; the source makes a ``Problem`` of it."""


class Unreadable(Exception):  # noqa: N818 - a value between two modules, never shown as an error
    """A frame cannot be read; its text is the reason, without a full stop."""
