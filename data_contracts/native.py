"""Typed columns (Parquet's, a database's) as the contract's types, where they cast back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from data_contracts.cell import Cell, absent, unreadable, written
from data_contracts.json_values import json_cell, text_of_json
from data_contracts.marks import Marks
from data_contracts.matching import match
from data_contracts.moments import DATES, MOMENTS
from data_contracts.nested import array_cell, object_cell
from data_contracts.text import text_cell, without
from data_contracts.typed import INTEGERS, NESTED, kind_of, scalar
from data_contracts.types import literal

if TYPE_CHECKING:
    from data_contracts.contract import Column, Reading

YEARS = {"DATE": DATES, "TIMESTAMP WITH TIME ZONE": MOMENTS}


def cell_of(column: Column, source: str, type_: str, reading: Reading, path: str) -> Cell:
    """The cell of a source's column.

    Args:
        column: what it is in the lake.
        source: SQL of it.
        type_: its DuckDB type.
        reading: how the source writes numbers and nulls.
        path: how a person names it.
    """
    if type_ == "JSON":
        # JSON of our own reader is valid; a Parquet file may call any text JSON.
        of_json = json_cell if reading.format in ("json", "ndjson") else text_of_json
        text = source if of_json is json_cell else f"{source}::varchar"
        return of_json(column, text, reading.null_values, path)
    kind = kind_of(type_)
    if kind in ("VARCHAR", "ENUM", "UUID") or (kind in INTEGERS and _has_form(column)):
        text = source if kind == "VARCHAR" else f"{source}::varchar"
        return _of_text(column, text, reading, path)
    if column.logical_type in ("object", "array"):
        return _nested(column, source, type_, reading, path)
    if type_ == column.type:
        in_years = f"{source} {YEARS[type_]}" if type_ in YEARS else "true"
        return Cell(source, f"{source} is null", in_years, written(source))
    read = scalar(column, source, type_)
    if read is None:
        return unreadable(column.type, source)
    value, readable, repeated = read
    return Cell(value, f"{source} is null", readable, written(source), repeated)


def _of_text(column: Column, text: str, reading: Reading, path: str) -> Cell:
    if column.logical_type in ("object", "array"):
        return text_of_json(column, without(text, reading.null_values), (), path)
    marks = Marks(reading.decimal_mark, reading.thousands_mark, reading.trailing_minus)
    if reading.format == "excel":
        # A workbook holds numbers as binary floats, which its reader writes with a point.
        marks = Marks(floats=True)
    return text_cell(column, text, marks, reading.null_values)


def _nested(column: Column, source: str, type_: str, reading: Reading, path: str) -> Cell:
    import duckdb

    kind = kind_of(type_)
    whole = Cell(source, f"{source} is null", "true", written(source))
    if kind == "LIST" and (items := column.items) is not None:
        type_of_item = str(dict(duckdb.sqltype(type_).children)["child"])
        return array_cell(
            column,
            f"{source}::{type_of_item}[]",
            lambda item, path: cell_of(items, item, type_of_item, reading, path),
            whole,
            path,
        )
    if kind == "STRUCT" and column.fields:
        types = {name: str(inner) for name, inner in duckdb.sqltype(type_).children}
        found = match(column.fields, types)
        given = {name: f"{source}[{literal(name)}]" for name in types}
        cells = [
            cell_of(f, given[name], types[name], reading, f"{path}.{f.name}")
            if (name := found.get(f.name))
            else absent(f.type)
            for f in column.fields
        ]
        others = [f"{given[name]} is not null" for name in types if name not in found.values()]
        return object_cell(column, cells, replace(whole, more=" or ".join(others) or None), path)
    if (column.logical_type == "object") != (kind in ("STRUCT", "MAP")) or kind not in NESTED[:3]:
        return unreadable(column.type, source)
    cell = json_cell(column, f"try(to_json({source}))", (), path)
    return replace(cell, missing=whole.missing, shown=whole.shown)


def _has_form(column: Column) -> bool:
    """Whether whole numbers are to be read as dates: 20240131 by yyyyMMdd."""
    return column.logical_type in ("date", "timestamp") and bool(column.options.get("format"))
