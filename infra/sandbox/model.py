"""The group up to a day, as tables of DuckDB in memory: made by SQL, the same for the same plan."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from infra.sandbox.group import Plan

FOLDER = Path(__file__).parent / "sql"
BUSINESS = ("random", "masters", "sales", "supply", "money", "ledger", "erp", "crm")
BATCH = 20_000  # rows that are held as Python objects at a time


@cache
def sql(name: str) -> str:
    """The text of a file of `sql/`."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


class Model:
    """What the group did up to the plan's last day."""

    def __init__(self, plan: Plan) -> None:
        """Make it: 0.6 s of a core at scale 1."""
        self.plan = plan
        self.connection = duckdb.connect()
        self.connection.execute("set enable_progress_bar = false")
        self.connection.execute("set timezone = 'UTC'")
        self._prepare(self.connection)
        for name in BUSINESS:
            self.connection.execute(sql(name))

    def again(self) -> DuckDBPyConnection:
        """Another connection to the same tables, for another thread."""
        connection = self.connection.cursor()
        self._prepare(connection)
        return connection

    def _prepare(self, connection: DuckDBPyConnection) -> None:
        for name, value in self.plan.variables().items():
            connection.execute(f"set variable {name} = {value!r}")

    def rows(self, query: str, batch: int = BATCH) -> Iterator[list[tuple[str | int | None, ...]]]:
        """What a query answers, in batches."""
        cursor = self.connection.execute(query)
        while rows := cursor.fetchmany(batch):
            yield rows

    def tables(self, system: str) -> list[str]:
        """Names of the tables that a system shows: `erp` or `crm`; from any thread."""
        found = self.connection.cursor().execute(
            "select view_name from duckdb_views() where not internal and starts_with(view_name, ?) "
            "order by view_oid",
            [f"{system}_"],
        )
        return [str(row[0]).removeprefix(f"{system}_") for row in found.fetchall()]

    def close(self) -> None:
        """Let go of it."""
        self.connection.close()

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def extension(connection: DuckDBPyConnection, name: str) -> None:
    """Load an extension that comes from the package registry."""
    from duckdb_extensions import import_extension

    import_extension(name, con=connection)
    connection.load_extension(name)
