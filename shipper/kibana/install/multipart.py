"""The form that Kibana takes files in."""

import secrets

#: Kibana looks at the end of the file's name.
_FILE = "intune-connector.ndjson"


def form(file: bytes) -> tuple[bytes, str]:
    """Return a form with the one field ``file``, and its content type.

    Source: RFC 7578; https://www.elastic.co/docs/api/doc/kibana/operation/operation-importsavedobjectsdefault
    """
    boundary = f"shipper-{secrets.token_hex(16)}"
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{_FILE}"\r\n'
        "Content-Type: application/ndjson\r\n\r\n"
    )
    return b"".join(
        (head.encode(), file, f"\r\n--{boundary}--\r\n".encode())
    ), f"multipart/form-data; boundary={boundary}"
