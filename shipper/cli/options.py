"""Flags that several commands have, and what they, the environment and a file add up to.

A flag that is absent leaves the choice to environment, file and default.
"""

import argparse
import os
from pathlib import Path
from typing import Any, Protocol

from shipper import config
from shipper.errors import UsageError

_MS = 1_000


class Flags(Protocol):
    """What flags can be declared in: a parser, or a group of one."""

    def add_argument(self, *names: str, **options: Any) -> argparse.Action:
        """Declare one."""
        ...


def add(parser: Flags, flag: str, **options: Any) -> None:
    """Declare a flag that is a key of the configuration."""
    parser.add_argument(flag, default=argparse.SUPPRESS, **options)


def add_config(parser: Flags) -> None:
    """Declare ``--config``."""
    parser.add_argument("--config", metavar="FILE", type=Path, help="TOML file; every key is also SHIPPER_KEY")


def add_elasticsearch(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Declare how to reach Elasticsearch, and return the group, so that a command can add to it."""
    group = parser.add_argument_group("Elasticsearch", "API key and password: SHIPPER_API_KEY, SHIPPER_PASSWORD")
    add(group, "--api-key-file", metavar="FILE", help="file that holds the encoded API key")
    add(group, "--username", metavar="NAME", help="for basic authentication")
    add(group, "--password-file", metavar="FILE", help="file that holds the password")
    add(group, "--ca-file", metavar="FILE", help="PEM file of the certificate authority")
    add(group, "--ca-fingerprint", metavar="HEX", help="SHA-256 fingerprint of the certificate authority")
    return group


def add_alerts(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Declare who is told of alerts, and return the group, so that a command can add to it."""
    group = parser.add_argument_group("alerts", "what webhooks are signed with: SHIPPER_WEBHOOK_SECRET")
    add(
        group,
        "--alerts",
        metavar="OUTLET",
        dest="alerts_to",
        action="append",
        help="index, -, ndjson:FILE, webhook:URL, or syslog:udp://HOST (tcp, tls); may be given again",
    )
    add(group, "--rules", metavar="DIR", help="folder of rules, instead of those that come with the shipper")
    add(group, "--rules-off", metavar="ID", action="append", help="leave out a rule; may be given again")
    add(group, "--include-backfill", action="store_true", help="raise alerts of old events, too")
    add(group, "--webhook-secret-file", metavar="FILE", help="file that holds what webhooks are signed with")
    add(group, "--alerts-ca-file", metavar="FILE", help="PEM file of the authority of webhooks and syslog servers")
    return group


def add_foreign_mapping(group: Flags) -> None:
    """Declare ``--allow-foreign-mapping``, for commands that write."""
    add(group, "--allow-foreign-mapping", action="store_true", help="write even where the mapping is not ours")


def bounds_ms(arguments: argparse.Namespace) -> tuple[int | None, int | None]:
    """Return ``--since`` and ``--until`` in milliseconds since 1970, ``None`` for what was not said.

    Raises:
        UsageError: one is no time, or they are not in their order.
    """
    since_ms, until_ms = _ms(arguments.since, "--since"), _ms(arguments.until, "--until")
    if since_ms is not None and until_ms is not None and until_ms <= since_ms:
        raise UsageError("is not after --since", where="--until", hint="name two times in their order, or one of them")
    return since_ms, until_ms


def _ms(text: str | None, flag: str) -> int | None:
    if text is None:
        return None
    seconds = config.start_time_s(text)
    if seconds is None:
        raise UsageError(f"no time with a zone: {text}", where=flag, hint="write it as 2026-11-24T09:30:00Z")
    return round(seconds * _MS)


def configuration(arguments: argparse.Namespace) -> config.Config:
    """Return the configuration that file, environment and flags add up to.

    Raises:
        ConfigError: one of them is wrong.
    """
    flags = {key: value for key, value in vars(arguments).items() if key in config.SECTION_OF}
    if not flags.get("inputs"):
        flags.pop("inputs", None)
    path = arguments.config or os.environ.get("SHIPPER_CONFIG")
    return config.load(Path(path) if path else None, os.environ, flags)
