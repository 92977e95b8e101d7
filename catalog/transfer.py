"""A whole catalog as one SQLite file that DuckLake can open: taken from either kind, put in either.

The catalog of a Postgres is written as DuckLake would have written it to SQLite, and back, table by
table: history, and the rows that a catalog holds itself (inlined), too. `flush` would not do: it
leaves the rows of dropped tables, which older snapshots read. No data file is touched.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from catalog.catalog_tables import into_postgres, is_inlined, out_of_postgres
from catalog.errors import LakeError, plain
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    from catalog.lake import Lake

STAGE = "lakehouse_new"  # schema in which a catalog is put together
COUNTS = "select 1 where (select count(*) from main.{0}) <> (select count(*) from other.{0})"
ROWS = f"{COUNTS} or exists (select * from main.{{0}} except select * from other.{{0}})"
PUBLIC = "public"  # and the one in which DuckLake looks for it
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file
PLAIN = "set local timezone to 'UTC'; set local bytea_output to 'hex'"  # of values as texts
ATTEMPTS = 8
SEQUENCES = ("lakehouse_batch", "lakehouse_receipt")  # begin after the highest number again
TAKEN = "there is a lake in that Postgres already; give another database"
# In a process of its own: Python's SQLite and DuckDB's do not know of each other, and when one
# closes the file in the process of the other, POSIX lets go the locks of both.
COPY = """
import sqlite3, sys
source, target = map(sqlite3.connect, sys.argv[1:])
source.backup(target)
target.execute("pragma journal_mode = delete")
"""
TABLES = """
select relname
from pg_class
where relnamespace = %s::regnamespace and relkind = 'r' and relname like 'ducklake\\_%%'
order by relname
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


def take(lake: Lake, file: Path, schema: str = PUBLIC) -> None:
    """Copy the catalog into a new SQLite file, as it is at one moment; loads may go on.

    Args:
        lake: whose catalog it is.
        file: that is made.
        schema: of Postgres, in which the catalog is.

    Raises:
        LakeError: it cannot be read, or the file cannot be written.
    """
    if lake.on_sqlite:
        _copy(lake.sqlite, file)
        return
    lake.attach(f"sqlite:{file}").close()
    with _file(file) as target, _snapshot(lake, schema) as (session, tables):
        for table in sorted(tables, key=is_inlined):
            out_of_postgres(session, target, table)


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
            into_postgres(source, session, table)


def put(file: Path, lake: Lake) -> None:
    """Make a file the lake's catalog; what SQLite kept beside an earlier one would spoil it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma journal_mode = wal")  # a reader could not switch it
    for suffix in BESIDE:
        lake.sqlite.with_name(lake.sqlite.name + suffix).unlink(missing_ok=True)
    file.replace(lake.sqlite)


def activate(session: psycopg.Connection[Any], told: str) -> None:
    """Put what was filled where DuckLake looks for it, with a comment, in the open transaction.

    Raises:
        LakeError: a lake is there already.
    """
    if tables_of(session):
        raise LakeError(TAKEN)
    session.execute(f"drop sequence if exists {', '.join(SEQUENCES)}")
    for table in tables_of(session, STAGE):
        session.execute(f"alter table {STAGE}.{quoted(table)} set schema {PUBLIC}")
    session.execute(f"drop schema {STAGE}")
    comment(session, told)


def set_aside(session: psycopg.Connection[Any], schema: str) -> None:
    """Put a catalog where DuckLake does not look for it, in the open transaction."""
    session.execute(f"create schema {quoted(schema)}")
    for table in tables_of(session):
        session.execute(f"alter table {PUBLIC}.{quoted(table)} set schema {quoted(schema)}")
    for sequence in SEQUENCES:
        session.execute(f"alter sequence if exists {sequence} set schema {quoted(schema)}")


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


def differing(one: Path, other: Path) -> list[str]:
    """The tables that are not the same in two catalogs' files.

    Inlined ones by their counts alone: there a number has more than one text (`inf`, `Infinity`).
    """
    with _file(one) as connection:
        connection.execute("attach ? as other", [str(other)])
        named = "select name from {}.sqlite_master where type = 'table' order by name"
        tables, others = (
            [name for (name,) in connection.execute(named.format(file))]
            for file in ("main", "other")
        )
        found = sorted({*tables} ^ {*others})
        for table in {*tables} & {*others}:
            query = COUNTS if is_inlined(table) else ROWS
            if connection.execute(query.format(quoted(table))).fetchone():
                found.append(table)
    return found


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
            session.execute(PLAIN)
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
def _snapshot(lake: Lake, schema: str) -> Iterator[tuple[psycopg.Connection[Any], list[str]]]:
    """A transaction that reads the catalog as of one moment, and its tables, which stay."""
    import psycopg

    for _ in range(ATTEMPTS):
        with postgres(lake) as session:
            tables = tables_of(session, schema)
            session.rollback()
            session.execute("set transaction isolation level repeatable read, read only")
            session.execute(f"{PLAIN}; set local search_path to {schema}")
            try:
                # The moment is that of the first query, so that none can go in between.
                session.execute(f"lock table {', '.join(map(quoted, tables))} in access share mode")
            except psycopg.errors.UndefinedTable:
                session.rollback()
                continue
            if tables_of(session, schema) == tables:
                yield session, tables
                return
    raise LakeError("tables of the catalog come and go all the time; try it again")
