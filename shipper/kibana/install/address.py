"""Where a Kibana is: checked before anything is sent."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from shipper.errors import UsageError
from shipper.kibana.install.kibana import Kibana
from shipper.sinks.elasticsearch.connection import Connection, Credentials

_SPACE = re.compile(r"[a-z0-9_-]+")


def connect(url: str, credentials: Credentials, tell: Callable[[str], None], *, space: str = "") -> Kibana:
    """Return the Kibana at ``url``; nothing is sent yet.

    Args:
        url: ``https://HOST:5601``, with its base path where it has one.
        credentials: as for Elasticsearch.
        tell: told when it is waited for.
        space: the id of a space; empty for the default one.

    Raises:
        UsageError: URL or space are none, or credentials would travel in clear text.
        ConfigError: a file of the credentials is wrong.
    """
    if "@" not in url and not _is_url(url):
        raise UsageError("is no URL of a Kibana", where=url, hint="https://HOST:5601, or http://localhost:5601")
    if space and not _SPACE.fullmatch(space):
        raise UsageError("is no id of a space", where=space, hint="lower-case letters, digits, _ and -, as in its URL")
    return Kibana(Connection.to(url, credentials), space=space or "default", tell=tell)


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that are not closed, a port that is no number
        return False
