"""Rows as JSON objects, written by DuckDB in one column: no digit of a value is lost.

DuckDB's own to_json writes decimals and floats as binary fractions, 1.10 as 1.1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from catalog import parse
from catalog.errors import QueryRefusedError
from catalog.sql_types import FLOATS, INTEGERS, TIMESTAMPS

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

DEEPEST = 8  # lists inside each other: each doubles the time that DuckDB takes to bind, 0.1 s here


def row(names: list[str], types: list[DuckDBPyType]) -> str:
    """The expression of a row's object, of columns #1, #2, ...

    Raises:
        QueryRefusedError: a column's type is nested too deeply.
    """
    columns = [
        (name, f"#{place}", kind)
        for place, (name, kind) in enumerate(zip(names, types, strict=True), 1)
    ]
    try:
        return _object(columns, 0)
    except RecursionError:
        raise _too_deep() from None


def _value(value: str, kind: Any, depth: int) -> str:
    """The expression of a value's JSON text."""
    return f"coalesce({_given(value, kind, depth)}, 'null')"


def _given(value: str, kind: DuckDBPyType, depth: int) -> str:
    """The same for a value that is not null; null where it is."""
    text = f"{value}::varchar"
    if kind.id in INTEGERS or kind.id in ("decimal", "boolean") or str(kind) == "JSON":
        return text
    if kind.id in FLOATS:
        return f"""case when isfinite({value}) then {text} when isnan({value}) then '"NaN"'
            when {value} > 0 then '"Infinity"' else '"-Infinity"' end"""
    if kind.id in TIMESTAMPS:
        # Years BC have no form in ISO 8601, and stay as DuckDB writes them.
        iso = f"replace(replace({text}, ' ', 'T'), '+00', 'Z')"
        return f"""'"' || case when contains({text}, '(') then {text} else {iso} end || '"'"""
    if kind.id in ("list", "array"):
        (_, child), *_ = kind.children
        return _list(value if kind.id == "list" else f"{value}::{child}[]", child, depth)
    if kind.id == "struct":
        return f"case when {value} is not null then {_struct(value, kind, depth)} end"
    if kind.id == "map":
        return _map(value, kind, depth)
    if kind.id == "union":
        return _union(value, kind, depth)
    return f"to_json({text})::varchar"


def _list(value: str, child: Any, depth: int) -> str:
    each = _each(depth)
    item = _value(each, child, depth + 1)
    return _joined("[", f"list_transform({value}, lambda {each}: {item})", "]")


def _each(depth: int) -> str:
    if depth >= DEEPEST:
        raise _too_deep()
    return f"v{depth}"


def _too_deep() -> QueryRefusedError:
    return QueryRefusedError("a column is nested too deeply for JSON; cast it to varchar")


def _map(value: str, kind: DuckDBPyType, depth: int) -> str:
    each = _each(depth)
    _, (_, child) = kind.children
    item = _value(f"{each}.value", child, depth + 1)
    pair = f"to_json({each}.key::varchar)::varchar || ':' || {item}"
    return _joined("{", f"list_transform(map_entries({value}), lambda {each}: {pair})", "}")


def _struct(value: str, kind: DuckDBPyType, depth: int) -> str:
    if all(not name for name, _ in kind.children):
        fields = [
            _value(f"struct_extract_at({value}, {place})", child, depth)
            for place, (_, child) in enumerate(kind.children, 1)
        ]
        return f"concat('[', {_commas(fields)}, ']')"
    return _object(
        [
            (name, f"struct_extract({value}, {parse.text(name)})", child)
            for name, child in kind.children
        ],
        depth,
    )


def _union(value: str, kind: DuckDBPyType, depth: int) -> str:
    cases = " ".join(
        f"when {parse.text(tag)} then "
        + _object([(tag, f"union_extract({value}, {parse.text(tag)})", child)], depth)
        for tag, child in kind.children[1:]  # the first is the tag itself
    )
    return f"case union_tag({value})::varchar {cases} end"


def _object(fields: list[tuple[str, str, Any]], depth: int) -> str:
    pairs = [
        f"{parse.text(json.dumps(name, ensure_ascii=False) + ':')}, {_value(value, kind, depth)}"
        for name, value, kind in fields
    ]
    return f"concat('{{', {_commas(pairs)}, '}}')"


def _joined(start: str, items: str, end: str) -> str:
    return f"'{start}' || array_to_string({items}, ',') || '{end}'"


def _commas(parts: list[str]) -> str:
    return ", ',', ".join(parts)
