"""The configuration as it adds up, and who may read the files that its secrets stand in."""

import os
import stat
from pathlib import Path

from shipper.check.finding import Finding, Findings
from shipper.config import Config

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine(settings: Config, file: Path | None) -> Findings:
    """Yield what there is to say of a configuration that could be loaded."""
    yield Finding("ok", "is complete", str(file) if file else "configuration without a file")
    elastic = settings.elasticsearch
    if elastic.password and elastic.password_file:
        yield _shadowed("password")
    if elastic.api_key and elastic.api_key_file:
        yield _shadowed("api_key")
    for key in ("api_key_file", "password_file"):
        named = getattr(elastic, key)
        if named:
            yield from _secret_file(f"elasticsearch.{key}", Path(named))
    if settings.alerts.webhook_secret_file:
        yield from _secret_file("alerts.webhook_secret_file", Path(settings.alerts.webhook_secret_file))


def _shadowed(key: str) -> Finding:
    return Finding(
        "note",
        f"both {key} and {key}_file are given; the file is not read",
        f"elasticsearch.{key}",
        "leave one of them out: what is not read cannot be rotated",
    )


def _secret_file(key: str, path: Path) -> Findings:
    """Look at the rights of a file with a secret; that it is missing is said where it is read."""
    try:
        found = path.stat()
    except OSError:
        return
    where = f"{key}: {path}"
    if os.name != "posix" or not found.st_mode & _OTHERS or _is_credential_of_systemd(path):
        yield Finding("ok", "the secret's file is its owner's alone", where)
    else:
        mode = stat.S_IMODE(found.st_mode)
        yield Finding("warning", f"others may read or change the secret (mode {mode:04o})", where, f"chmod 600 {path}")


def _is_credential_of_systemd(path: Path) -> bool:
    """Say whether systemd put the file there for this service alone, whatever its mode.

    Source: https://systemd.io/CREDENTIALS/
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and path.absolute().is_relative_to(str(folder))
