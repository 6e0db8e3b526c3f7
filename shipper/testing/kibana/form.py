"""Reads the form that a file is sent in, as strictly as Kibana's server does."""

from email.parser import BytesParser

from shipper.testing.kibana.reply import Body, RefusedError

_FIELD = "file"


def file_of(content_type: str, body: bytes) -> bytes:
    """Return the content of the form's file.

    Raises:
        RefusedError: it is no form, has no such field, or the file's name does not end in ``.ndjson``.
    """
    if not content_type.startswith("multipart/form-data"):
        raise RefusedError(415, "Unsupported Media Type")
    if "boundary=" not in content_type:
        raise RefusedError(400, "Invalid multipart payload format")
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = message.get_payload()
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, str) and part.get_param("name", header="content-disposition") == _FIELD:
            name = part.get_filename() or ""
            if not name.lower().endswith(".ndjson"):
                raise RefusedError(400, f"Invalid file extension {name[name.rfind('.') :] if '.' in name else ''}")
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b""
    raise RefusedError(400, "[request body.file]: expected value of type [Stream] but got [undefined]")


def lines_of(file: bytes) -> list[Body]:
    """Return the lines of a file of NDJSON.

    Raises:
        RefusedError: a line is no JSON object.
    """
    import msgspec

    try:
        return [msgspec.json.decode(line, type=Body) for line in file.splitlines() if line.strip()]
    except msgspec.DecodeError as error:
        raise RefusedError(400, f"Unexpected token in JSON: {error}") from None
