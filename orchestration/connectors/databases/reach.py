"""A DuckDB of its own in which a database is attached: what it holds is read here, in columns.

It is not the lake's: its password is out of reach of whatever runs there, and a transaction on the
source ends before the lake's begins.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import duckdb

from catalog import extensions
from catalog.delivery import DeliveryError
from orchestration.connectors.databases.mysql import Mysql
from orchestration.connectors.databases.postgres import Postgres
from orchestration.connectors.databases.sqlite import Sqlite
from orchestration.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.databases.described import SourceTable
    from orchestration.connectors.databases.dialect import Dialect

DIALECTS: dict[str, type[Dialect]] = {"sqlite": Sqlite, "postgres": Postgres, "mysql": Mysql}
MEMORY = "512MB"  # what is read beyond it waits on the disk
_numbers = count()


class Reach:
    """A database that is attached."""

    def __init__(self, address: Address, spill: Path | None = None, *, seal: bool = False) -> None:
        """Connect.

        Args:
            address: of the database.
            spill: folder of the lake, for what has no room in memory.
            seal: encrypt what is spilled.

        Raises:
            UnreachableError: nothing answers there, or it lets nobody in.
        """
        self.address = address
        self.dialect = DIALECTS[address.kind]()
        self.connection = self._connect(self.dialect.extension, spill, seal=seal)
        try:
            for statement in (*self.dialect.settings, *self.dialect.attach(address)):
                self.connection.execute(statement)
            self.ask("select 1")
        except duckdb.Error as error:
            self.connection.close()
            raise self._gone(error) from None

    @staticmethod
    def _connect(extension: str | None, spill: Path | None, *, seal: bool) -> DuckDBPyConnection:
        config = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": MEMORY,
            "preserve_insertion_order": "true",
        }
        if spill:
            # By the number of the process, so that doctor finds what a killed one has left.
            folder = spill / f"spill-{os.getpid()}-source-{next(_numbers)}"
            config |= {"temp_directory": str(folder), "temp_file_encryption": str(seal).lower()}
        names = (*((extension,) if extension else ()), *(("httpfs",) if seal else ()))
        connection = extensions.connect(names, config)
        connection.execute("set timezone = 'UTC'; set enable_progress_bar = false")
        return connection

    def ask(self, query: str) -> Sequence[tuple[str | None, ...]]:
        """The rows of a query in the database's own SQL, as texts.

        Raises:
            duckdb.Error: it fails.
        """
        relation = self.dialect.relation(query)
        rows = self.connection.execute(f"select columns(*)::varchar from {relation}").fetchall()
        return [tuple(row) for row in rows]

    def take(self, table: str, query: str, finish: str = "*") -> None:
        """Have the rows of a query in the database's own SQL in a table of this DuckDB.

        Args:
            table: of this DuckDB, made anew.
            query: the rows.
            finish: DuckDB's SQL of the columns of the table.

        Raises:
            duckdb.Error: it fails.
        """
        relation = self.dialect.relation(query)
        self.connection.execute(
            f"create or replace table {table} as select {finish} from {relation}"
        )

    def describe(self, name: str) -> SourceTable | None:
        """The table of a name.

        Raises:
            duckdb.Error: the database does not say.
        """
        return self.dialect.describe(self.ask, name)

    @contextmanager
    def transaction(self, table: str) -> Iterator[DuckDBPyConnection]:
        """All that is read in it is of one moment, as far as the database knows such.

        Raises:
            DeliveryError: the table cannot be read.
            UnreachableError: the database is gone.
        """
        try:
            self.connection.execute("begin")
            yield self.connection
            self.connection.execute("commit")
        except duckdb.Error as error:
            self._roll_back()
            if not self._answers():
                raise self._gone(error) from None
            raise DeliveryError(f"{table}: cannot be read: {self.said(error)}") from None
        except BaseException:
            self._roll_back()
            raise

    def said(self, error: Exception) -> str:
        """What the database says, in one line without secrets."""
        return self.address.clean(str(error))

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()

    def _roll_back(self) -> None:
        try:
            self.connection.execute("rollback")
        except duckdb.Error:
            return  # it has ended with its connection

    def _answers(self) -> bool:
        try:
            self.ask("select 1")
        except duckdb.Error:
            return False
        return True

    def _gone(self, error: Exception) -> UnreachableError:
        return UnreachableError(f"{self.address.shown} cannot be reached: {self.said(error)}")
