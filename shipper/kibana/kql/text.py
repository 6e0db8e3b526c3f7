"""From what a query says back to its text."""

import re

from shipper.kibana.kql.node import And, Bound, Everything, Exists, Is, Like, Node, Not, Or, Range

SIGNS: dict[Bound, str] = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
#: In a word without quotes: signs by a backslash, keywords and blanks by number (``\\not`` begins with a line feed).
SIGN = re.compile(r'[\\():<>"*{}]')
BY_NUMBER = re.compile(r"(?<=\s)(?:or|and)(?=\s|$)|not(?=\s|$)|[^\S ]", re.IGNORECASE)


def to_text(node: Node) -> str:
    """Write a query; `parse` makes the same of it again."""
    match node:
        case Everything():
            return "*:*"
        case Or():
            return " or ".join(f"({to_text(each)})" if isinstance(each, Or) else to_text(each) for each in node.nodes)
        case And():
            return " and ".join(
                f"({to_text(each)})" if isinstance(each, And | Or) else to_text(each) for each in node.nodes
            )
        case Not():
            inner = to_text(node.node)
            return f"not ({inner})" if isinstance(node.node, And | Or | Not) else f"not {inner}"
        case _:
            return _of_field(node)


def _of_field(node: Is | Like | Exists | Range) -> str:
    field = _unquoted(node.field)
    match node:
        case Exists():
            return f"{field}: *"
        case Range():
            return f"{field} {SIGNS[node.bound]} {_quoted(node.value)}"
        case Like():
            return f"{field}: {'*'.join(map(_unquoted, node.parts))}"
        case Is(value=bool()):
            return f"{field}: {str(node.value).lower()}"
        case Is(phrase=True):
            return f"{field}: {_quoted(str(node.value))}"
        case Is():
            return f"{field}: {_unquoted(str(node.value))}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquoted(text: str) -> str:
    return BY_NUMBER.sub(lambda word: f"\\u{ord(word[0][0]):04x}{word[0][1:]}", SIGN.sub(r"\\\g<0>", text))
