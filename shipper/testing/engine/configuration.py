"""The configuration folder of one node."""

import json
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from shipper.errors import EngineError
from shipper.testing.engine.access import USERNAME, password_hash
from shipper.testing.engine.certificates import Authority, write_certificates

#: Where a node listens is not for a test to choose.
ADDRESS_SETTING = re.compile(r"(network|http|transport)(\.profiles\..+)?\.(bind_|publish_)?host")
OPEN = {"xpack.security.enabled": "false"}
SECURED = {
    "xpack.security.enabled": "true",
    "xpack.security.autoconfiguration.enabled": "false",
    "xpack.security.http.ssl.enabled": "true",
    "xpack.security.http.ssl.certificate": "node.pem",
    "xpack.security.http.ssl.key": "node.key",
    "xpack.security.http.ssl.certificate_authorities": "ca.pem",
}
DEFAULTS = {
    "cluster.name": "shipper-tests",
    "discovery.type": "single-node",
    "http.port": "0",  # any free one; the node tells which
    "transport.port": "0",
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # a full disk of a developer is no concern here
}
FIXED = {"network.host": "127.0.0.1", "node.portsfile": "true"}


class Secrets(msgspec.Struct, frozen=True):
    """What a secured node is reached with."""

    ca_file: Path
    username: str
    password: str

    def __repr__(self) -> str:
        """Say nothing of the password."""
        return f"Secrets(ca_file={self.ca_file!r}, username={self.username!r})"


def write_configuration(
    folder: Path,
    *,
    data: Path | None,
    settings: Mapping[str, str],
    secured: bool,
    authority: Authority | None = None,
) -> Secrets | None:
    """Write a node's configuration and return what reaches it where it is secured.

    Args:
        folder: of the node; gets ``config/``, ``logs/`` (with the ports it listens on) and ``tmp/``.
        data: folder of its indices; ``data/`` in ``folder`` by default.
        settings: of Elasticsearch, on top of the defaults here.
        secured: whether the node asks for TLS and credentials.
        authority: signs its certificate; a new one by default.

    Raises:
        EngineError: a setting would make the node listen elsewhere than on loopback.
    """
    _refuse_addresses(settings)
    for name in ("config", "logs", "tmp"):
        (folder / name).mkdir()
    config = folder / "config"
    found = _write_security(config, authority) if secured else None
    security = SECURED if secured else OPEN
    paths = {"path.data": str(data or folder / "data"), "path.logs": str(folder / "logs")}
    _write_settings(config, {**DEFAULTS, **security, **settings, **paths, **FIXED})
    return found


def _refuse_addresses(settings: Mapping[str, str]) -> None:
    for name in settings:
        if ADDRESS_SETTING.fullmatch(name):
            raise EngineError("the embedded Elasticsearch listens on 127.0.0.1 alone", where=name)


def _write_settings(folder: Path, settings: Mapping[str, str]) -> None:
    lines = (f"{json.dumps(name)}: {json.dumps(value)}\n" for name, value in settings.items())  # JSON is YAML
    (folder / "elasticsearch.yml").write_text("".join(lines), "utf-8")


def _write_security(folder: Path, authority: Authority | None) -> Secrets:
    files = write_certificates(folder, authority)
    password = secrets.token_urlsafe(24)
    (folder / "users").write_text(f"{USERNAME}:{password_hash(password)}\n", "utf-8")
    (folder / "users_roles").write_text(f"superuser:{USERNAME}\n", "utf-8")
    return Secrets(files.authority, USERNAME, password)
