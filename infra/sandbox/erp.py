"""The databases of the ERP, one a company, and of the CRM: SQLite files.

Money is stored as text: SQLite's NUMERIC would make binary floats of decimals.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from infra.sandbox.faults import with_bad_rows
from infra.sandbox.model import extension

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from infra.sandbox.group import Plan
    from infra.sandbox.model import Model

NO_KEY = ("payment",)  # an interface writes it, and writes some rows twice


def create(model: Model, file: Path, system: str, company: str | None) -> dict[str, int]:
    """Write a new database as of the model's last day, whole or not at all.

    Args:
        model: of the group.
        file: the database.
        system: `erp` or `crm`.
        company: whose rows; None for all.

    Returns:
        Rows by table.
    """
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    tables = model.tables(system)
    keys, counts, target = {}, {}, f"target_{file.stem}"
    with model.again() as connection:
        with closing(sqlite3.connect(new)) as database:
            for table in tables:
                types = _types(connection, system, table)
                keys[table] = next(name for name in types if name.endswith("_id"))
                database.execute(_created(table, types, keys[table]))
        extension(connection, "sqlite_scanner")
        connection.execute("set sqlite_all_varchar = true")
        connection.execute(f"attach '{_quoted(new)}' as {target} (type sqlite, journal_mode 'off')")
        for table in tables:
            query = _shown(connection, model.plan, system, table, company)
            # In the order of the key, whose index then grows at its end.
            insert = f"insert into {target}.{table} {query} order by {keys[table]} nulls last"
            written = connection.execute(insert).fetchone()
            counts[table] = int(written[0]) if written else 0
        connection.execute(f"detach {target}")
    with closing(sqlite3.connect(new)) as database:
        for table in tables:
            database.execute(f"create index {table}_updated on {table} (updated_at)")
        database.execute(f"pragma user_version = {model.plan.days}")
        database.commit()
    new.replace(file)
    return counts


def add_day(model: Model, file: Path, system: str, company: str | None) -> dict[str, int]:
    """Write what was written on the model's last day into a database that has the days before.

    It is one transaction, which also counts the days, so that a day is never added twice.

    Returns:
        Rows by table; none where the database has the day.
    """
    counts = {}
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        (days,) = database.execute("pragma user_version").fetchone()
        if days >= model.plan.days:
            return {}
        database.execute("begin immediate")
        for table in model.tables(system):
            query = _shown(model.connection, model.plan, system, table, company, day=True)
            counts[table] = 0
            for batch in model.rows(query):
                marks = ", ".join("?" * len(batch[0]))
                database.executemany(f"insert or replace into {table} values ({marks})", batch)
                counts[table] += len(batch)
        database.execute(f"pragma user_version = {model.plan.days}")
        database.execute("commit")
    return counts


def _shown(
    connection: DuckDBPyConnection, plan: Plan, system: str, table: str, company: str | None,
    *, day: bool = False,
) -> str:  # fmt: skip
    """SQL of the rows of a table that are there, or that were written on the last day."""
    rows = with_bad_rows(connection, system, table, plan.scale)
    whose = f" and company = '{company}'" if company else ""
    hidden = "_created, _written, _resent, _fault"
    when = f"_written {'=' if day else '<='} {plan.last}"
    return f"select * exclude ({hidden}) from ({rows}) where {when}{whose}"


def _types(connection: DuckDBPyConnection, system: str, table: str) -> dict[str, str]:
    """Columns and their types in SQLite: whole numbers are integer, everything else is text."""
    described = connection.execute(f"describe {system}_{table}").fetchall()
    shown = [(name, type_) for name, type_, *_ in described if not name.startswith("_")]
    return {name: "integer" if "INT" in type_ else "text" for name, type_ in shown}


def _created(table: str, types: dict[str, str], key: str) -> str:
    """A CREATE TABLE."""
    primary = "" if table in NO_KEY else " primary key"
    listed = ", ".join(f"{n} {t}{primary if n == key else ''}" for n, t in types.items())
    return f"create table {table} ({listed})"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
