"""Whether the first record is a header, and what stands before the table."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

MOST = 30  # lines before a table
LONGEST_NAME = 100
YEARS = range(1900, 2101)
NUMBER = re.compile(r"\s*[+-]?[\d.,]*\d[\d.,]*([eE][+-]?\d+)?\s*")


@lru_cache(maxsize=1 << 16)  # each cell is asked about once a delimiter that may be meant
def is_number(cell: str) -> bool:
    """Whether a cell is a number in any notation."""
    return NUMBER.fullmatch(cell) is not None


def preamble(rows: list[list[str]], width: int) -> int:
    """How many records stand before the table: titles and remarks, with few cells."""
    if width < 2:
        return 0
    for at, row in enumerate(rows[: MOST + 1]):
        if not _is_remark(row, width) and not _is_comment(row, rows[at + 1 :]):
            return at
    return 0


def _is_comment(row: list[str], rest: list[list[str]]) -> bool:
    """Whether a row with as many cells as the table is a comment: a header is below it."""
    if not row[0].startswith("#") or not rest:
        return False
    below = next((at for at, other in enumerate(rest) if not other[0].startswith("#")), 0)
    header, sure = has_header(rest[below], rest[below + 1 :])
    return header and (sure or row[0].startswith("# "))


def _is_remark(row: list[str], width: int) -> bool:
    said = [cell for cell in row if cell.strip()]
    if len(row) < width and len(said) <= max(1, width // 2):
        return not all(map(is_number, said))
    # A title that the spreadsheet padded with empty cells, or Excel's word for the delimiter.
    return len(said) <= 1 < width and (
        not said or " " in said[0].strip() or said[0][0] == "#" or said[0].lower() == "sep="
    )


def has_header(first: list[str], rest: list[list[str]]) -> tuple[bool, bool]:
    """Whether the first record names the columns, and whether that is sure.

    It is sure where the cells differ in kind from those below them (or do not); else it goes by
    their looks: a header is made of different names.
    """
    if _are_years(first):
        return True, True
    evidence = sum(_evidence(cell, _below(rest, at)) for at, cell in enumerate(first))
    if evidence:
        return evidence > 0, True
    named = [cell for cell in first if cell.strip()]
    return bool(named) and all(map(_is_name, named)) and len(set(named)) == len(named), False


def is_second_header(second: list[str], rest: list[list[str]]) -> bool:
    """Whether a row below a header is one more: words of units, say, where numbers are below."""
    if any(map(is_number, second)) or len(rest) < 2:
        return False
    evidence = [_evidence(cell, _below(rest, at)) for at, cell in enumerate(second)]
    return min(evidence) >= 0 and sum(evidence) >= max(2, len(second) / 2)


def is_below_groups(first: list[str], second: list[str], rest: list[list[str]]) -> bool:
    """Whether a row of names is below one of groups: each name once, and then empty cells.

    That is all there is to tell it by where everything is text; two groups at least are wide.
    """
    begins = [at for at, cell in enumerate(first) if cell.strip()]
    ends = [*begins[1:], len(second)]
    wide = [end - at for at, end in zip(begins, ends, strict=False) if end - at > 1]
    fresh = all(cell not in _below(rest, at) for at, cell in enumerate(second))
    return len(wide) > 1 and len(rest) > 1 and fresh and all(map(_is_name, second))


def _below(rest: list[list[str]], at: int) -> list[str]:
    return [row[at] for row in rest if at < len(row) and row[at].strip()]


def _evidence(cell: str, below: list[str]) -> int:
    """1 where the cell is unlike those below it, -1 where it is like them, else 0."""
    if not cell.strip() or not below:
        return -1 if is_number(cell) else 0
    numbers = sum(map(is_number, below)) / len(below)
    if numbers > 0.8:
        return -1 if is_number(cell) else 1
    if is_number(cell):
        return 1 if not numbers else 0
    shapes = {_shape(value) for value in below}
    if len(shapes) == 1 and len(below) > 1 and re.search(r"\d", cell + below[0]):
        return -1 if _shape(cell) in shapes else 1
    return -1 if cell in below else 0


def _shape(cell: str) -> str:
    """Letters as a, digits as 9: `DESH_PR_0058` is `a_a_9`."""
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", cell.strip()))


def _is_name(cell: str) -> bool:
    text = cell.strip()
    has_letter = re.search(r"[^\W\d]", text) is not None
    return has_letter and len(text) <= LONGEST_NAME and not is_number(text)


def _are_years(first: list[str]) -> bool:
    """A header of years, above numbers: country,2011,2012."""
    numbers = [cell.strip() for cell in first if is_number(cell)]
    if len(numbers) < 2 or is_number(first[0]) or not all(n.isdecimal() for n in numbers):
        return False
    years = [int(n) for n in numbers]
    steps = {after - before for before, after in pairwise(years)}
    return all(year in YEARS for year in years) and len(steps) == 1 and 0 not in steps
