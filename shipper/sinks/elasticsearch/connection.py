"""Where Elasticsearch is and how it is spoken to: values, checked before anything is sent."""

import re
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import SplitResult, urlsplit

import msgspec

from shipper.errors import ConfigError, UsageError
from shipper.loopback import is_loopback
from shipper.sinks.elasticsearch import secret
from shipper.sinks.elasticsearch.secret import Secret

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_CREDENTIALS = re.compile("//.*@", re.DOTALL)
_NO_HOST = re.compile(r"[\s\x00-\x20\x7f]")
_DEFAULT_PORT = {"http": 80, "https": 443}


class Credentials(Protocol):
    """The keys of the configuration's section ``[elasticsearch]`` that a connection is made of."""

    @property
    def api_key(self) -> str: ...  # noqa: D102 (docs/reference/configuration.md describes each key)
    @property
    def api_key_file(self) -> str: ...  # noqa: D102 (as above)
    @property
    def username(self) -> str: ...  # noqa: D102 (as above)
    @property
    def password(self) -> str: ...  # noqa: D102 (as above)
    @property
    def password_file(self) -> str: ...  # noqa: D102 (as above)
    @property
    def ca_file(self) -> str: ...  # noqa: D102 (as above)
    @property
    def ca_fingerprint(self) -> str: ...  # noqa: D102 (as above)
    @property
    def request_timeout_s(self) -> float: ...  # noqa: D102 (as above)
    @property
    def allow_clear_text(self) -> bool: ...  # noqa: D102 (as above)


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach one Elasticsearch. Certificates are always verified, by a CA or by its fingerprint.

    Attributes:
        url: ``https://host:port``, without credentials; the scheme's own port where none is given.
        api_key: the encoded key, as Kibana shows it once; goes before a user name.
        username, password: basic authentication.
        api_key_file, password_file: where that secret was read from; empty where it came from somewhere else.
        ca_file: PEM file of the certificate authority; the system's authorities where empty.
        ca_fingerprint: SHA-256 of a certificate in the server's chain, 64 hex digits; colons are allowed.
        request_timeout_s: how long one answer may take.
        connections: how many requests may be under way at once.
        allow_clear_text: send credentials over plain http to other hosts than this one.
    """

    url: str
    api_key: Secret | None = None
    username: str = ""
    password: Secret | None = None
    api_key_file: str = ""
    password_file: str = ""
    ca_file: str = ""
    ca_fingerprint: str = ""
    request_timeout_s: float = 60
    connections: int = 4
    allow_clear_text: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not work or would give a secret away."""
        parts = _checked_parts(self.url)
        exposed = self.sends_credentials and parts.scheme == "http" and not is_loopback(parts.hostname or "")
        if exposed and not self.allow_clear_text:
            raise UsageError(
                "credentials are not sent in clear text over a network",
                where=self.target,
                hint="use https://, or reach it through a tunnel to localhost",
            )
        if self.username and self.password is None and self.api_key is None:
            raise ConfigError(
                "a user name needs a password", where="elasticsearch.username", hint="set SHIPPER_PASSWORD"
            )
        if self.ca_fingerprint and not _FINGERPRINT.fullmatch(self.fingerprint):
            raise ConfigError(
                "is no SHA-256 fingerprint",
                where="elasticsearch.ca_fingerprint",
                hint="64 hex digits: openssl x509 -fingerprint -sha256 -noout -in ca.crt",
            )
        if self.ca_file and not Path(self.ca_file).is_file():
            raise ConfigError(
                "is no file", where=f"elasticsearch.ca_file: {self.ca_file}", hint="check SHIPPER_CA_FILE"
            )

    @classmethod
    def to(cls, url: str, settings: Credentials, *, connections: int = 4) -> Self:
        """Build the connection that the configuration describes, secrets read from their files.

        Raises:
            UsageError: the URL does not fit, or credentials would travel in clear text.
            ConfigError: a file or a value is wrong; ``where`` names the key.
        """
        return cls(
            url=url,
            api_key=secret.api_key(settings.api_key, settings.api_key_file),
            username=settings.username,
            password=secret.secret(settings.password, settings.password_file, "password_file"),
            api_key_file="" if settings.api_key.strip() else settings.api_key_file,
            password_file="" if settings.password else settings.password_file,
            ca_file=settings.ca_file,
            ca_fingerprint=settings.ca_fingerprint,
            request_timeout_s=settings.request_timeout_s,
            connections=connections,
            allow_clear_text=settings.allow_clear_text,
        )

    def reread(self) -> Self:
        """Return it with the secrets that its files hold now.

        Raises:
            ConfigError: a file cannot be read, or holds no secret.
        """
        return msgspec.structs.replace(
            self,
            api_key=secret.api_key("", self.api_key_file) if self.api_key_file else self.api_key,
            password=secret.secret("", self.password_file, "password_file") if self.password_file else self.password,
        )

    @property
    def files(self) -> dict[str, str]:
        """The files that it is made of and that may be replaced while it is used, by their keys."""
        named = {"api_key_file": self.api_key_file, "password_file": self.password_file}
        if not self.ca_fingerprint:
            named["ca_file"] = self.ca_file
        return {key: file for key, file in named.items() if file}

    @property
    def sends_credentials(self) -> bool:
        """Say whether requests carry a secret."""
        return self.api_key is not None or self.password is not None

    @property
    def target(self) -> str:
        """What errors and state call this server: scheme, host and port, nothing else."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{bracketed(parts.hostname or '')}:{self.port}{parts.path.rstrip('/')}"

    @property
    def port(self) -> int:
        """The port, the scheme's own where the URL names none."""
        parts = urlsplit(self.url)
        return parts.port or _DEFAULT_PORT[parts.scheme]

    @property
    def fingerprint(self) -> str:
        """The fingerprint in lower case, without colons."""
        return self.ca_fingerprint.replace(":", "").lower()


def bracketed(host: str) -> str:
    """Return ``host`` as a URL writes it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def _checked_parts(url: str) -> SplitResult:
    # Wherever the @ stands: a password with # / or ? in it would be taken for another part of the URL.
    if "@" in url:
        raise UsageError(
            "a URL with credentials in it shows them to every process list",
            where=_CREDENTIALS.sub("//...@", url),
            hint="set SHIPPER_USERNAME and SHIPPER_PASSWORD, or SHIPPER_API_KEY",
        )
    try:
        parts = urlsplit(url)
        fits = parts.scheme in _DEFAULT_PORT and bool(parts.hostname) and _has_port_number(parts)
    except ValueError:  # brackets that are not closed
        fits = False
    if not fits or _NO_HOST.search(url):
        raise UsageError("is no URL of an Elasticsearch", where=url, hint="https://HOST:9200, or http://localhost:9200")
    return parts


def _has_port_number(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False
