"""Whether one cell keeps its column's contract, and the one reason where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.cell import case
from data_contracts.rules import is_required, rules_of_column
from data_contracts.types import literal

if TYPE_CHECKING:
    from data_contracts.cell import Cell
    from data_contracts.contract import Column

SHOWN = 100  # characters of a value that a reason shows
KINDS = {
    "integer": "an integer",
    "object": "an object of its fields",
    "array": "an array of its items",
}


def keeps(column: Column, cell: Cell) -> str:
    """SQL, never null: the cell keeps every rule of its column.

    Rules are asked of readable values only, and a CASE asks in that order; an AND may ask all.
    """
    rules = [f"({rule.holds})" for rule in rules_of_column(column, f"({cell.value})")]
    if not rules and cell.readable == "true":
        return f"not {cell.missing}" if is_required(column) else "true"
    good = f"coalesce({' and '.join(rules)}, false)" if rules else "true"
    missing = str(not is_required(column)).lower()
    return case((cell.missing, missing), (cell.readable, good), otherwise="false")


def reason(column: Column, cell: Cell, path: str) -> str:
    """SQL of the one reason why a column is broken, null where it is not.

    Args:
        column: the column, or a nested one.
        cell: its cell.
        path: how a person names it: ``lines[].amount``.
    """

    def told(words: str) -> str:
        before, after = literal(f"{path}: '"), literal(f"' {words}")
        return f"concat({before}, left({cell.shown}, {SHOWN}), {after})"

    missing = literal(f"{path}: is missing and required") if is_required(column) else "null"
    unreadable = told(f"is not {_kind(column)}")
    if cell.within:
        unreadable = f"coalesce({cell.within}, {unreadable})"
    rules = rules_of_column(column, f"({cell.value})")
    broken = case(*((f"not coalesce({r.holds}, false)", told(r.broken)) for r in rules))
    return case((cell.missing, missing), (cell.readable, broken), otherwise=unreadable)


def _kind(column: Column) -> str:
    if column.type.startswith("DECIMAL"):
        return f"a {column.type.lower()} without losing digits"
    kind = KINDS.get(column.logical_type, f"a {column.logical_type}")
    form = column.options.get("format")
    if form and column.logical_type in ("date", "timestamp", "time"):
        kind += f" as {form}"
    if zone := column.options.get("defaultTimezone"):
        kind += f" that exists in {zone}"
    return kind
