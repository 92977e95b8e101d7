"""What the digits of a column of numbers are like, so that its type loses none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING

from orchestration.init.numbers import BLANKS, Marks, forward, value

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def digits_of(texts: Mapping[str, int], marks: Marks) -> Digits:
    """What the digits of a column of numbers are like."""
    if marks.trailing:
        texts = {forward(text): count for text, count in texts.items()}
    numbers = [value(text, marks) for text in texts]
    exponents = any("e" in text.lower() for text in texts)
    scales = {_scale(text, marks.decimal) for text in texts}
    return Digits(
        whole=all(map(_whole(marks).fullmatch, texts))
        and all(int(number) in BIGINT for number in numbers),
        before=max(max(n.adjusted() + 1, 1) for n in numbers),
        after=max(_places(n) for n in numbers),
        constant=scales.pop() if len(scales) == 1 and not exponents else None,
        exponents=exponents,
        exact=all(_is_exact(n, text) for n, text in zip(numbers, texts, strict=True)),
    )


@cache
def _whole(marks: Marks) -> re.Pattern[str]:
    return re.compile(f"{BLANKS}[+-]?{marks.whole}(?:{marks.point}0*)?{BLANKS}")


def _scale(text: str, decimal: str) -> int:
    return len(text.strip(" \t").partition(decimal)[2])


def _places(number: Decimal) -> int:
    _, digits, exponent = number.as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, -exponent - zeros) if number and isinstance(exponent, int) else 0


def _is_exact(number: Decimal, text: str) -> bool:
    """As the gate has it: up to 16 characters, or the number that the binary float writes."""
    double = float(number)
    return isfinite(double) and (len(text) <= 16 or Decimal(repr(double)) == number)
