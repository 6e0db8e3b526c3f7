"""Configuration: one TOML file, every key also an environment variable ``SHIPPER_KEY``, flags above both.

Key names are unique over all sections, so that ``elasticsearch.ca_file`` is ``SHIPPER_CA_FILE``.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from shipper.errors import ConfigError

#: Keys that hold a secret: never shown, and a file that holds one may be read by its owner alone.
SECRETS = frozenset({"api_key", "password", "webhook_secret"})

_REFERENCE = "see docs/reference/configuration.md"


class Ship(msgspec.Struct, frozen=True, kw_only=True):
    """What to read, how to explain it, where to deliver it (section ``[ship]``).

    Attributes:
        inputs: files, folders, globs, or ``-`` for standard input.
        to: an Elasticsearch URL, ``ndjson:PATH`` or ``-``.
        channels: ``connector``, ``neighbours``, ``all``, or channel names separated by commas.
        others: what happens to events of other channels on a stream: left out and counted, or handed through.
        workers: processes that decode; 0 means one a processor.
        decoder: ``rust`` for everyday, ``reference`` for python-evtx.
        namespace: the last part of the data stream's name.
        language: of ``message`` where the collector did not render one.
        preserve_original: keep the event's text in ``event.original``.
        backfill_after_h: events older than this when shipped are tagged ``backfill``.
        state: folder of dead letters and checkpoints.
        tags, labels: added to every document.
        follow: go on reading what is written to the logs, until stopped.
        start_at: where a log begins that has no checkpoint: ``start``, ``end``, or a time (RFC 3339); said, it also
            lets a damaged checkpoint be set aside.
        watch: ``auto`` is told of changes by the operating system and polls besides, ``poll`` polls alone.
        poll_interval_s: how often logs are looked at without being told.
        settle_s: how long a record of a live log that no checksum covers must stay the same before it is believed.
        checkpoint_interval_s: how often progress is made durable while there is any.
        drain_within_s: how long a stop waits for what is under way.
        dead_letters_max_mb: how large the dead letters may become before reading stops.
    """

    inputs: tuple[str, ...] = ()
    to: str = "-"
    channels: str = "connector"
    others: Literal["drop", "pass"] = "drop"
    workers: int = 1
    decoder: Literal["rust", "reference"] = "rust"
    namespace: str = "default"
    language: Literal["en", "it"] = "en"
    preserve_original: bool = False
    backfill_after_h: float = 24
    state: str = ""
    tags: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    follow: bool = False
    start_at: str = ""
    watch: Literal["auto", "poll"] = "auto"
    poll_interval_s: float = 1.0
    settle_s: float = 0.5
    checkpoint_interval_s: float = 1.0
    drain_within_s: float = 10
    dead_letters_max_mb: int = 1024


class Operations(msgspec.Struct, frozen=True, kw_only=True):
    """How a shipper that runs for long is watched (section ``[operations]``).

    Attributes:
        listen: ``HOST:PORT`` for metrics and health over HTTP; empty for none.
        log_format: ``text`` for people, ``ecs`` for one ECS document a line on standard error.
        heartbeat_s: how often a run that goes on until it is stopped writes a metrics document to the data stream; 0
            for never.
    """

    listen: str = ""
    log_format: Literal["text", "ecs"] = "text"
    heartbeat_s: float = 60


class Elasticsearch(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach Elasticsearch (section ``[elasticsearch]``); secrets better in the environment or in a file.

    Attributes:
        api_key, api_key_file: the encoded API key, or a file that holds it.
        username, password, password_file: basic authentication, where no API key is given.
        ca_file: PEM file of the certificate authority.
        ca_fingerprint: SHA-256 fingerprint of it, as Elasticsearch prints at its first start.
        in_flight: requests under way at once.
        batch_docs, batch_bytes: the most one request carries.
        batch_age_s: how long a document may wait for its batch to fill.
        request_timeout_s: how long one answer may take.
        give_up_after_s: how long to go on trying while nothing gets through; 0 means for ever; by default 300, and
            for ever where a log is followed.
        allow_foreign_mapping: write even where the mapping is not ours.
        allow_clear_text: send credentials over plain http to other hosts, as within a network of containers.
    """

    api_key: str = ""
    api_key_file: str = ""
    username: str = ""
    password: str = ""
    password_file: str = ""
    ca_file: str = ""
    ca_fingerprint: str = ""
    in_flight: int = 2
    batch_docs: int = 2000
    batch_bytes: int = 4 << 20
    batch_age_s: float = 1.0
    request_timeout_s: float = 60
    give_up_after_s: float | None = None
    allow_foreign_mapping: bool = False
    allow_clear_text: bool = False

    def __repr__(self) -> str:
        """Name the class alone: a repr could end in a log, and secrets must not."""
        return f"{type(self).__name__}(...)"


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules look at what is shipped, and who is told (section ``[alerts]``).

    Attributes:
        alerts_to: outlets: ``index``, ``-``, ``ndjson:FILE``, ``webhook:URL``, ``syslog:udp://HOST``,
            ``syslog:tcp://HOST``, ``syslog:tls://HOST``; without one no rule is looked at.
        rules: folder of the rules' files; the packed ones where it is empty.
        rules_scope: ``host`` leaves rules over groups wider than a host to ``shipper evaluate``; ``all`` is for one
            shipper that sees everything.
        rules_off: ids of rules that are left out.
        include_backfill: raise alerts of old events, too.
        lateness_s: how long after its time an event may come and still be judged in its place.
        alerts_max: how many alerts may wait before reading stops.
        alerts_timeout_s: how long one answer of a webhook or a syslog server may take.
        alerts_ca_file: PEM file of the authority of their certificates; the system's where it is empty.
        webhook_secret, webhook_secret_file: what requests to webhooks are signed with, or a file that holds it.
    """

    alerts_to: tuple[str, ...] = ()
    rules: str = ""
    rules_scope: Literal["host", "all"] = "host"
    rules_off: tuple[str, ...] = ()
    include_backfill: bool = False
    lateness_s: float = 120
    alerts_max: int = 10_000
    alerts_timeout_s: float = 10
    alerts_ca_file: str = ""
    webhook_secret: str = ""
    webhook_secret_file: str = ""

    def __repr__(self) -> str:
        """Name the class alone: a repr could end in a log, and secrets must not; the path of a webhook may be one."""
        return f"{type(self).__name__}(...)"


class Kibana(msgspec.Struct, frozen=True, kw_only=True):
    """Where dashboards and rules are installed (section ``[kibana]``); credentials are those of Elasticsearch.

    Attributes:
        kibana_url: ``https://HOST:5601``, with the base path where it has one; empty for none.
        kibana_space: the id of a space; empty for the default one.
        kibana_ca_file: PEM file of the authority of Kibana's certificate, where that is another than Elasticsearch's.
        kibana_ca_fingerprint: SHA-256 fingerprint of it.
    """

    kibana_url: str = ""
    kibana_space: str = ""
    kibana_ca_file: str = ""
    kibana_ca_fingerprint: str = ""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set."""

    ship: Ship = Ship()
    elasticsearch: Elasticsearch = Elasticsearch()
    operations: Operations = Operations()
    alerts: Alerts = Alerts()
    kibana: Kibana = Kibana()


_SECTIONS: dict[str, type[msgspec.Struct]] = {
    "ship": Ship,
    "elasticsearch": Elasticsearch,
    "operations": Operations,
    "alerts": Alerts,
    "kibana": Kibana,
}

#: Section of each key.
SECTION_OF = {key: section for section, kind in _SECTIONS.items() for key in kind.__struct_fields__}


def load(path: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Config:
    """Merge defaults, the file, the environment and the flags, each above the one before.

    Args:
        path: the TOML file, or ``None`` for none.
        environment: usually ``os.environ``; only names that start with ``SHIPPER_`` are looked at.
        flags: key to value for each flag that was given.

    Raises:
        ConfigError: naming file and key (or variable), with the nearest known name as hint.
    """
    merged: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    if path is not None:
        for section, values in _read(path).items():
            merged[section].update(values)
    for key, text in _from_environment(environment):
        merged[SECTION_OF[key]][key] = text
    for key, value in flags.items():
        merged[SECTION_OF[key]][key] = value
    return _checked(_converted(merged))


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        raw = path.read_bytes()
        table = tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path), hint="check --config") from None
    except (ValueError, RecursionError) as error:  # numbers of 4,300 digits and a thousand brackets are no TOML either
        raise ConfigError(f"is not TOML: {error}", where=str(path), hint=_REFERENCE) from None
    for section, values in table.items():
        if section not in _SECTIONS:
            raise ConfigError("unknown section", where=f"{path}: {section}", hint=f"known: {', '.join(_SECTIONS)}")
        if not isinstance(values, dict):
            raise ConfigError(
                "is no section", where=f"{path}: {section}", hint=f"write [{section}] on a line of its own"
            )
        for key in values:
            _check_key(f"{path}: {section}.{key}", section, key)
        _refuse_open_secrets(path, section, values)
    _convert_sections(table, str(path))
    return table


def _check_key(where: str, section: str, key: str) -> None:
    if SECTION_OF.get(key) == section:
        return
    if key in SECTION_OF:
        raise ConfigError("unknown key", where=where, hint=f"it belongs into [{SECTION_OF[key]}]")
    raise ConfigError("unknown key", where=where, hint=_nearest(key))


def _nearest(key: str) -> str:
    import difflib

    near = difflib.get_close_matches(key.lower(), SECTION_OF, n=2)
    return f"did you mean {' or '.join(near)}?" if near else _REFERENCE


def _refuse_open_secrets(path: Path, section: str, values: Mapping[str, Any]) -> None:
    found = SECRETS.intersection(values)
    if found and os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            "holds a secret and others may read the file",
            where=f"{path}: {section}.{min(found)}",
            hint=f"chmod 600 {path}, or use SHIPPER_{min(found).upper()} or {section}.{min(found)}_file",
        )


def _from_environment(environment: Mapping[str, str]) -> list[tuple[str, Any]]:
    known = []
    for name, text in environment.items():
        if not name.startswith("SHIPPER_") or name in _NOT_KEYS:
            continue
        key = name.removeprefix("SHIPPER_").lower()
        if key not in SECTION_OF:
            raise ConfigError("unknown variable", where=f"environment: {name}", hint=_nearest(key))
        known.append((key, _listed(key, text)))
    return known


#: Variables with our prefix that are no configuration keys.
_NOT_KEYS = frozenset({"SHIPPER_CONFIG", "SHIPPER_SHARED", "SHIPPER_TRACEBACK"})


#: Keys whose variables are lists, separated by commas.
_LISTS = frozenset({"inputs", "tags", "alerts_to", "rules_off"})


def _listed(key: str, text: str) -> Any:
    if key in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if key == "labels":
        pairs = [part.partition("=") for part in text.split(",") if part.strip()]
        # A pair without its = becomes None, which is refused with the name of the key.
        return {name.strip(): value if equals else None for name, equals, value in pairs}
    return text


def _convert_sections(table: Mapping[str, Any], where: str) -> None:
    for section, kind in _SECTIONS.items():
        try:
            msgspec.convert(table.get(section, {}), kind, strict=True)
        except msgspec.ValidationError as error:
            raise _type_error(error, f"{where}: {section}") from None


def _converted(merged: Mapping[str, Mapping[str, Any]]) -> Config:
    try:
        return msgspec.convert(merged, Config, strict=False)
    except msgspec.ValidationError as error:
        raise _type_error(error, "configuration") from None


def _type_error(error: msgspec.ValidationError, where: str) -> ConfigError:
    message, _, path = str(error).partition(" - at `$")
    key = path.rstrip("`").lstrip(".")
    return ConfigError(
        message[:1].lower() + message[1:],
        where=f"{where}.{key}" if key else where,
        hint=_REFERENCE,
    )


#: More processes than ``concurrent.futures`` starts on Windows, or as many connections, are a slip of the keyboard.
_MOST_AT_ONCE = 61
#: Longer times, in seconds or hours, are not what anybody means, and ``nan`` and ``inf`` are none.
_AGES = 1_000_000_000


def _checked(config: Config) -> Config:
    """Check what a type cannot say."""
    ship, elastic, alerts = config.ship, config.elasticsearch, config.alerts
    rules = (
        (not 0 <= ship.workers <= _MOST_AT_ONCE, "ship.workers", f"must be 0 to {_MOST_AT_ONCE}"),
        (not 0 < ship.backfill_after_h <= _AGES, "ship.backfill_after_h", "must be above 0, and finite"),
        (
            not _is_namespace(ship.namespace),
            "ship.namespace",
            'must be 1 to 100 lower-case characters without - * ? " < > | , # : / \\ or blank',
        ),
        (any("\0" in text for text in (*ship.inputs, ship.to, ship.state)), "ship", "a NUL stands in a path"),
        (not 1 <= elastic.in_flight <= _MOST_AT_ONCE, "elasticsearch.in_flight", f"must be 1 to {_MOST_AT_ONCE}"),
        (elastic.batch_docs < 1, "elasticsearch.batch_docs", "must be 1 or more"),
        (elastic.batch_bytes < 1 << 10, "elasticsearch.batch_bytes", "must be 1024 or more"),
        (not 0 < elastic.batch_age_s <= _AGES, "elasticsearch.batch_age_s", "must be above 0, and finite"),
        (not 0 < elastic.request_timeout_s <= _AGES, "elasticsearch.request_timeout_s", "must be above 0, and finite"),
        (
            not 0 <= (elastic.give_up_after_s or 0) <= _AGES,
            "elasticsearch.give_up_after_s",
            "must be 0 (never) or more",
        ),
        (not is_start(ship.start_at), "ship.start_at", "must be start, end, or a time as 2026-11-24T09:30:00Z"),
        (not 0 < ship.poll_interval_s <= _AGES, "ship.poll_interval_s", "must be above 0, and finite"),
        (not 0 <= ship.settle_s <= _AGES, "ship.settle_s", "must be 0 or more, and finite"),
        (not 0 <= ship.checkpoint_interval_s <= _AGES, "ship.checkpoint_interval_s", "must be 0 or more, and finite"),
        (not 0 <= ship.drain_within_s <= _AGES, "ship.drain_within_s", "must be 0 or more, and finite"),
        (ship.dead_letters_max_mb < 1, "ship.dead_letters_max_mb", "must be 1 or more"),
        (not 0 <= config.operations.heartbeat_s <= _AGES, "operations.heartbeat_s", "must be 0 (never) or more"),
        (not 0 <= alerts.lateness_s <= _AGES, "alerts.lateness_s", "must be 0 or more, and finite"),
        (alerts.alerts_max < 1, "alerts.alerts_max", "must be 1 or more"),
        (not 0 < alerts.alerts_timeout_s <= _AGES, "alerts.alerts_timeout_s", "must be above 0, and finite"),
    )
    for broken, key, rule in rules:
        if broken:
            raise ConfigError(rule, where=key, hint=_REFERENCE)
    return config


def is_start(text: str) -> bool:
    """Say whether ``text`` says where a log begins that has no checkpoint."""
    return text in ("", "start", "end") or start_time_s(text) is not None


def start_time_s(text: str) -> float | None:
    """Return the time that ``text`` is (RFC 3339, with its zone) in seconds since 1970, ``None`` where it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.timestamp() if time.tzinfo is not None else None


_NAMESPACE_RULE = 'must be 1 to 100 lower-case characters without blanks and without - * ? " < > | , # : / \\'


def _is_namespace(text: str) -> bool:
    """Say whether ``text`` may end a data stream's name.

    Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create-data-stream
    """
    bad = set('-*?"<>|,#:/\\ ')
    return 0 < len(text) <= 100 and text == text.lower() and not bad.intersection(text)  # noqa: PLR2004 (the ECS limit)
