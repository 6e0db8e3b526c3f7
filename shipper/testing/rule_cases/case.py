"""What a case is."""

from typing import Literal

import msgspec


class CaseDocument(msgspec.Struct, frozen=True):
    """One document of a case.

    Attributes:
        id: its ``_id``; also ``event.id``.
        stream: the data stream it belongs to.
        time_ms: its ``@timestamp``, milliseconds since 1970.
        body: one JSON object.
    """

    id: str
    stream: str
    time_ms: int
    body: bytes


class Expected(msgspec.Struct, frozen=True, order=True):
    """What is to be found: the group as ``Finding`` has it, and the ids of its documents, sorted."""

    group: tuple[str, ...]
    ids: tuple[str, ...]


class Case(msgspec.Struct, frozen=True):
    """One case.

    Attributes:
        rule_id, number, name: which one; numbers begin with 1, names say what is special.
        documents: in the order of the file; one that comes twice is there twice.
        t0_ms, t1_ms: the execution, milliseconds since 1970.
        expected: what it finds, sorted; nothing for a near miss.
        stream: ``same`` where the evaluator, given the documents by time and then told ``t1_ms``, raises alerts for
            the same groups; ``other`` where it cannot: it knows no ``t0_ms``, and judges what was due before ``t1_ms``.
    """

    rule_id: str
    number: int
    name: str
    documents: tuple[CaseDocument, ...]
    t0_ms: int
    t1_ms: int
    expected: tuple[Expected, ...]
    stream: Literal["same", "other"]
