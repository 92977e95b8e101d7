"""A result as a table that a person can read, in the terminal's width or 80 columns."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalog.sql_types import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.result import Result

ROWS = 100
NARROW = 12  # to which long text is cut before columns are left out; numbers are never cut
GAP = 2


def grid(result: Result, *, started: float, is_terminal: bool) -> str:
    """The first rows, and a last line that says how many there are, of which snapshot.

    Args:
        result: to show.
        started: when the query was asked, by time.perf_counter.
        is_terminal: whether colours are understood.
    """
    rows, total = result.preview(ROWS)
    page = io.StringIO()
    console = Console(file=page, force_terminal=is_terminal, highlight=False, legacy_windows=False)
    cells = [[_shown(value) for value in row] for row in rows]
    numeric = [kind.id in NUMBERS for kind in result.types]
    names = [_plain(name) for name in result.columns]
    widths = _widths(names, cells, numeric, console.width)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for name, width, is_number in zip(names, widths, numeric, strict=False):
        table.add_column(
            Text(name),
            justify="right" if is_number else "left",
            width=width,
            no_wrap=True,
            overflow="ellipsis",
        )
    for row in cells:
        table.add_row(*row[: len(widths)])
    console.print(table)
    hidden = len(names) - len(widths)
    console.print(_footer(result, len(rows), total, hidden, started), style="dim", soft_wrap=True)
    return page.getvalue()


def _footer(result: Result, shown: int, total: int | None, hidden: int, started: float) -> str:
    parts = [
        f"{total:,} row{'' if total == 1 else 's'}" if total is not None else f"over {shown:,} rows"
    ]
    if total is None or total > shown:
        parts[0] += f", the first {shown:,} shown"
    if hidden:
        parts.append(f"{hidden:,} more column{'' if hidden == 1 else 's'}")
    if result.snapshot is not None:
        parts.append(f"snapshot {result.snapshot}")
    parts.append(f"{1000 * (time.perf_counter() - started):,.0f} ms")
    return " · ".join(parts)


def _widths(
    names: Sequence[str], rows: Sequence[Sequence[Text]], numeric: Sequence[bool], room: int
) -> list[int]:
    """Widths of as many columns, from the left, as there is room for."""
    natural = [
        min(room, max([cell_len(name), *(row[place].cell_len for row in rows)]))
        for place, name in enumerate(names)
    ]
    least = [
        width if is_number else min(width, NARROW)
        for width, is_number in zip(natural, numeric, strict=True)
    ]
    count = len(names)
    while count > 1 and sum(least[:count]) + GAP * (count - 1) > room:
        count -= 1
    widths = natural[:count]
    while (excess := sum(widths) + GAP * (count - 1) - room) > 0:
        cuttable = [place for place in range(count) if widths[place] > least[place]]
        if not cuttable:
            break
        widest = max(cuttable, key=lambda place: widths[place])
        widths[widest] -= max(1, min(excess, widths[widest] - least[widest]) // len(cuttable))
    return widths


def _shown(value: str | None) -> Text:
    return Text("null", "dim") if value is None else Text(_plain(value))


def _plain(value: str) -> str:
    """One line, and nothing in it that a terminal would obey."""
    return "".join(
        letter if letter.isprintable() else "⏎" if letter == "\n" else "·"
        for letter in value[:1000]
    )
