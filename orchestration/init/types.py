"""The type of a column of text: the narrowest that reads every sampled value without loss."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orchestration.init import dates, numbers, words
from orchestration.init.digits import digits_of
from orchestration.init.nulls import split
from orchestration.init.property import Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestration.init.numbers import Marks

    Texts = Mapping[str, int]  # the rows of each text

WORDS = (frozenset({"true", "false"}), frozenset({"yes", "no"}))
ENOUGH = 20  # rows from which on eight digits that are all days are days, whatever the name
ROOM = 4  # digits after the mark of money where not every row was seen
MOST_PLACES = 6  # after the mark, of money
LONGEST = 38  # digits of a decimal
NEARLY = 0.9  # share of rows from which on it is said that a text column is nearly a number
SERIALS = range(20_000, 80_000)  # 1954 to 2119
NO_ZONE = "without a time zone, read as UTC; name another as defaultTimezone"

THOUSANDS = "1,234 may be thousands or a fraction: kept as text until decimalMark is known"


@dataclass(frozen=True, slots=True)
class File:
    """What is known of the file as a whole."""

    marks: Marks
    others: tuple[Marks, ...]  # marks that would read as many columns as numbers
    complete: bool
    excel: bool


def type_of(name: str, texts: Texts, file: File) -> Type:
    """The type of a column by its snake_case name and its texts."""
    said, nulls = split(texts)
    if not said:
        return Type(doubts=("no value was seen",))
    found = _boolean(said) or _number(name, said, file) or _moment(said, file)
    if found is None:
        return Type(remarks=_nearly(said, file.marks))
    return found if found.logical == "string" else replace(found, nulls=nulls)


def _boolean(said: Texts) -> Type | None:
    seen = {text.strip(" \t").lower() for text in said}
    return Type("boolean") if seen in WORDS else None


def _number(name: str, said: Texts, file: File) -> Type | None:
    if words.is_identifier(name):
        return _identifier(said)
    if all(text.strip(" \t").isdecimal() and text.isascii() for text in said):
        if days := _days(name, said):
            return days
        if any(re.match(r"[ \t]*0\d", text) for text in said):
            return Type(remarks=("leading zeros: an identifier, no number",))
    if not numbers.reads(said, file.marks):
        return None
    if numbers.is_doubtful(said, file.marks, file.others):
        return Type(doubts=(THOUSANDS,))
    return _by_digits(name, said, file)


def _identifier(said: Texts) -> Type | None:
    if all(re.fullmatch(r"\d+\.0*", text) for text in said):
        return Type(remarks=("an identifier; the .0 comes from a tool that read it as a float",))
    if all(map(numbers.LOOKS.fullmatch, said)):
        return Type(remarks=("digits, but an identifier by its name",))
    return None


def _days(name: str, said: Texts) -> Type | None:
    """Eight digits, or fourteen, that are days."""
    is_day = words.is_day(name)
    moments = dates.moments_of(said) if is_day or sum(said.values()) >= ENOUGH else None
    if not moments or not (moments.format or "").startswith("yyyyMMdd"):
        return None
    remarks = () if is_day else ("every value is a day when it is read so",)
    return Type(moments.logical_type, format=moments.format, remarks=remarks)


def _by_digits(name: str, said: Texts, file: File) -> Type:
    digits = digits_of(said, file.marks)
    if words.is_day(name) and all(text.isdecimal() and int(text) in SERIALS for text in said):
        return Type(
            "integer", doubts=("days as Excel counts them, from 1899-12-30? kept as numbers",)
        )
    money = words.is_money(name) and digits.after <= MOST_PLACES and not digits.exponents
    places = max(2 if file.complete else ROOM, digits.after)
    if digits.whole and not money and not digits.constant:
        return Type("integer")
    steady = digits.constant is not None and 2 <= digits.constant <= 4
    if (money or steady) and digits.before + places <= LONGEST:
        size = 18 if digits.before + places <= 18 else LONGEST
        why = "money by its name" if money else f"always {digits.constant} digits after the mark"
        return Type("number", f"decimal({size},{places})", remarks=(why,))
    if digits.whole:
        return Type("integer")
    if digits.after == 0 and not digits.exponents:
        return Type(remarks=("more digits than an integer holds",))
    if digits.exact:
        return Type("number")
    if digits.before + digits.after <= LONGEST:
        physical = f"decimal({LONGEST},{digits.after})"
        return Type("number", physical, remarks=("more digits than a binary float holds",))
    return Type(remarks=("numbers of more digits than any number type holds",))


def _moment(said: Texts, file: File) -> Type | None:
    moments = dates.moments_of(said)
    if moments is None:
        return None
    if moments.doubtful:
        one, other = moments.doubtful
        doubt = f"could be {one} or {other}, no value decides: kept as text until one is named"
        return Type(doubts=(doubt,), either=moments.doubtful)
    kind, remarks, doubts = moments.logical_type, [], []
    if moments.instead_of:
        remarks.append(f"not {moments.instead_of}: rows that rule it out: {moments.decided_by:,}")
    if moments.midnights and file.excel:
        kind = "date"
    elif kind == "timestamp" and not moments.zoned:
        doubts.append(NO_ZONE)
    return Type(kind, format=moments.format, remarks=tuple(remarks), doubts=tuple(doubts))


def _nearly(said: Texts, marks: Marks) -> tuple[str, ...]:
    rows = sum(said.values())
    others = {text: n for text, n in said.items() if not numbers.reads([text], marks)}
    share = 1 - sum(others.values()) / rows
    if NEARLY <= share < 1:
        return (f"{share:.1%} of the values are numbers, {sum(others.values()):,} are not",)
    return ()
