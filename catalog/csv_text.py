"""Rows as lines of CSV, written by DuckDB in one column, exactly as its COPY writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.sql_types import NUMBERS, TIMESTAMPS

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

QUOTED = ',"#\n\r'  # a field with one of these is quoted; so is an empty text, since null is empty
NEVER_QUOTED = NUMBERS | TIMESTAMPS | {"boolean", "date", "time", "uuid", "bit"}


def header(names: list[str]) -> str:
    """The first line."""
    return ",".join(_field(name) for name in names)


def row(types: list[DuckDBPyType]) -> str:
    """The expression of a row's line, of columns #1, #2, ..."""
    fields = [_expression(f"#{place}", kind) for place, kind in enumerate(types, 1)]
    line = ", ',', ".join(fields)
    return f"concat({line})"


def _expression(column: str, kind: DuckDBPyType) -> str:
    if kind.id in NEVER_QUOTED:
        return column
    value = f"{column}::varchar"
    return (
        f"case when regexp_full_match({value}, '[^,\"#\\n\\r]+') then {value} "
        f"""else '"' || replace({value}, '"', '""') || '"' end"""
    )


def _field(name: str) -> str:
    if name and not set(name) & set(QUOTED):
        return name
    return '"{}"'.format(name.replace('"', '""'))
