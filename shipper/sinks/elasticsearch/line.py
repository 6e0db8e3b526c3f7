"""The HTTP line to Elasticsearch, on ``elastic_transport``: bytes go in and come out as they are."""

import base64
import logging
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import urllib3
from elastic_transport import NodeConfig, Serializer, Transport, Urllib3HttpNode

from shipper import __version__
from shipper.sinks.elasticsearch import tls
from shipper.sinks.elasticsearch.connection import Connection

#: Its warnings about failed nodes would land on the terminal of whoever has set up no logging; the sink says it itself.
logging.getLogger("elastic_transport").addHandler(logging.NullHandler())


#: To connect and to agree on TLS takes a few round trips, however long an answer may take; it cannot be interrupted.
CONNECTS_WITHIN_S = 10.0


class AsItIs(Serializer):
    """Leaves bodies alone: they are encoded once, elsewhere, and decoded by whoever knows their type."""

    def dumps(self, data: bytes) -> bytes:
        """Return the body to send."""
        return data

    def loads(self, data: bytes) -> bytes:
        """Return the body that came."""
        return data


class _Cuttable(urllib3.HTTPConnectionPool):
    """A pool that knows which of its connections a request is under way on."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.busy: set[Any] = set()

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)
        self.busy.add(connection)
        return connection

    def _put_conn(self, conn: Any) -> None:
        self.busy.discard(conn)
        super()._put_conn(conn)


class _Pool(_Cuttable):
    """Of plain http."""


class _SecurePool(_Cuttable, urllib3.HTTPSConnectionPool):
    """Of https."""


class ContextNode(Urllib3HttpNode):
    """A node that trusts its TLS context alone, where the stock one adds bundled authorities; its lines can be cut."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        answer_s = config.request_timeout or CONNECTS_WITHIN_S
        options: dict[str, Any] = {
            "port": config.port,
            "timeout": urllib3.Timeout(connect=min(CONNECTS_WITHIN_S, answer_s), read=answer_s),
            "maxsize": config.connections_per_node,
            "block": True,
        }
        if config.ssl_context is None:
            self.pool = _Pool(config.host, **options)
            return
        self.pool = _SecurePool(
            config.host,
            **options,
            ssl_context=config.ssl_context,
            cert_reqs="CERT_REQUIRED",
            assert_hostname=None if config.ssl_context.check_hostname else False,
        )

    def cut(self) -> None:
        """End every request that is under way, as if the line broke."""
        pool = self.pool
        for connection in tuple(pool.busy) if isinstance(pool, _Cuttable) else ():
            if connection.sock is not None:
                with suppress(OSError):  # it has just ended by itself
                    connection.sock.shutdown(socket.SHUT_RDWR)


def open_line(connection: Connection) -> Transport:
    """Return the transport for ``connection``; it never repeats a request by itself."""
    parts = urlsplit(connection.url)
    host = parts.hostname or ""
    settings: dict[str, Any] = {}
    if parts.scheme == "https":
        settings["ssl_context"] = tls.context(connection, host)
    node = NodeConfig(
        parts.scheme,
        host,
        connection.port,
        path_prefix=parts.path.rstrip("/"),
        headers=_headers(connection),
        connections_per_node=connection.connections,
        request_timeout=connection.request_timeout_s,
        **settings,
    )
    keep = AsItIs()
    return Transport(
        [node],
        node_class=ContextNode,
        serializers={"application/json": keep, "application/*": keep, "text/*": keep},
        max_retries=0,
        retry_on_status=(),
        meta_header=False,
    )


def cut(transport: Transport) -> None:
    """End every request that is under way on ``transport``; one that is just connecting ends when that is done."""
    for node in transport.node_pool.all():
        if isinstance(node, ContextNode):
            node.cut()


def _headers(connection: Connection) -> dict[str, str]:
    headers = {"user-agent": f"intune-connector-shipper/{__version__}"}
    if connection.api_key is not None:
        headers["authorization"] = f"ApiKey {_encoded(connection.api_key.reveal())}"
    elif connection.password is not None:
        pair = f"{connection.username}:{connection.password.reveal()}"
        headers["authorization"] = f"Basic {_base64(pair)}"
    return headers


def _encoded(key: str) -> str:
    """Return the key as the header wants it; ``id:secret`` is what it decodes to, and is taken too."""
    return _base64(key) if ":" in key else key


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def fault(error: BaseException) -> tuple[str, bool]:
    """Return why no answer came, in the operating system's words, and whether the request may have been carried out."""
    cause: BaseException | None = error
    words = ""
    undelivered = False
    while cause is not None:
        undelivered = undelivered or isinstance(cause, urllib3.exceptions.NewConnectionError)
        if isinstance(cause, OSError) and cause.strerror:
            words = cause.strerror
        cause = cause.__cause__ or cause.__context__
    return (words or str(error)).lower(), not undelivered
