"""A last record that is the total of those before it, and no record."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from orchestration.init.header import is_number
from orchestration.init.numbers import MARKS, reads, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.init.numbers import Marks

WORD = re.compile(
    r"\s*((grand|sub)[ -]?)?(totals?|sum|summe|gesamt|insgesamt|totale|totaal|somme)\s*:?\s*", re.I
)
FEWEST = 2  # records that are added up
NEAR = Decimal("1e-9")  # of a total: Excel adds binary fractions


def place_of_total(last: Sequence[str], columns: Sequence[Sequence[str]]) -> int | None:
    """The column by which the last record is known to be a total; None where it is a record.

    Its cell there is a word such as "Total", or empty where all before have something.

    Args:
        last: its cells.
        columns: those of the records before it.
    """
    first = next((at for at, cell in enumerate(last) if cell.strip()), len(last))
    if first < len(columns) and WORD.fullmatch(last[first]) and any(map(is_number, last)):
        return first
    full = (at for at in range(min(first, len(columns))) if all(map(str.strip, columns[at])))
    place = next(full, None)
    return place if place is not None and _is_sum(last, columns) else None


def _is_sum(last: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Whether each cell that is filled is the sum of its column, under some marks."""
    if len(columns[0]) < FEWEST or any(map(str.strip, last[len(columns) :])):
        return False
    pairs = [
        (c, [*filter(str.strip, col)]) for c, col in zip(last, columns, strict=False) if c.strip()
    ]
    return all(is_number(cell) for cell, _ in pairs) and any(_adds_up(pairs, m) for m in MARKS)


def _adds_up(pairs: Sequence[tuple[str, list[str]]], marks: Marks) -> bool:
    if not all(reads([cell, *column], marks) for cell, column in pairs):
        return False
    sums = [(value(c, marks), sum(value(text, marks) for text in column)) for c, column in pairs]
    return all(abs(a - b) <= NEAR * abs(a) for a, b in sums) and any(a for a, _ in sums)
