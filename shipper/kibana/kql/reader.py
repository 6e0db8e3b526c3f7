"""Words and signs of a query, one after the other.

The grammar as Kibana has it, the same in 8.12 and 9.x:
https://github.com/elastic/kibana/blob/v8.12.2/packages/kbn-es-query/grammar/grammar.peggy
"""

import re
from typing import NoReturn

import msgspec

from shipper.kibana.kql.error import KqlError

BLANK = "[ \\t\\r\\n\\u00a0]"
BLANKS = re.compile(f"{BLANK}*")
AND = re.compile(f"{BLANK}+and{BLANK}+", re.IGNORECASE)
OR = re.compile(f"{BLANK}+or{BLANK}+", re.IGNORECASE)
NOT = re.compile(f"not{BLANK}+", re.IGNORECASE)
BOUND = re.compile("<=|>=|<|>")
SPECIAL = '\\\\():<>"*{}'
#: A keyword ends a word without quotes wherever it stands, even ``not`` in ``cannot do``: that is how Kibana reads.
UNQUOTED = re.compile(
    rf"\\(?:(?P<blank>[trn])|(?P<plain>[{SPECIAL}])|u(?P<unit>[0-9a-fA-F]{{4}})|(?P<word>(?i:or|and|not)))"
    rf"|(?P<star>\*)|(?P<blanks>{BLANK}++(?!(?i:or|and){BLANK}))"
    rf"|(?P<other>(?!(?i:not){BLANK})[^{SPECIAL} \t\r\n\u00a0])"
)
QUOTED = re.compile(r'\\(?:(?P<blank>[trn])|u(?P<unit>[0-9a-fA-F]{4})|(?P<plain>[\\"]))|(?P<other>[^"])')
ESCAPED_BLANKS = {"t": "\t", "r": "\r", "n": "\n"}
#: What JavaScript's ``trim`` takes away (https://tc39.es/ecma262/#prod-WhiteSpace), as far as it comes up.
TRIMMED = " \t\n\v\f\r\u00a0\ufeff\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


class Word(msgspec.Struct, frozen=True):
    """A name or value as it stands in the query.

    Attributes:
        parts: the text, cut at each asterisk without a backslash: one part where there is none.
        quoted: it stood in quotes.
        position: where it begins.
    """

    parts: tuple[str, ...]
    quoted: bool
    position: int


class Reader:
    """A query and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def takes(self, sign: re.Pattern[str] | str) -> str:
        """Step over a sign if it comes next and return it, else the empty string."""
        found = re.compile(re.escape(sign) if isinstance(sign, str) else sign).match(self.text, self.position)
        if found is None:
            return ""
        self.position = found.end()
        return found[0]

    def word(self, expected: str) -> Word:
        """Read a name or value; `KqlError` where none stands."""
        begin = self.position
        if self.takes('"'):
            return Word((self._quoted(begin),), quoted=True, position=begin)
        read = "".join(map(_plain, self._pieces(UNQUOTED)))
        if self.position == begin:
            self.fail("not understood", expected)
        return Word(tuple(_joined(part) for part in read.strip(TRIMMED).split("\0")), quoted=False, position=begin)

    def fail(self, fault: str, expected: str = "", *, position: int | None = None) -> NoReturn:
        """Raise `KqlError` for what stands here, or there."""
        raise KqlError(
            fault, text=self.text, position=self.position if position is None else position, expected=expected
        )

    def _quoted(self, begin: int) -> str:
        read = "".join(map(_plain, self._pieces(QUOTED)))
        if not self.takes('"'):
            self.fail("a quote is not closed", position=begin)
        return _joined(read)

    def _pieces(self, kind: re.Pattern[str]) -> "list[re.Match[str]]":
        pieces = []
        while found := kind.match(self.text, self.position):
            pieces.append(found)
            self.position = found.end()
        return pieces


def _plain(piece: re.Match[str]) -> str:
    """Return what a piece stands for; a wildcard becomes U+0000, which no query has: it, escaped, is U+FFFD."""
    said = piece.groupdict()
    if blank := said["blank"]:
        return ESCAPED_BLANKS[blank]
    if unit := said["unit"]:
        return chr(int(unit, 16)) if int(unit, 16) else "\ufffd"
    if said.get("star"):
        return "\0"
    return said.get("word") or said.get("blanks") or said.get("plain") or said["other"] or ""


def _joined(text: str) -> str:
    """Put surrogates that were escaped one by one together; one alone becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
