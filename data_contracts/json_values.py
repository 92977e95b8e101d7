"""JSON values as typed ones, nested ones kept nested."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from data_contracts.cell import Cell, case, unreadable
from data_contracts.marks import Marks, matches
from data_contracts.nested import array_cell, object_cell
from data_contracts.text import text_cell
from data_contracts.types import literal

if TYPE_CHECKING:
    from data_contracts.contract import Column

MOMENTS = ("date", "timestamp", "time")
NO_FLOAT = "true|false|-?[0-9]+"  # scalars of which no digit was lost on the way here


def json_cell(column: Column, json: str, nulls: tuple[str, ...], path: str) -> Cell:
    """The cell of a JSON value.

    Args:
        column: what it is in the lake.
        json: SQL of it, valid and without blanks around it; null where the key is absent.
        nulls: the texts that stand for null.
        path: how a person names it.
    """
    raw = f"{json}::varchar"
    missing = f"coalesce({raw} = 'null', true)"
    if column.logical_type in ("object", "array"):
        is_one = f"json_type({json}) = {literal(column.logical_type.upper())}"
        whole = Cell(case((f"{raw} <> 'null'", json)), missing, is_one, raw)
        nested = _object if column.logical_type == "object" else _array
        return nested(column, json, nulls, whole, path)
    return _scalar(column, json, nulls, Cell("", missing, "", raw))


def text_of_json(column: Column, text: str, nulls: tuple[str, ...], path: str) -> Cell:
    """The cell of a text that should be JSON, and may not be."""
    # An object or array stays as it is written; of a scalar the blanks are taken off.
    bare = "" if column.logical_type in ("object", "array") else " -> '$'"
    json = f"({case((f'json_valid({text})', f'{text}::json{bare}'))})"
    inner = json_cell(column, json, nulls, path)
    return replace(
        inner,
        missing=case((f"json_valid({text})", inner.missing), otherwise=f"{text} is null"),
        readable=case((f"json_valid({text})", inner.readable), otherwise="false"),
        shown=text,
    )


def key_twice(json: str) -> str:
    """SQL of a key that an object has twice, null where it has none; JSON's readers take the first.

    Reading a record of ten keys takes a third longer for it: 1.6 µs.
    """
    keys = f"json_keys({json})"
    ordered = f"list_sort({keys})"
    same = f"list_filter(list_zip({ordered}, {ordered}[2:]), lambda pair : pair[1] = pair[2])"
    return case((f"list_unique({keys}) < len({keys})", f"{same}[1][1]"))


def _scalar(column: Column, json: str, nulls: tuple[str, ...], whole: Cell) -> Cell:
    """A text within quotes, or else a number or boolean, which is read as it is written.

    Parsing a number again would cost 80 ns a value.
    """
    raw, is_text = f"({whole.shown})", f"starts_with({whole.shown}, '\"')"
    text = text_cell(column, f"({json} ->> '$')", Marks(), nulls)
    bare = text_cell(column, raw, Marks(floats=True))
    if column.logical_type == "string":
        bare = replace(bare, readable=matches(raw, NO_FLOAT))
    elif column.logical_type in MOMENTS and not column.options.get("format"):
        bare = unreadable(column.type, raw)
    missing = case((is_text, text.missing), otherwise=whole.missing) if nulls else whole.missing
    return Cell(
        value=case((is_text, text.value), (f"{raw} <> 'null'", bare.value)),
        missing=missing,
        readable=case((is_text, text.readable), otherwise=bare.readable),
        shown=case((is_text, text.shown), otherwise=raw),
        repeated=text.repeated and case((is_text, text.repeated), otherwise="false"),
    )


def _object(column: Column, json: str, nulls: tuple[str, ...], whole: Cell, path: str) -> Cell:
    if not column.fields:
        return whole
    cells = [
        json_cell(f, f"({json} -> {literal(_pointer(f.source))})", nulls, f"{path}.{f.name}")
        for f in column.fields
    ]
    known = ", ".join(literal(field.source) for field in column.fields)
    keys = f"json_keys({json})"
    more = f"len({keys}) > len(list_intersect({keys}, [{known}]))"
    twice = case((whole.readable, key_twice(json)))
    whole = replace(
        whole,
        readable=case((whole.readable, f"{twice} is null"), otherwise="false"),
        more=more,
        within=f"{literal(f'{path}: has the key ')} || {twice} || ' twice'",
    )
    return object_cell(column, cells, whole, path)


def _array(column: Column, json: str, nulls: tuple[str, ...], whole: Cell, path: str) -> Cell:
    if (items := column.items) is None:
        return whole
    each = f"""from_json({json}, '["JSON"]')"""
    return array_cell(
        column, each, lambda item, path: json_cell(items, item, nulls, path), whole, path
    )


def _pointer(key: str) -> str:
    """A JSON pointer; a path would take the key * for a wildcard, and know no empty key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
