"""From the words of a user to the outlets that alerts go to."""

import ssl
from collections.abc import Callable
from pathlib import Path

from shipper.alerts import Outlet, Unavailable
from shipper.config import Alerts, Config
from shipper.errors import ConfigError, UsageError
from shipper.sinks import Sink
from shipper.sinks.lines import stamp_now

#: How an outlet is written, for those who wrote something else.
FORMS = "index, -, ndjson:FILE, webhook:https://HOST/PATH, syslog:udp://HOST, syslog:tcp://HOST or syslog:tls://HOST"


def open_outlets(
    config: Config, elasticsearch: str, on_pause: Callable[[str], None], on_notice: Callable[[str], None]
) -> list[Outlet]:
    """Return the outlets that ``alerts.alerts_to`` names, each once; nothing is sent yet.

    Args:
        config: says which and how.
        elasticsearch: URL that ``index`` means; empty where there is none.
        on_pause: told why Elasticsearch takes no alerts.
        on_notice: told of replaced credentials and authorities.

    Raises:
        UsageError: one of them is none, or does not fit.
        ConfigError: a file that they need cannot be read.
    """
    opened: dict[str, Outlet] = {}
    for text in config.alerts.alerts_to:
        outlet = _index(config, elasticsearch, on_pause, on_notice) if text == "index" else _outlet(text, config)
        opened.setdefault(outlet.name, outlet)
    return list(opened.values())


def _outlet(text: str, config: Config) -> Outlet:
    kind, _, rest = text.partition(":")
    if text == "-":
        from shipper.alerts.lines import StdoutOutlet

        return StdoutOutlet(stamp_now)
    if kind == "ndjson" and rest:
        return _file(Path(rest), config)
    if kind == "webhook":
        return _webhook(rest, config.alerts)
    if kind == "syslog":
        return _syslog(rest, config.alerts)
    raise UsageError("names no outlet", where="--alerts", hint=FORMS)  # it may be a URL with a secret in its path


def _index(
    config: Config, elasticsearch: str, on_pause: Callable[[str], None], on_notice: Callable[[str], None]
) -> Outlet:
    if not elasticsearch:
        raise UsageError(
            "index needs an Elasticsearch", where="--alerts", hint="--to https://HOST:9200, or ndjson:FILE"
        )
    from shipper.alerts.index import IndexOutlet
    from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Limits

    connection = Connection.to(elasticsearch, config.elasticsearch, connections=2)
    allow = config.elasticsearch.allow_foreign_mapping

    def open_sink() -> Sink:
        # Every alert may have been sent before: by a run that was killed, or by another evaluator.
        return ElasticsearchSink(
            connection,
            Limits(in_flight=1, give_up_after_s=None),
            allow_foreign_mapping=allow,
            sent_before=True,
            on_pause=lambda reason: on_pause(f"index: {reason}"),
            on_notice=on_notice,
        )

    return IndexOutlet(open_sink, connection.target)


def _file(path: Path, config: Config) -> Outlet:
    from shipper.alerts.lines import FileOutlet

    to = config.ship.to
    if to.startswith("ndjson:") and Path(to.removeprefix("ndjson:")).absolute() == path.absolute():
        raise UsageError("documents go to the same file", where=f"--alerts ndjson:{path}", hint="name another file")
    return FileOutlet(path, stamp_now)


def _webhook(url: str, alerts: Alerts) -> Outlet:
    from shipper.alerts.address import parse_webhook
    from shipper.alerts.webhook import Call, WebhookOutlet

    address = parse_webhook(url)
    context = _trust(alerts) if address.scheme == "https" else None
    return WebhookOutlet(address, Call(alerts.alerts_timeout_s, context, webhook_secret(alerts), stamp_now))


def _syslog(url: str, alerts: Alerts) -> Outlet:
    from shipper.alerts.address import parse_syslog
    from shipper.alerts.syslog import StreamOutlet, UdpOutlet

    address = parse_syslog(url)
    if address.transport == "udp":
        return UdpOutlet(address, stamp_now)
    context = _trust(alerts) if address.transport == "tls" else None
    return StreamOutlet(address, stamp_now, alerts.alerts_timeout_s, context)


def _trust(alerts: Alerts) -> ssl.SSLContext:
    from shipper.alerts.line import trust

    return trust(alerts.alerts_ca_file)


def webhook_secret(alerts: Alerts) -> Callable[[], bytes] | None:
    """Return what gives the secret that requests to webhooks are signed with, ``None`` where there is none.

    A secret in a file is read at each request, so that it can be replaced without a restart.

    Raises:
        ConfigError: the file cannot be read, or holds nothing or no text.
    """
    from shipper.sinks.elasticsearch import Secret
    from shipper.sinks.elasticsearch.secret import secret

    def read() -> Secret | None:
        return secret(alerts.webhook_secret.strip(), alerts.webhook_secret_file, "webhook_secret_file", "alerts")

    if read() is None:
        return None

    def reveal() -> bytes:
        try:
            found = read()
        except ConfigError as error:
            raise Unavailable(f"its secret's file {error.message}") from None
        return found.reveal().encode() if found is not None else b""

    return reveal
