"""What a panel counts, and what by: columns of a picture in our own words."""

from typing import Literal, TypeAlias

import msgspec

#: How a number is written; ``count`` has no decimals, ``time`` is a date.
Shown = Literal["count", "number", "percent", "bytes", "time"]
#: What is calculated. ``share``: documents that meet ``where`` among those that meet ``among``.
Calculation = Literal["count", "distinct", "max", "min", "sum", "share"]


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"calculates": "is"}):
    """One number a group.

    Attributes:
        label: what a reader calls it.
        calculates: (TOML ``is``) what.
        of: the field; none for ``count`` and ``share``.
        where: KQL: which documents; all where none is said.
        among: KQL: the whole of a ``share``.
        shown: how it is written.
        colour: name of a colour of the shared file.
        bands: name of bands of the shared file: colours by value.
        width: of a table's column, pixels; 0 leaves it to Kibana.
    """

    label: str
    calculates: Calculation = "count"
    of: str = ""
    where: str = ""
    among: str = ""
    shown: Shown = "count"
    colour: str = ""
    bands: str = ""
    width: int = 0


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="terms", tag_field="by"):
    """The most frequent values of a field.

    Attributes:
        order: number of the measure that decides which values and in which order; -1 for the alphabet.
        ascending: the smallest first.
        coloured: the values have fixed colours: name of a colouring of the shared file.
        others: documents without the field are one more value, those of the values that are left out another: nothing
            is missing from the whole.
    """

    field: str
    label: str
    top: int = 10
    order: int = 0
    ascending: bool = False
    coloured: str = ""
    others: bool = False
    width: int = 0


class Time(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="time", tag_field="by"):
    """Equal spans of time.

    Attributes:
        every: ``auto``, or a fixed span: ``1h``, ``12h``.
    """

    field: str = "@timestamp"
    label: str = "Time"
    every: str = "auto"


Group: TypeAlias = Terms | Time
