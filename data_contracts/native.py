"""Typed columns (Parquet's, a database's) as the contract's types: nothing that casts back changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.cell import Cell
from data_contracts.local_time import at_zone
from data_contracts.nested import json_cell
from data_contracts.text import Marks, fifteen_digits, text_cell
from data_contracts.types import decimal_of, literal

if TYPE_CHECKING:
    from data_contracts.contract import Column, Reading

FLOATS = ("FLOAT", "DOUBLE")
LOCAL = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
EXACT_IN_DOUBLE = 9e15  # below 2^53, so that a float times its scale is exact


def cell_of(column: Column, source: str, type_: str, reading: Reading) -> Cell:
    """The cell of a source's column: `source` is SQL of it, `type_` its DuckDB type."""
    if type_ == "JSON":
        return json_cell(column, source)
    if type_ == "VARCHAR":
        return _from_text(column, _known_nulls(source, reading.null_values), reading)
    missing, shown = f"{source} is null", f"{source}::varchar"
    if type_ == column.type:
        return Cell(source, missing, "true", shown)
    if type_ in FLOATS and column.type.startswith("DECIMAL"):
        value, readable = _float_to_decimal(column.type, source, type_)
        return Cell(value, missing, readable, shown)
    if type_ in LOCAL and column.logical_type == "timestamp":
        local = source if type_ == "TIMESTAMP" else f"{source}::timestamp"
        value, exists, repeated = at_zone(local, column.options.get("defaultTimezone") or "UTC")
        same = "true" if type_ == "TIMESTAMP" else f"{local}::{type_} = {source}"
        return Cell(value, missing, f"{same} and {exists}", shown, repeated)
    if type_ == "BLOB" and column.logical_type == "string":
        return Cell(f"try(decode({source}))", missing, f"try(decode({source})) is not null", shown)
    value = f"try_cast({source} as {column.type})"
    back = f"coalesce(try_cast({value} as {type_}) = {source}, false)"
    return Cell(value, missing, back, shown)


def _from_text(column: Column, text: str, reading: Reading) -> Cell:
    marks = Marks(reading.decimal_mark, reading.thousands_mark, reading.format == "excel")
    if column.logical_type in ("object", "array"):
        inner = json_cell(column, f"(case when json_valid({text}) then {text} end)::json")
        readable = f"json_valid({text}) and ({inner.readable})"
        return Cell(inner.value, f"{text} is null", readable, text)
    return text_cell(column, text, marks)


def _known_nulls(text: str, nulls: tuple[str, ...]) -> str:
    if not nulls:
        return text
    if len(nulls) == 1:
        return f"nullif({text}, {literal(nulls[0])})"
    return f"case when {text} in ({', '.join(map(literal, nulls))}) then null else {text} end"


def _float_to_decimal(type_: str, source: str, float_: str) -> tuple[str, str]:
    """A binary float counts with 15 digits (441.15000000000003 is 441.15), a single with its own."""
    if float_ == "FLOAT":
        text = f"{source}::varchar"
        value = f"try_cast({text} as {type_})"
        return value, f"coalesce({value}::float = {source}, false)"
    digits = fifteen_digits(source)
    scale = (decimal_of(type_) or (18, 0))[1]
    exact = f"abs({source}) < {EXACT_IN_DOUBLE / 10**scale!r}"
    value = (
        f"case when {exact} then try_cast({source} as {type_}) else try_cast({digits} as {type_}) end"
    )
    near = f"{value}::double = try_cast({digits} as double)"
    return value, f"coalesce(case when {value}::double = {source} then true else {near} end, false)"
