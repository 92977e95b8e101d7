"""Text as numbers, in the forms that the gate reads, and the marks that a file writes them with."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANKS = r"[ \t]*"


@dataclass(frozen=True, slots=True)
class Marks:
    """How a file writes numbers."""

    decimal: str = "."
    thousands: str = ""
    trailing: bool = False  # a minus may stand after the number, as SAP writes it

    @property
    def whole(self) -> str:
        """Regular expression of the digits before the decimal mark."""
        groups = (
            f"|[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+" if self.thousands else ""
        )
        return f"(?:[0-9]+{groups})"

    @property
    def point(self) -> str:
        """Regular expression of the decimal mark."""
        return re.escape(self.decimal)


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
TRAILING = re.compile(r"[ \t]*([^-]*\d)-[ \t]*")
EXPONENT = "[eE][+-]?[0-9]{1,3}"  # longer ones are no number that a double holds


def marks_of(columns: Iterable[Iterable[str]]) -> tuple[Marks, tuple[Marks, ...]]:
    """The marks that read most columns as numbers, and the others that read as many.

    Args:
        columns: the distinct texts of each column, without those that mean null.
    """
    given = [texts for texts in map(list, columns) if texts]
    # Some are negative, and others are not: what ends in a hyphen always is no number.
    signed = [t for t in given if 0 < sum(map(_is_trailing, t)) < len(t) and _look(map(forward, t))]
    trailing = bool(signed)
    given = [list(map(forward, texts)) if texts in signed else texts for texts in given]
    numeric = [texts for texts in given if _look(texts)]
    marked = [
        texts for texts in numeric if any(re.search(r"\d[.,'’ \xa0\u202f]", t) for t in texts)
    ]
    votes = {marks: sum(reads(texts, marks) for texts in marked) for marks in MARKS}
    best = max(votes.values())
    found = [replace(marks, trailing=trailing) for marks in MARKS if votes[marks] == best]
    return found[0], tuple(found[1:]) if best else ()


def reads(texts: Iterable[str], marks: Marks) -> bool:
    """Whether every text is a number under these marks."""
    form = _form(marks)
    return all(map(form.fullmatch, map(forward, texts) if marks.trailing else texts))


def forward(text: str) -> str:
    """A number's text with its minus before it, where it stands after it."""
    found = TRAILING.fullmatch(text)
    return f"-{found[1]}" if found else text


def _is_trailing(text: str) -> bool:
    return TRAILING.fullmatch(text) is not None


def _look(texts: Iterable[str]) -> bool:
    return all(map(LOOKS.fullmatch, texts))


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
    text = forward(text) if marks.trailing else text
    plain = text.strip(" \t").replace(marks.thousands, "") if marks.thousands else text.strip(" \t")
    return Decimal(plain.replace(marks.decimal, "."))


@cache
def _form(marks: Marks) -> re.Pattern[str]:
    number = f"(?:{marks.whole}(?:{marks.point}[0-9]*)?|{marks.point}[0-9]+)(?:{EXPONENT})?"
    return re.compile(f"{BLANKS}[+-]?{number}{BLANKS}")
