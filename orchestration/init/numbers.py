"""Text as numbers, in the forms that the gate reads, and the marks that a file writes them with."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
EXPONENT = "[eE][+-]?[0-9]{1,3}"  # longer ones are no number that a double holds


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
    form = _form(marks)
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


@cache
def _form(marks: Marks) -> re.Pattern[str]:
    number = f"(?:{marks.whole}(?:{marks.point}[0-9]*)?|{marks.point}[0-9]+)(?:{EXPONENT})?"
    return re.compile(f"{BLANKS}[+-]?{number}{BLANKS}")
