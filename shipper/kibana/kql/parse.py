"""From the text of a query to what it says."""

from collections.abc import Callable
from typing import TypeAlias

from shipper.kibana.kql.node import And, Bound, Everything, Exists, Is, Like, Node, Not, Or, Range
from shipper.kibana.kql.reader import AND, BLANKS, BOUND, NOT, OR, Reader, Word

#: Parentheses within parentheses. Elasticsearch takes 30 levels of its own (indices.query.bool.max_nested_depth).
MAX_DEPTH = 20
BOUNDS: dict[str, Bound] = {"<=": "lte", ">=": "gte", "<": "lt", ">": "gt"}
WORDS: dict[str, bool] = {"true": True, "false": False}
#: An asterisk alone.
ANYTHING = ("", "")
#: What stands between the operators: a whole expression, or within the parentheses behind a field a value of it.
Leaf: TypeAlias = Callable[[int], Node]


def parse(text: str) -> Node:
    """Read a query; ``and`` binds closer than ``or``, ``not`` closest; the three in any case of letters.

    Raises:
        KqlError: it is none, it is deeper than `MAX_DEPTH`, or it says what is not supported (see the room).
    """
    return _Parser(Reader(text.replace("\0", "\ufffd"))).query()


class _Parser:
    """The grammar, one method a rule of it; both sides of a colon have the same operators."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def query(self) -> Node:
        self.reader.takes(BLANKS)
        if self._at_end():
            return Everything()
        read = self._any(self._expression, 0)
        self.reader.takes(BLANKS)
        return read if self._at_end() else self.reader.fail("not understood", "“and”, “or” or the end")

    def _any(self, leaf: Leaf, depth: int) -> Node:
        nodes = [self._all(leaf, depth)]
        while self.reader.takes(OR):
            nodes.append(self._all(leaf, depth))
        return Or(tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def _all(self, leaf: Leaf, depth: int) -> Node:
        nodes = [self._negated(leaf, depth)]
        while self.reader.takes(AND):
            nodes.append(self._negated(leaf, depth))
        return And(tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def _negated(self, leaf: Leaf, depth: int) -> Node:
        if self.reader.takes(NOT):
            return Not(self._grouped(leaf, depth))
        return self._grouped(leaf, depth)

    def _grouped(self, leaf: Leaf, depth: int) -> Node:
        begin = self.reader.position
        if not self.reader.takes("("):
            return leaf(depth)
        if depth == MAX_DEPTH:
            self.reader.fail(f"more than {MAX_DEPTH} parentheses within each other", position=begin)
        self.reader.takes(BLANKS)
        read = self._any(leaf, depth + 1)
        self.reader.takes(BLANKS)
        return read if self.reader.takes(")") else self.reader.fail("not understood", "“and”, “or” or “)”")

    def _expression(self, depth: int) -> Node:
        field = self.reader.word("a field, “not” or “(”")
        self.reader.takes(BLANKS)
        if bound := self.reader.takes(BOUND):
            return self._range(self._name(field), BOUNDS[bound])
        if not self.reader.takes(":"):
            return self._without_field(field)
        self.reader.takes(BLANKS)
        if self.reader.text.startswith("{", self.reader.position):
            self.reader.fail("nested fields are not supported", "a value")
        if field.parts == ANYTHING and self.reader.word("“*”").parts == ANYTHING:
            return Everything()
        name = self._name(field)
        return self._grouped(lambda _: self._value(name), depth)

    def _range(self, field: str, bound: Bound) -> Node:
        self.reader.takes(BLANKS)
        value = self.reader.word("a value")
        if len(value.parts) > 1:
            self.reader.fail("a range has no wildcards", "a value", position=value.position)
        return Range(field, bound, self._text(value))

    def _value(self, field: str) -> Node:
        value = self.reader.word("a value, “not” or “(”")
        if value.parts == ANYTHING:
            return Exists(field)
        if len(value.parts) > 1:
            return Like(field, self._pattern(value))
        said = self._text(value)
        return Is(field, said if value.quoted else WORDS.get(said, said), phrase=value.quoted)

    def _pattern(self, value: Word) -> tuple[str, ...]:
        """Return the parts; with blanks, Kibana's versions read it in ways that differ."""
        if any(letter.isspace() for part in value.parts for letter in part):
            self.reader.fail("a wildcard value with blanks is not supported", "no blanks", position=value.position)
        return value.parts

    def _text(self, value: Word) -> str:
        if not value.quoted and value.parts[0] in {"", "null"}:
            self.reader.fail("nothing is equal to null or to nothing", "“not field: *”", position=value.position)
        return value.parts[0]

    def _name(self, field: Word) -> str:
        if len(field.parts) > 1:
            self.reader.fail("wildcards in the name of a field are not supported", "a field", position=field.position)
        if not field.parts[0] or (not field.quoted and field.parts[0] in {"null", *WORDS}):
            self.reader.fail("no name of a field", "a field", position=field.position)
        return field.parts[0]

    def _without_field(self, word: Word) -> Node:
        if word.parts == ANYTHING:
            return Everything()
        return self.reader.fail("text without a field is not supported", "field: value", position=word.position)

    def _at_end(self) -> bool:
        return self.reader.position == len(self.reader.text)
