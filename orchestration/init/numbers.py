"""Text as numbers, by the forms that the gate reads, and the marks that a file writes them with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from data_contracts.text import BLANKS, EXPONENT, Marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# In order of preference where several read everything.
MARKS = tuple(
    Marks(decimal, thousands)
    for decimal, thousands in (
        (".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (",", "\xa0"), (",", "\u202f"),
        (".", " "), (".", "'"), (",", "'"), (".", "’"),
    )
)  # fmt: skip
LOOKS = re.compile(
    r"[ \t]*[+-]?[\d.,'’ \xa0\u202f]*\d[\d.,'’ \xa0\u202f]*([eE][+-]?\d+)?[ \t]*", re.ASCII
)
BIGINT = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Digits:
    """The digits of a column of numbers."""

    whole: bool  # every number is an integer that fits BIGINT
    before: int  # the mark, at most
    after: int  # the mark, at most, zeros at the end not counted
    constant: int | None  # digits after the mark as written, where all numbers have the same
    exponents: bool
    exact: bool  # every number is what a binary float of it writes


def marks_of(columns: Iterable[Iterable[str]]) -> tuple[Marks, tuple[Marks, ...]]:
    """The marks that read most columns as numbers, and the others that read as many.

    Args:
        columns: the distinct texts of each column, without those that mean null.
    """
    numeric = [texts for texts in map(list, columns) if texts and all(map(LOOKS.fullmatch, texts))]
    marked = [
        texts for texts in numeric if any(re.search(r"\d[.,'’ \xa0\u202f]", t) for t in texts)
    ]
    votes = {marks: sum(reads(texts, marks) for texts in marked) for marks in MARKS}
    best = max(votes.values())
    found = [marks for marks in MARKS if votes[marks] == best]
    return found[0], tuple(found[1:]) if best else ()


def reads(texts: Iterable[str], marks: Marks) -> bool:
    """Whether every text is a number under these marks."""
    form = _form(marks.decimal, marks.thousands)
    return all(map(form.fullmatch, texts))


def is_doubtful(texts: Iterable[str], marks: Marks, others: Iterable[Marks]) -> bool:
    """Whether another of the marks reads every text too, and one as another number."""
    texts = list(texts)
    opposite = (other for other in others if other.decimal != marks.decimal)
    return any(
        reads(texts, other) and any(value(t, other) != value(t, marks) for t in texts)
        for other in opposite
    )


def value(text: str, marks: Marks) -> Decimal:
    """The number that a text is under these marks."""
    plain = text.strip(" \t").replace(marks.thousands, "") if marks.thousands else text.strip(" \t")
    return Decimal(plain.replace(marks.decimal, "."))


def digits_of(texts: Mapping[str, int], marks: Marks) -> Digits:
    """What the digits of a column of numbers are like."""
    numbers = [value(text, marks) for text in texts]
    exponents = any("e" in text.lower() for text in texts)
    scales = {_scale(text, marks.decimal) for text in texts}
    return Digits(
        whole=not exponents
        and all(n == n.to_integral_value() and int(n) in BIGINT for n in numbers),
        before=max(max(n.adjusted() + 1, 1) for n in numbers),
        after=max(_places(n) for n in numbers),
        constant=scales.pop() if len(scales) == 1 and not exponents else None,
        exponents=exponents,
        exact=all(_is_exact(n, text) for n, text in zip(numbers, texts, strict=True)),
    )


@cache
def _form(decimal: str, thousands: str) -> re.Pattern[str]:
    marks = Marks(decimal, thousands)
    number = f"(?:{marks.whole}(?:{marks.point}[0-9]*)?|{marks.point}[0-9]+)(?:{EXPONENT})?"
    return re.compile(f"{BLANKS}[+-]?{number}{BLANKS}")


def _scale(text: str, decimal: str) -> int:
    return len(text.strip(" \t").partition(decimal)[2])


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _is_exact(number: Decimal, text: str) -> bool:
    """As the gate has it: up to 16 characters, or the number that the binary float writes."""
    return len(text) <= 16 or Decimal(repr(float(number))) == number
