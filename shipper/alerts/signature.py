"""How a receiver knows that an alert comes from whoever shares the secret, and when it was sent.

HMAC-SHA256 (https://www.rfc-editor.org/rfc/rfc2104) over the time, a full stop and the body as it is sent. A receiver
recomputes it, compares without haste (``hmac.compare_digest``) and refuses times that are more than minutes away.
"""

import hashlib
import hmac

TIMESTAMP_HEADER = "X-Intune-Connector-Timestamp"
SIGNATURE_HEADER = "X-Intune-Connector-Signature"
_SCHEME = "v1="


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return ``v1=`` and the signature in 64 lower-case hex digits.

    Args:
        secret: as it stands in its file, without white space around it, UTF-8.
        timestamp: seconds since 1970, as it stands in its header.
        body: as it is sent.
    """
    return _SCHEME + hmac.new(secret, timestamp.encode("ascii") + b"." + body, hashlib.sha256).hexdigest()


def is_signed(secret: bytes, timestamp: str, body: bytes, found: str) -> bool:
    """Say whether ``found`` is the signature: what a receiver does."""
    return hmac.compare_digest(signature(secret, timestamp, body), found)
