"""Text as typed values: CSV and Excel cells, and the scalars of JSON.

`try_cast` alone rounds ('1.6' is 2) and reads '1_000' as 1000, so each cell looks at the text's
form too. Canonical text is recognised by casting back, which takes half of a regular expression's
time (28 ns against 54 a value on one core); only other text is matched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_contracts.cell import Cell
from data_contracts.local_time import at_zone
from data_contracts.times import Pattern
from data_contracts.types import decimal_of, literal

if TYPE_CHECKING:
    from data_contracts.contract import Column

BLANKS = r"[ \t]*"
EXPONENT = "[eE][+-]?[0-9]+"
TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
ISO_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
MIDNIGHT = r"([ T]00:00(:00(\.0+)?)?)?"
ISO_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}0*)?)?"
ISO_OFFSET = "(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"


@dataclass(frozen=True, slots=True)
class Marks:
    """How a source writes numbers."""

    decimal: str = "."
    thousands: str = ""
    binary_floats: bool = False  # JSON and Excel hold numbers as binary floats: 15 digits count

    @property
    def whole(self) -> str:
        """Regular expression of the digits before the decimal mark."""
        if not self.thousands:
            return "[0-9]+"
        return f"(?:[0-9]+|[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+)"

    @property
    def point(self) -> str:
        """Regular expression of the decimal mark."""
        return re.escape(self.decimal)

    def plain(self, text: str) -> str:
        """SQL of the number as SQL itself writes it."""
        if self.thousands:
            text = f"replace({text}, {literal(self.thousands)}, '')"
        return text if self.decimal == "." else f"replace({text}, {literal(self.decimal)}, '.')"


def text_cell(column: Column, text: str, marks: Marks) -> Cell:
    """The cell of a text: `text` is SQL of it, null where missing."""
    missing = f"{text} is null"
    repeated = None
    if column.logical_type == "string":
        value, readable = text, "true"
    elif column.logical_type == "integer":
        value, readable = _integer(text, marks)
    elif column.type.startswith("DECIMAL"):
        value, readable = _decimal(column.type, text, marks)
    elif column.logical_type == "number":
        value, readable = _double(text, marks)
    elif column.logical_type == "boolean":
        value, readable = _boolean(text)
    elif column.logical_type == "date":
        value, readable = _date(column, text)
    elif column.logical_type == "timestamp":
        value, readable, repeated = _timestamp(column, text)
    elif column.logical_type == "time":
        value, readable = _time(column, text)
    else:
        raise AssertionError(column.logical_type)
    return Cell(value, missing, readable, text, repeated)


def matches(text: str, expression: str) -> str:
    """SQL: the whole text matches."""
    return f"regexp_full_match({text}, {literal(expression)})"


def fifteen_digits(number: str) -> str:
    """SQL of a binary float as it counts here: with 15 significant digits, as text."""
    return f"printf('%.15g', {number})"


def _integer(text: str, marks: Marks) -> tuple[str, str]:
    value = f"try_cast({marks.plain(text)} as bigint)"
    form = matches(text, f"{BLANKS}[+-]?{marks.whole}(?:{marks.point}0*)?{BLANKS}")
    return value, f"case when {value}::varchar = {text} then true else {value} is not null and {form} end"


def _decimal(type_: str, text: str, marks: Marks) -> tuple[str, str]:
    scale = (decimal_of(type_) or (18, 0))[1]
    value = f"try_cast({marks.plain(text)} as {type_})"
    point, sign = marks.point, f"{BLANKS}[+-]?"
    some = f"|{point}[0-9]{{1,{scale}}}0*" if scale else ""
    form = matches(text, f"{sign}(?:{marks.whole}(?:{point}[0-9]{{0,{scale}}}0*)?{some}){BLANKS}")
    float_form = f"{sign}(?:{marks.whole}{point}?[0-9]*|{point}[0-9]+)"
    exponent = f"(?:{EXPONENT})?" if marks.binary_floats else EXPONENT
    double = f"try_cast({marks.plain(text)} as double)"
    same = f"{value}::double = try_cast({fifteen_digits(double)} as double)"
    is_float = f"{matches(text, float_form + exponent + BLANKS)} and {same}"
    return value, f"{value} is not null and ({form} or ({is_float}))"


def _double(text: str, marks: Marks) -> tuple[str, str]:
    plain = marks.plain(text)
    value = f"try_cast({plain} as double)"
    form = matches(
        text,
        f"{BLANKS}[+-]?(?:{marks.whole}(?:{marks.point}[0-9]*)?|{marks.point}[0-9]+)"
        f"(?:{EXPONENT})?{BLANKS}",
    )
    # A double holds any 15 digits; a longer text is kept where the double writes the same number.
    exact = f"try_cast({plain} as decimal(38,18)) = try_cast({value}::varchar as decimal(38,18))"
    digits = f"(length({text}) <= 16 or {value}::varchar = {plain} or coalesce({exact}, false))"
    return value, f"{value} is not null and {form} and {digits}"


def _boolean(text: str) -> tuple[str, str]:
    word = f"lower(trim({text}))"
    true = ", ".join(map(literal, TRUE))
    false = ", ".join(map(literal, FALSE))
    value = f"case when {word} in ({true}) then true when {word} in ({false}) then false end"
    return value, f"{word} in ({true}, {false})"


def _date(column: Column, text: str) -> tuple[str, str]:
    if form := column.options.get("format"):
        pattern = Pattern(form)
        value = f"try_strptime({text}, {literal(pattern.strptime)})::date"
        return value, f"{value} is not null and {matches(text, BLANKS + pattern.regex + BLANKS)}"
    value = f"try_cast(left(trim({text}), 10) as date)"
    form = matches(text, BLANKS + ISO_DATE + MIDNIGHT + BLANKS)
    return value, f"{value} is not null and ({value}::varchar = {text} or {form})"


def _timestamp(column: Column, text: str) -> tuple[str, str, str | None]:
    name = column.options.get("defaultTimezone") or "UTC"
    if form := column.options.get("format"):
        pattern = Pattern(form)
        read = f"try_strptime({text}, {literal(pattern.strptime)})"
        good = f"{read} is not null and {matches(text, BLANKS + pattern.regex + BLANKS)}"
        if pattern.zoned:
            return read, good, None
        value, exists, repeated = at_zone(read, name)
        return value, f"{good} and {exists}", repeated
    # A zone in the text counts: the cast to timestamp takes it off, to UTC.
    read = f"try_cast({text} as timestamp)"
    tail = f"({ISO_OFFSET})?" if name == "UTC" else ""
    form = matches(text, f"{BLANKS}{ISO_DATE}([ T]{ISO_CLOCK}{tail})?{BLANKS}")
    good = f"{read} is not null and ({read}::varchar = {text} or {form})"
    value, exists, repeated = at_zone(read, name)
    if name == "UTC":
        return value, good, repeated
    zoned = matches(text, f"{BLANKS}{ISO_DATE}[ T]{ISO_CLOCK}{ISO_OFFSET}{BLANKS}")
    moment, _, _ = at_zone(read, "UTC")
    return (
        f"case when {zoned} then {moment} else {value} end",
        f"({good} and {exists}) or ({read} is not null and {zoned})",
        f"not {zoned} and {repeated}" if repeated else None,
    )


def _time(column: Column, text: str) -> tuple[str, str]:
    if form := column.options.get("format"):
        pattern = Pattern(form)
        read = f"try_strptime({text}, {literal(pattern.strptime)})"
        return text, f"{read} is not null and {matches(text, pattern.regex)}"
    return text, matches(text, CLOCK)
