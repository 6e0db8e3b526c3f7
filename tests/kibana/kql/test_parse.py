"""What a query says: the grammar of Kibana 8.12, seen from outside."""

import pytest

from shipper.kibana.kql import And, Everything, Exists, Is, KqlError, Like, Node, Not, Or, Range, fields_of, parse
from shipper.kibana.kql.parse import MAX_DEPTH

A, B, C = (Is(name, "1", phrase=False) for name in "abc")

MEANINGS: dict[str, Node] = {
    "": Everything(),
    " \t": Everything(),
    "*": Everything(),
    "*:*": Everything(),
    "not *:* and a:1": And((Not(Everything()), A)),
    "a:1": A,
    " a : 1 ": A,
    '"a":1': A,
    'a:"1"': Is("a", "1", phrase=True),
    "a:true": Is("a", value=True, phrase=False),
    'a:"true"': Is("a", "true", phrase=True),
    'a:"null"': Is("a", "null", phrase=True),
    "a:x y": Is("a", "x y", phrase=False),
    "a:*": Exists("a"),
    "a:1*2": Like("a", ("1", "2")),
    "a:**": Like("a", ("", "", "")),
    'a:"1*"': Is("a", "1*", phrase=True),
    r"a:1\*": Is("a", "1*", phrase=False),
    r"a:\(\:\)\<\>\{\}\\\"": Is("a", '(:)<>{}\\"', phrase=False),
    r'a:"\"\\\t\n\r"': Is("a", '"\\\t\n\r', phrase=True),
    r'a:"C:\x"': Is("a", "C:\\x", phrase=True),
    r'a:"\u00e9\uD83D\ude00"': Is("a", "é😀", phrase=True),
    r'a:"\ud83d"': Is("a", "\ufffd", phrase=True),
    r"a:x \or y": Is("a", "x or y", phrase=False),
    r"a:\not": Is("a", "ot", phrase=False),  # the line feed that \n is comes first, and trim takes it away
    "a:android": Is("a", "android", phrase=False),
    "a:nothing": Is("a", "nothing", phrase=False),
    "a>1": Range("a", "gt", "1"),
    'a >= "1"': Range("a", "gte", "1"),
    "a < now-1d/d": Range("a", "lt", "now-1d/d"),
    "a<=1": Range("a", "lte", "1"),
    "a:1 or b:1 and c:1": Or((A, And((B, C)))),
    "(a:1 or b:1) and c:1": And((Or((A, B)), C)),
    "a:1 and b:1 and c:1": And((A, B, C)),
    "a:1 and (b:1 and c:1)": And((A, And((B, C)))),
    "not a:1 and b:1": And((Not(A), B)),
    "not (a:1 and b:1)": Not(And((A, B))),
    "NOT a:1 OR b:1 AND c:1": Or((Not(A), And((B, C)))),
    "Not a:1 oR b:1 aNd c:1": Or((Not(A), And((B, C)))),
    "a:(1 or 2)": Or((A, Is("a", "2", phrase=False))),
    'a:( "1" OR not (2* and 3) )': Or(
        (Is("a", "1", phrase=True), Not(And((Like("a", ("2", "")), Is("a", "3", phrase=False)))))
    ),
    "a:(not *)": Not(Exists("a")),
    "a:1\u00a0or\nb:1": Or((A, B)),
}

FAULTS: dict[str, tuple[int, str]] = {
    "a:1)": (3, "end"),
    "(a:1": (4, "“)”"),
    "a:(1": (4, "“)”"),
    "a:": (2, "a value"),
    "a>": (2, "a value"),
    ":1": (0, "a field"),
    "a:1 and ": (8, "a field"),
    "(a:1)and(b:1)": (5, "end"),
    "not(a:1)": (0, "field: value"),
    "not not a:1": (4, "a field"),
    "a:not b": (2, "a value"),
    'a:"x': (2, ""),
    'a:"x\\"': (2, ""),
    "a:x:y": (3, "end"),
    r"a:\x": (2, "a value"),
    "text": (0, "field: value"),
    '"text"': (0, "field: value"),
    "te*xt": (0, "field: value"),
    "a:{b:1}": (2, "a value"),
    "a.*:1": (0, "a field"),
    "*:1": (0, "a field"),
    "null:1": (0, "a field"),
    "a:null": (2, "“not field: *”"),
    r"a:\t": (2, "“not field: *”"),
    "a>1*": (2, "a value"),
    "a:x y*": (2, "no blanks"),
}


@pytest.mark.parametrize("text", MEANINGS)
def test_a_query_says_what_kibana_reads_in_it(text: str) -> None:
    assert parse(text) == MEANINGS[text]


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_names_its_place_and_what_could_stand_there(text: str) -> None:
    position, expected = FAULTS[text]

    with pytest.raises(KqlError) as raised:
        parse(text)

    assert raised.value.position == position
    assert expected in raised.value.expected
    assert str(raised.value).startswith(f"KQL, character {position + 1}: ")


def test_a_keyword_without_a_blank_behind_it_is_part_of_the_value() -> None:
    assert parse("a:1 or") == Is("a", "1 or", phrase=False)


def test_as_many_parentheses_as_are_allowed_can_be_read() -> None:
    assert parse("(" * MAX_DEPTH + "a:1" + ")" * MAX_DEPTH) == A


@pytest.mark.parametrize("opening", ["(", "a:("])
def test_parentheses_beyond_any_use_are_refused_and_do_not_exhaust_the_stack(opening: str) -> None:
    with pytest.raises(KqlError, match="more than 20 parentheses"):
        parse(opening + "(" * 100_000)


def test_fields_are_named_once_however_often_they_are_asked_for() -> None:
    query = parse("a:1 and not (b.c:* or d > 3 or a:x*) and *:*")

    assert fields_of(query) == {"a", "b.c", "d"}
