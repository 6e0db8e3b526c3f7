"""JSON payloads: from text to (dotted key, value) pairs, bounded in depth, never failing."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Annotated

import msgspec

from shipper.ecs.surrogates import without_surrogates

#: Deeper objects stay JSON text under the key that leads to them; flattened fields have the same limit.
#: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/flattened.html (depth_limit)
MOST_LEVELS = 20
#: Keys beyond this are not looked at; ``winlog.event_data`` has the payload whole.
MOST_DETAILS = 1000
#: The key of the metric envelope below which the connector's own keys lie; what leads to it is left out of theirs.
ENVELOPE = "dimensions"


class _Metric(msgspec.Struct, forbid_unknown_fields=True):
    """What the documented envelope holds; everything else takes the slower way."""

    Dimensions: Annotated[dict[str, str], msgspec.Meta(max_length=MOST_DETAILS)]
    Name: str = ""
    Value: int | str | None = None


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    Metric: _Metric


_ENVELOPE_DECODER = msgspec.json.Decoder(_Envelope)
_OBJECT_DECODER = msgspec.json.Decoder(dict[str, object], float_hook=str)
#: An object begins so; a GUID in braces does not.
_OBJECT_START = re.compile(r"\{\s*[\"}]")

#: A dict where no name comes twice.
Pairs = dict[str, str] | Iterable[tuple[str, str]]


def decode_pairs(text: str) -> tuple[Pairs, int] | None:
    """Return what the JSON object in ``text`` holds, leaf by leaf, and how many lone surrogates were replaced in it.

    The documented form is decoded into its types at once (1.0 us against 5.5 leaf by leaf), any other one after it.

    Returns:
        (dotted key, text) pairs and a count; ``None`` where there is no JSON object.
    """
    try:
        metric = _ENVELOPE_DECODER.decode(text).Metric
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        decoded = _decode_object(text)
        return None if decoded is None else (islice(leaves(decoded[0], ""), MOST_DETAILS), decoded[1])
    return _named(metric), 0


def _named(metric: _Metric) -> Pairs:
    """Return the dimensions, then the name and the value of the metric."""
    values, value = metric.Dimensions, "" if metric.Value is None else str(metric.Value)
    if "Metric.Name" in values or "Metric.Value" in values:
        return chain(values.items(), (("Metric.Name", metric.Name), ("Metric.Value", value)))
    if metric.Name:
        values["Metric.Name"] = metric.Name
    if value:
        values["Metric.Value"] = value
    return values


def _decode_object(text: str) -> tuple[dict[str, object], int] | None:
    """Return the object in ``text``, and how many lone surrogates were replaced in it.

    Words before and after the object are passed over: a collector without the connector's message file puts an
    apology in front of it.
    """
    try:
        return _OBJECT_DECODER.decode(text), 0
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        start = _OBJECT_START.search(text)
    return None if start is None else _decode_leniently(text[start.start() : text.rfind("}") + 1])


def _decode_leniently(text: str) -> tuple[dict[str, object], int] | None:
    """Take what JSON proper refuses: raw line feeds in strings, NaN, numbers of any size, escaped lone surrogates."""
    try:
        tree = json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
        # A round trip finds the surrogates, which only an escape can have brought in.
        cleaned, replaced = without_surrogates(json.dumps(tree, ensure_ascii=False))
        return (json.loads(cleaned) if replaced else tree), replaced
    except (ValueError, RecursionError):
        return None


def leaves(value: object, path: str, level: int = 1) -> Iterator[tuple[str, str]]:
    """Yield (dotted key, text) of every leaf below ``path``; nothing for null.

    A list of plain values repeats its key; any other list counts its parts from 0.
    """
    if isinstance(value, dict | list) and level >= MOST_LEVELS:
        yield path, msgspec.json.encode(value).decode()
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, _below(path, key), level + 1)
    elif isinstance(value, list):
        nested = any(isinstance(part, dict | list) for part in value)
        for index, part in enumerate(value):
            yield from leaves(part, f"{path}.{index}" if nested else path, level + 1)
    elif value is not None:
        yield path, _text(value)


def _below(path: str, key: str) -> str:
    """Return the dotted key, without the envelope: ``Metric.Dimensions.DeviceId`` is ``DeviceId``."""
    last = path.rpartition(".")[2]
    return key if not path or last.casefold() == ENVELOPE else f"{path}.{key}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
