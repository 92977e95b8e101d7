"""JSON values as typed ones, nested ones kept nested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.cell import Cell
from data_contracts.rules import keeps
from data_contracts.text import Marks, text_cell
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from data_contracts.contract import Column

MARKS = Marks(binary_floats=True)


def json_cell(column: Column, json: str, depth: int = 0) -> Cell:
    """The cell of a JSON value: `json` is SQL of it, null where the key is absent."""
    kind = f"json_type({json})"
    text = f"({json} ->> '$')"
    missing = f"({json} is null or {kind} = 'NULL')"
    if column.logical_type == "object":
        value, readable = _object(column, json, depth)
        readable = f"{kind} = 'OBJECT' and {readable}"
    elif column.logical_type == "array":
        value, readable = _array(column, json, depth)
        readable = f"{kind} = 'ARRAY' and {readable}"
    elif column.logical_type == "string":
        # A number that is text in the lake keeps its digits only where it is whole.
        value, readable = text, f"{kind} in ('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN')"
    else:
        inner = text_cell(column, text, MARKS)
        scalar = f"{kind} not in ('OBJECT', 'ARRAY') and ({inner.readable})"
        return Cell(inner.value, missing, scalar, text, inner.repeated)
    return Cell(value, missing, readable, f"{json}::varchar")


def _object(column: Column, json: str, depth: int) -> tuple[str, str]:
    if not column.fields:
        return json, "true"
    cells = [
        (field, json_cell(field, f"({json} -> {literal(_path(field.source))})", depth))
        for field in column.fields
    ]
    packed = ", ".join(f"{quoted(field.name)} := {_typed(field, cell)}" for field, cell in cells)
    return f"struct_pack({packed})", " and ".join(keeps(field, cell) for field, cell in cells)


def _array(column: Column, json: str, depth: int) -> tuple[str, str]:
    if column.items is None:
        return json, "true"
    item = f"item_{depth}"
    cell = json_cell(column.items, item, depth + 1)
    each = f"""from_json({json}, '["JSON"]')"""
    value = f"list_transform({each}, lambda {item} : {_typed(column.items, cell)})"
    good = f"list_transform({each}, lambda {item} : {keeps(column.items, cell)})"
    return value, f"coalesce(list_bool_and({good}), true)"


def _typed(column: Column, cell: Cell) -> str:
    return f"case when {cell.missing} then null else {cell.value} end::{column.type}"


def _path(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'$."{escaped}"'
