"""A table of a catalog, from Postgres to SQLite and back, by what DuckLake holds each type in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from data_contracts.types import quoted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    import psycopg

INTEGERS = {
    "boolean": "boolean",
    "int8": "smallint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "uint8": "integer",
    "uint16": "integer",
    "uint32": "bigint",
}
# DuckLake's type of a column to what Postgres holds it in; all others are texts there.
ON_POSTGRES = INTEGERS | {
    "float32": "real",
    "float64": "double precision",
    "varchar": "bytea",
    "json": "bytea",
    "blob": "bytea",
    "uuid": "uuid",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "interval": "interval",
}
OWN = dict.fromkeys(("row_id", "begin_snapshot", "end_snapshot", "file_id"), "int64")
# Types of the columns of an inlined table; the last one of a name is that of its schema's version.
TYPES = """
select column_name, column_type
from ducklake_column
where table_id = :table and parent_column is null
order by begin_snapshot <= (
    select min(begin_snapshot)
    from ducklake_schema_versions
    where table_id = :table and schema_version = :version
) and coalesce(end_snapshot, 9223372036854775807) > (
    select min(begin_snapshot)
    from ducklake_schema_versions
    where table_id = :table and schema_version = :version
)
"""
COLUMNS = """
select attname, format_type(atttypid, atttypmod)
from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped
order by attnum
"""


def is_inlined(table: str) -> bool:
    """Whether a table of a catalog has rows, or deletions, of the lake's own tables."""
    return bool(re.fullmatch(r"ducklake_inlined_(data|delete)_\d+(_\d+)?", table))


def out_of_postgres(
    session: psycopg.Connection[Any], target: sqlite3.Connection, table: str
) -> None:
    """Write the rows of a table of Postgres to SQLite; an inlined table is made first.

    That is understood by what the other tables say of its columns, which have to be there.
    """
    there = session.execute(COLUMNS, [quoted(table)]).fetchall()
    types = _types(target, table) if is_inlined(table) else {}
    names = ", ".join(quoted(name) for name, _ in there)
    if types:
        declared = ", ".join(f"{quoted(name)} {_on_sqlite(types[name])}" for name, _ in there)
        target.execute(f"create table {quoted(table)} ({declared})")
    else:
        target.execute(f"delete from {quoted(table)}")
    converters = [
        _to_sqlite(on_postgres, types.get(name, "varchar")) for name, on_postgres in there
    ]
    insert = f"insert into {quoted(table)} ({names}) values ({', '.join('?' * len(there))})"
    with session.cursor().copy(f"copy {quoted(table)} ({names}) to stdout") as rows:
        target.executemany(insert, (_converted(converters, row) for row in rows.rows()))


def into_postgres(source: sqlite3.Connection, session: psycopg.Connection[Any], table: str) -> None:
    """The same the other way."""
    if is_inlined(table):
        types = _types(source, table)
        names = [name for _, name, *_ in source.execute(f"pragma table_info({quoted(table)})")]
        declared = ", ".join(f"{quoted(name)} {_on_postgres(types[name])}" for name in names)
        session.execute(f"create table {quoted(table)} ({declared})")
    session.execute(f"delete from {quoted(table)}")
    there = session.execute(COLUMNS, [quoted(table)]).fetchall()
    listed = ", ".join(quoted(name) for name, _ in there)
    converters = [_to_postgres(on_postgres) for _, on_postgres in there]
    with session.cursor().copy(f"copy {quoted(table)} ({listed}) from stdin") as out:
        for row in source.execute(f"select {listed} from {quoted(table)}"):
            out.write_row(_converted(converters, row))


def _types(catalog: sqlite3.Connection, table: str) -> dict[str, str]:
    """DuckLake's types of the columns of an inlined table."""
    table_id, *version = map(int, re.findall(r"\d+", table))
    asked = {"table": table_id, "version": version[0] if version else None}
    return OWN | dict(catalog.execute(TYPES, asked).fetchall())


def _on_sqlite(type_: str) -> str:
    return "BIGINT" if type_ in INTEGERS else "BLOB" if type_ == "blob" else "VARCHAR"


def _on_postgres(type_: str) -> str:
    if type_.startswith("decimal"):
        return type_.replace("decimal", "numeric")
    return ON_POSTGRES.get(type_, "character varying")


def _to_sqlite(on_postgres: str, type_: str) -> Callable[[Any], Any]:
    """From a value as the text that Postgres writes."""
    if on_postgres == "bytea":
        return _bytes if type_ == "blob" else lambda value: _bytes(value).decode()
    if on_postgres == "boolean":
        return lambda value: int(value == "t")
    return int if on_postgres in INTEGERS.values() else str


def _to_postgres(on_postgres: str) -> Callable[[Any], Any]:
    if on_postgres == "bytea":
        return lambda value: value if isinstance(value, bytes) else value.encode()
    return bool if on_postgres == "boolean" else lambda value: value


def _bytes(value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("\\x"))


def _converted(converters: Sequence[Callable[[Any], Any]], row: Sequence[Any]) -> list[Any]:
    pairs = zip(converters, row, strict=True)
    return [None if value is None else convert(value) for convert, value in pairs]
