"""How a node is reached: its URL and, where it is secured, its authority and a superuser."""

import base64
import hashlib
import http.client
import json
import secrets
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from shipper.errors import EngineError

USERNAME = "test-superuser"
#: Of PBKDF2; few, because the password is random, of 192 bits and lives as long as the node.
ITERATIONS = 1000


class Access(msgspec.Struct, frozen=True):
    """What a client needs to reach a node.

    Attributes:
        url: ``http://127.0.0.1:PORT``, with ``https`` where the node is secured.
        ca_file: PEM file of the authority that signed the node's certificate; ``None`` where there is no TLS.
        username: of a superuser; empty where the node asks for none.
        password: its password.
    """

    url: str
    ca_file: Path | None = None
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Say all but the password."""
        return f"Access(url={self.url!r}, ca_file={self.ca_file!r}, username={self.username!r})"

    def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, timeout_s: float = 30
    ) -> tuple[int, dict[str, Any]]:
        """Send one request as the superuser and return status and decoded JSON body, ``{}`` where there is none.

        Raises:
            OSError: the node cannot be reached.
        """
        connection = self._connection(timeout_s)
        try:
            payload = json.dumps(body) if body is not None else None
            connection.request(method, path, payload, self._headers())
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(content) if content else {}

    def create_api_key(self, name: str, role_descriptors: Mapping[str, Any] | None = None) -> str:
        """Return a new API key, encoded as clients take it: base64 of ``id:key``.

        Args:
            name: of the key.
            role_descriptors: what it may do; all that the superuser may by default.

        Raises:
            EngineError: the node refuses.
        """
        body = {"name": name, "role_descriptors": dict(role_descriptors or {})}
        status, answer = self.request("POST", "/_security/api_key?refresh=true", body)
        if status != http.HTTPStatus.OK:
            raise EngineError(f"no API key: {status} {json.dumps(answer)}", where=self.url)
        return str(answer["encoded"])

    def _connection(self, timeout_s: float) -> http.client.HTTPConnection:
        address = urlsplit(self.url).netloc
        if self.ca_file is None:
            return http.client.HTTPConnection(address, timeout=timeout_s)
        context = ssl.create_default_context(cafile=str(self.ca_file))
        return http.client.HTTPSConnection(address, timeout=timeout_s, context=context)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self.username:
            pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        return headers


def password_hash(password: str) -> str:
    """Return a hash that Elasticsearch's file realm takes: ``{PBKDF2}ITERATIONS$SALT$KEY``, both in base64.

    Of the formats that the realm reads this is one that Python's standard library can write; bcrypt is not.
    Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-settings.html#hashing-settings
    """
    salt = secrets.token_bytes(32)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, dklen=32)
    return f"{{PBKDF2}}{ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
