"""A whole catalog as one SQLite file that DuckLake can open: taken from either kind, put in either.

The catalog of a Postgres is written as DuckLake would have written it to SQLite, and back, table by
table: history, and the rows that a catalog holds itself (inlined), too. `flush` would not do: it
leaves the rows of dropped tables, which older snapshots read. No data file is touched.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from catalog.errors import LakeError, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import psycopg

    from catalog.lake import Lake

STAGE = "lakehouse_new"  # schema in which a catalog is put together
PUBLIC = "public"  # and the one in which DuckLake looks for it
ATTEMPTS = 8
# In a process of its own: Python's SQLite and DuckDB's do not know of each other, and when one
# closes the file in the process of the other, POSIX lets go the locks of both.
COPY = """
import sqlite3, sys
source, target = map(sqlite3.connect, sys.argv[1:])
source.backup(target)
target.execute("pragma journal_mode = delete")
"""
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
TABLES = """
select relname
from pg_class
where relnamespace = %s::regnamespace and relkind = 'r' and relname like 'ducklake\\_%%'
order by relname
"""
COLUMNS = """
select attname, format_type(atttypid, atttypmod)
from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped
order by attnum
"""


@contextmanager
def desk(lake: Lake) -> Iterator[Path]:
    """An empty folder in the home, for one at a time; what a killed one left is removed."""
    folder = lake.settings.home / "desk"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def take(lake: Lake, file: Path) -> None:
    """Copy the catalog into a new SQLite file, as it is at one moment; loads may go on.

    Raises:
        LakeError: it cannot be read, or the file cannot be written.
    """
    if lake.on_sqlite:
        _copy(lake.sqlite, file)
        return
    lake.attach(f"sqlite:{file}").close()
    with _file(file) as target, _snapshot(lake) as (session, tables):
        # An inlined table is understood by what the others say of its columns.
        for table in sorted(tables, key=_is_inlined):
            _out_of_postgres(session, target, table)


def fill(lake: Lake, file: Path, schema: str = STAGE) -> None:
    """Write the catalog of a SQLite file into a new schema of the lake's Postgres.

    Raises:
        LakeError: it cannot be written.
    """
    with postgres(lake) as session:
        session.execute(f"drop schema if exists {schema} cascade; create schema {schema}")
    lake.attach(lake.place, f"metadata_schema '{schema}'").close()
    with _file(file) as source, postgres(lake) as session:
        session.execute(f"set local search_path to {schema}")
        for (table,) in source.execute("select name from sqlite_master where type = 'table'"):
            _into_postgres(source, session, table)


def activate(session: psycopg.Connection[Any], told: str) -> None:
    """Put what was filled where DuckLake looks for it, with a comment, in the open transaction.

    Raises:
        LakeError: a lake is there already.
    """
    if tables_of(session):
        raise LakeError("there is a lake in that Postgres already; give another database")
    session.execute("drop sequence if exists lakehouse_batch, lakehouse_receipt")
    for table in tables_of(session, STAGE):
        session.execute(f"alter table {STAGE}.{_quoted(table)} set schema {PUBLIC}")
    session.execute(f"drop schema {STAGE}")
    comment(session, told)


def comment(session: psycopg.Connection[Any], told: str | None) -> None:
    """Write on the catalog of a Postgres what it is for, in the open transaction."""
    from psycopg import sql

    session.execute(
        sql.SQL("comment on table {}.ducklake_metadata is {}").format(
            sql.Identifier(PUBLIC), sql.Literal(told)
        )
    )


def comment_of(session: psycopg.Connection[Any]) -> str | None:
    """What is written on the catalog of a Postgres."""
    found = session.execute(
        "select obj_description(to_regclass(%s), 'pg_class')", [f"{PUBLIC}.ducklake_metadata"]
    ).fetchone()
    return found[0] if found else None


@contextmanager
def postgres(lake: Lake) -> Iterator[psycopg.Connection[Any]]:
    """A transaction in the lake's Postgres, committed in the end.

    Raises:
        LakeError: what Postgres says, in one line.
    """
    import psycopg

    url = lake.postgres_url()
    try:
        with psycopg.connect(url) as session:
            session.execute("set local timezone to 'UTC'; set local bytea_output to 'hex'")
            yield session
    except psycopg.Error as error:
        raise LakeError(f"the catalog's Postgres cannot be used: {plain(error, url)}") from None


def tables_of(session: psycopg.Connection[Any], schema: str = PUBLIC) -> list[str]:
    """The tables of a DuckLake catalog in a schema of a Postgres."""
    return [name for (name,) in session.execute(TABLES, [schema]).fetchall()]


def _copy(source: Path, target: Path) -> None:
    command = [sys.executable, "-I", "-c", COPY, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.splitlines() or ["no reason given"])[-1].rpartition("Error: ")[2]
        raise LakeError(f"{target}: the catalog cannot be copied: {said}")


@contextmanager
def _file(file: Path) -> Iterator[sqlite3.Connection]:
    """A catalog's file that nothing else has open, in a transaction."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("pragma journal_mode = delete")
            with connection:
                yield connection
    except sqlite3.Error as error:
        raise LakeError(f"{file}: the catalog cannot be copied: {error}") from error


@contextmanager
def _snapshot(lake: Lake) -> Iterator[tuple[psycopg.Connection[Any], list[str]]]:
    """A transaction that reads the catalog as of one moment, and its tables, which stay."""
    import psycopg

    for _ in range(ATTEMPTS):
        with postgres(lake) as session:
            tables = tables_of(session)
            session.rollback()
            session.execute("set transaction isolation level repeatable read, read only")
            session.execute("set local timezone to 'UTC'; set local bytea_output to 'hex'")
            try:
                # The moment is that of the first query, so that none can go in between.
                session.execute(
                    f"lock table {', '.join(map(_quoted, tables))} in access share mode"
                )
            except psycopg.errors.UndefinedTable:
                session.rollback()
                continue
            if tables_of(session) == tables:
                yield session, tables
                return
    raise LakeError("tables of the catalog come and go all the time; try it again")


def _is_inlined(table: str) -> bool:
    return bool(re.fullmatch(r"ducklake_inlined_(data|delete)_\d+(_\d+)?", table))


def _out_of_postgres(
    session: psycopg.Connection[Any], target: sqlite3.Connection, table: str
) -> None:
    there = session.execute(COLUMNS, [_quoted(table)]).fetchall()
    types = _types(target, table) if _is_inlined(table) else {}
    names = ", ".join(_quoted(name) for name, _ in there)
    if types:
        declared = ", ".join(f"{_quoted(name)} {_on_sqlite(types[name])}" for name, _ in there)
        target.execute(f"create table {_quoted(table)} ({declared})")
    else:
        target.execute(f"delete from {_quoted(table)}")
    converters = [
        _to_sqlite(on_postgres, types.get(name, "varchar")) for name, on_postgres in there
    ]
    insert = f"insert into {_quoted(table)} ({names}) values ({', '.join('?' * len(there))})"
    with session.cursor().copy(f"copy {_quoted(table)} ({names}) to stdout") as rows:
        target.executemany(insert, (_converted(converters, row) for row in rows.rows()))


def _into_postgres(
    source: sqlite3.Connection, session: psycopg.Connection[Any], table: str
) -> None:
    if _is_inlined(table):
        types = _types(source, table)
        names = [name for _, name, *_ in source.execute(f"pragma table_info({_quoted(table)})")]
        declared = ", ".join(f"{_quoted(name)} {_on_postgres(types[name])}" for name in names)
        session.execute(f"create table {_quoted(table)} ({declared})")
    session.execute(f"delete from {_quoted(table)}")
    there = session.execute(COLUMNS, [_quoted(table)]).fetchall()
    listed = ", ".join(_quoted(name) for name, _ in there)
    converters = [_to_postgres(on_postgres) for _, on_postgres in there]
    with session.cursor().copy(f"copy {_quoted(table)} ({listed}) from stdin") as out:
        for row in source.execute(f"select {listed} from {_quoted(table)}"):
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


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
