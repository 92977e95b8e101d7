"""Text as typed values: CSV and Excel cells, and the scalars of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.cell import Cell, case
from data_contracts.marks import BLANKS, EXPONENT, Marks
from data_contracts.moments import (
    CLOCK,
    ISO_CLOCK,
    ISO_DATE,
    ISO_OFFSET,
    MIDNIGHT,
    SPACES,
    date_of,
    shared_of,
    time_of,
    timestamp_of,
)
from data_contracts.numbers import double, exact_decimal, whole_number
from data_contracts.types import literal

if TYPE_CHECKING:
    from data_contracts.contract import Column

__all__ = [
    "BLANKS",
    "CLOCK",
    "EXPONENT",
    "ISO_CLOCK",
    "ISO_DATE",
    "ISO_OFFSET",
    "MIDNIGHT",
    "Marks",
    "text_cell",
    "without",
]


def text_cell(column: Column, source: str, marks: Marks, nulls: tuple[str, ...] = ()) -> Cell:
    """The cell of a text.

    Args:
        column: what it is in the lake.
        source: SQL of it.
        marks: how it writes numbers.
        nulls: the texts that stand for null.
    """
    nulls = (*nulls, *column.null_values)
    missing = f"{source} is null"
    if nulls:
        missing = f"coalesce({source} in ({', '.join(map(literal, nulls))}), true)"
    if column.type != "VARCHAR":
        nulls = tuple(filter(None, nulls))  # no number, date or boolean is empty anyway
    text, repeated, shared = without(source, nulls), None, tuple[str, ...]()
    if column.logical_type == "string":
        value, readable = text, "true"
    elif column.logical_type == "integer":
        value, readable = whole_number(text, marks)
        shared = (value,)
    elif column.type.startswith("DECIMAL"):
        value, readable = exact_decimal(column.type, text, marks)
        shared = (f"try_cast({marks.plain(text)} as {column.type})",)
    elif column.logical_type == "number":
        value, readable = double(text, marks)
        shared = (value,)
    elif column.logical_type == "boolean":
        value, readable = _boolean(text)
    elif column.logical_type == "date":
        value, readable = date_of(column, text)
        shared = shared_of(column, text)
    elif column.logical_type == "timestamp":
        value, readable, repeated = timestamp_of(column, text)
        shared = shared_of(column, text)
    elif column.logical_type == "time":
        value, readable = time_of(column, text)
    else:
        raise AssertionError(column.logical_type)
    return Cell(value, missing, readable, source, repeated, shared=shared)


def without(text: str, nulls: tuple[str, ...]) -> str:
    """SQL of a text, null where it is one of the words for null."""
    if len(nulls) == 1:
        return f"nullif({text}, {literal(nulls[0])})"
    listed = ", ".join(map(literal, nulls))
    return f"({case((f'{text} not in ({listed})', text))})" if nulls else text


def _boolean(text: str) -> tuple[str, str]:
    """True, t, yes, y and 1 are true, false, f, no, n and 0 are false, whatever their case."""
    trimmed = f"try_cast(trim({text}, {SPACES}) as boolean)"
    value = f"coalesce(try_cast({text} as boolean), {trimmed})"
    return value, f"{value} is not null"
