"""YAML as the targets' files need it: block style, every text in double quotes, the same value always the same bytes.

Not a library: one is needed for reading, and nothing is read. YAML 1.2, https://yaml.org/spec/1.2.2/#double-quoted-style.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | int | bool | Sequence[Value] | Mapping[str, Value]"

#: Keys that stand without quotes, unless YAML 1.1 takes them for something else.
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w.|-]*", re.ASCII)
_NO_TEXT = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_STEP = "  "
_LAST_OF_BASIC_PLANE = 0xFFFF


def document(value: Mapping[str, Value], comment: str = "") -> str:
    """Return one YAML document, which ends with a line feed.

    Args:
        value: its keys keep their order.
        comment: lines that stand before it.
    """
    head = (f"# {line}".rstrip() for line in comment.splitlines())
    return "\n".join((*head, *_mapping(value))) + "\n"


def quoted(text: str) -> str:
    """Return ``text`` in double quotes; what cannot be seen is escaped, so that it is not lost on the way."""
    return "".join(one if one.isprintable() else _escaped(one) for one in json.dumps(text, ensure_ascii=False))


def _mapping(value: Mapping[str, Value]) -> Iterator[str]:
    for key, inner in value.items():
        yield from _entry(f"{_key(key)}:", inner)


def _entry(head: str, value: Value) -> Iterator[str]:
    """Yield the lines of what stands behind a key."""
    if isinstance(value, Mapping) and value:
        yield head
        yield from (_STEP + line for line in _mapping(value))
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        yield head
        yield from (_STEP + line for inner in value for line in _item(inner))
    else:
        yield f"{head} {_scalar(value)}"


def _item(value: Value) -> Iterator[str]:
    """Yield the lines of an item of a list: a mapping or list begins behind its dash."""
    if isinstance(value, Mapping) and value:
        lines = _mapping(value)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        lines = (line for inner in value for line in _item(inner))
    else:
        lines = iter((_scalar(value),))
    yield f"- {next(lines)}"
    yield from (_STEP + line for line in lines)


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key.lower() not in _NO_TEXT else quoted(key)


def _scalar(value: Value) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, Sequence):
        return "[]"
    return json.dumps(value)


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= _LAST_OF_BASIC_PLANE else f"\\U{number:08x}"
