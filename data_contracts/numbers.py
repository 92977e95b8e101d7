"""Numbers as texts and binary floats write them, read with every digit or not at all.

`try_cast` rounds ('1.6' is 2) and reads '1_000' as 1000. So a text counts as read where its value
writes the same text again (29 ns a value on one core, on top of the cast's 28), and only other
texts are held against a regular expression (50 to 110 ns) and, last, digit against digit (600 ns).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.cell import case
from data_contracts.marks import EXPONENT, matches
from data_contracts.types import decimal_of

if TYPE_CHECKING:
    from data_contracts.marks import Marks

UNITS_IN_DOUBLE = 2.0**53  # below it a double tells every unit of a scale apart
NORMAL = "between 1e-307 and 1e308"  # doubles that hold any 15 digits
NOISE_BELOW = 1e13  # above, the sixteenth digit of a double is more than a thousandth


def digits(text: str) -> str:
    """SQL of the significant digits: where a cast left them as they were, it lost nothing."""
    return f"trim(regexp_replace({text}, '[eE].*|[^0-9]', '', 'g'), '0')"


def same_digits(text: str, value: str) -> str:
    """SQL: a number's text and the value that a cast made of it have the same digits."""
    return f"{digits(text)} = {digits(f'{value}::varchar')}"


def whole_number(text: str, marks: Marks) -> tuple[str, str]:
    """SQL of a text as BIGINT, and of whether it is one."""
    value = f"try_cast({marks.plain(text)} as bigint)"
    branches = [
        (f"{value}::varchar = {text}", "true"),
        (matches(text, marks.form("0*")), f"{value} is not null"),
    ]
    if marks.floats:
        form = matches(text, marks.form("[0-9]*", "[0-9]+", EXPONENT))
        branches.append((form, same_digits(text, value)))
    return value, case(*branches, otherwise="false")


def exact_decimal(type_: str, text: str, marks: Marks) -> tuple[str, str]:
    """SQL of a text as the decimal type, and of whether that holds all its digits."""
    scale = _scale(type_)
    plain, value = f"try_cast({marks.plain(text)} as {type_})", _by_way(type_, marks.plain(text))
    form = matches(
        text, marks.form(f"[0-9]{{0,{scale}}}0*", f"[0-9]{{1,{scale}}}0*" if scale else "0+")
    )
    exponent = f"(?:{EXPONENT})?" if marks.floats else EXPONENT
    # Text that the value's own text begins with lost nothing: 2.5 of 2.5000.
    branches = [(f"starts_with({plain}::varchar, {text})", "true")] if marks.decimal == "." else []
    branches += [
        (form, f"{plain} is not null"),
        (f"not {matches(text, marks.form('[0-9]*', '[0-9]+', exponent))}", "false"),
        (same_digits(text, value), "true"),
    ]
    if not marks.floats:
        return f"coalesce({plain}, {value})", case(*branches, otherwise="false")
    near, is_near = decimal_of_float(type_, f"try_cast({marks.plain(text)} as double)")
    branches.append((f"length({digits(text)}) <= 17", is_near))
    value = case((form, plain), (same_digits(text, value), value), otherwise=near)
    return value, case(*branches, otherwise="false")


def double(text: str, marks: Marks) -> tuple[str, str]:
    """SQL of a text as DOUBLE, and of whether that tells all its digits apart."""
    value = f"try_cast({marks.plain(text)} as double)"
    short = f"strlen({text}) <= 15 and abs({value}) {NORMAL}"
    form = matches(text, marks.form("[0-9]*", "[0-9]+", f"(?:{EXPONENT})?"))
    branches = []
    if marks.decimal == "." and not marks.thousands:
        # Beyond the form, the cast takes '_' and '+-1' only: 47 ns instead of 140 a value.
        branches = [
            (f"{short} and not contains({text}, '_') and not contains({text}, '+')", "true"),
            (f"{text} in ('0', '0.0')", "true"),
            (f"{value}::varchar = {text}", f"isfinite({value})"),
        ]
    branches += [
        (f"not {form}", "false"),
        (short, "true"),
        (f"length({digits(text)}) <= 15 and abs({value}) {NORMAL}", "true"),
        (same_digits(text, value), f"isfinite({value})"),
    ]
    return value, case(*branches, otherwise=f"{digits(text)} = {digits(_significant(17, value))}")


def decimal_of_float(type_: str, number: str) -> tuple[str, str]:
    """SQL of a DOUBLE as the decimal type, and of whether that loses nothing but noise.

    A double that is a whole count of the scale's units, and small enough to tell them apart, is
    that count. Any other is what 15 significant digits say: 441.15000000000003 is 441.15.
    """
    counted, said = f"try_cast({number} as {type_})", _significant(15, number)
    value = _by_way(type_, said)
    limit = UNITS_IN_DOUBLE / 10 ** _scale(type_)
    is_counted = f"abs({number}) < {limit!r} and {counted}::double = {number}"
    is_noise = f"abs({number}) < {NOISE_BELOW!r} or try_cast({said} as double) = {number}"
    readable = case((is_counted, "true"), (is_noise, same_digits(said, value)), otherwise="false")
    return case((is_counted, counted), otherwise=value), readable


def _by_way(type_: str, text: str) -> str:
    """SQL of a text as the decimal type, by way of the widest of its scale.

    The cast alone takes '1.23e16' for a DECIMAL(18,2), which has no such number, and fails for
    '1e-1' as DECIMAL(9,9).
    """
    return f"try_cast(try_cast({text} as decimal(38,{_scale(type_)})) as {type_})"


def _significant(count: int, number: str) -> str:
    return f"printf('%.{count}g', {number})"


def _scale(type_: str) -> int:
    return (decimal_of(type_) or (18, 0))[1]
