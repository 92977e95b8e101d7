"""Where the table is among the records of a text file or a sheet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from orchestration.init.header import (
    has_header,
    is_below_groups,
    is_number,
    is_second_header,
    preamble,
)
from orchestration.init.names import is_own, unique

STEADY = 0.9  # share of the records below a header that have another number of cells than it


@dataclass(frozen=True, slots=True)
class Table:
    """Below what lines the records of a table are, and under which names.

    The first record, the header where there is one, says how many cells a record has.
    """

    names: tuple[str, ...]  # without empty ones at the end of a header
    width: int  # cells of a record
    header: bool
    skip_lines: int
    raw_header: tuple[str, ...] = ()  # as written, where `names` had to be made up
    sure: bool = True  # of the header
    numeric: tuple[bool, ...] = ()  # whether most values of each column are numbers
    second: tuple[str, ...] = ()  # one more header below it, that counts as a record


def table_of(numbered: list[tuple[int, list[str]]]) -> Table:
    """Where the table is among the first records, each with the number of its last line."""
    usual, _ = width_of([row for _, row in numbered])
    skipped = preamble([row for _, row in numbered], usual)
    body = numbered[skipped:]
    before = numbered[skipped - 1][0] if skipped else 0
    line, first = body[0]
    rest = [row for _, row in body[1:]]
    second = rest[0] if rest and is_second_header(rest[0], rest[1:]) else []
    if all(second) and "" in _without_tail(first) and second:
        return _grouped(first, second, body[1][0], rest[1:])
    if rest and not second and is_below_groups(first, rest[0], rest[1:]):
        return replace(_grouped(first, rest[0], body[1][0], rest[1:]), sure=False)
    header, sure = has_header(first, rest[bool(second) :])
    width = len(first)
    numeric = tuple(_is_numeric(rest or [first], at) for at in range(width))
    table = Table(_numbered(width), width, False, before, sure=sure, numeric=numeric)
    if not header:
        return table
    written = _without_tail(first)
    named = [cell.strip().casefold() for cell in written]
    usual, share = width_of(rest or [first])
    fits = usual == width or usual < len(written) or share < STEADY
    if fits and not any(map(is_own, named)) and "" not in named and len(set(named)) == len(named):
        return replace(table, names=tuple(written), header=True, second=tuple(second))
    # A name twice, none, or one of the lake's own cannot be matched: columns go by their order.
    width = len(rest[0]) if rest else width
    return replace(
        table, names=_made_up(first, width), width=width, skip_lines=line, raw_header=tuple(first)
    )


def _grouped(first: list[str], second: list[str], line: int, rest: list[list[str]]) -> Table:
    """A table below two headers: groups of columns, whose names stand once each, and columns."""
    width, group, names = len(second), "", []
    for at, name in enumerate(second):
        group = (first[at].strip() if at < len(first) else "") or group
        names.append(f"{group} {name.strip()}".strip())
    numeric = tuple(_is_numeric(rest, at) for at in range(width))
    return Table(
        _made_up(names, width), width, False, line, raw_header=tuple(names), numeric=numeric
    )


def width_of(rows: list[list[str]]) -> tuple[int, float]:
    """The most frequent number of cells, and the share of the rows that have it."""
    widths = Counter(len(row) for row in rows)
    (width, count), *_ = widths.most_common(1)
    return width, count / len(rows)


def _is_numeric(rows: list[list[str]], at: int) -> bool:
    said = [row[at] for row in rows if at < len(row) and row[at].strip()]
    return sum(map(is_number, said)) > len(said) / 2


def _without_tail(header: list[str]) -> list[str]:
    while header and not header[-1].strip():
        header = header[:-1]
    return header


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(f"column_{at}" for at in range(1, width + 1))


def _made_up(header: list[str], width: int) -> tuple[str, ...]:
    # With one name less than there are cells, the first column is that of row names (R writes so).
    header = ["", *header] if len(header) == width - 1 else header
    cells = [*header, *[""] * (width - len(header))][:width]
    clear = ("" if is_own(cell.strip()) else cell.strip() for cell in cells)
    return tuple(unique(cell or f"column_{at}" for at, cell in enumerate(clear, 1)))
