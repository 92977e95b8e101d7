"""A DuckDB in which a database is attached: what it holds is read here, in columns.

It is that of a load, to which nobody's query comes; its password is held by a secret of DuckDB,
which no error shows. A transaction on the source ends before the lake's begins.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
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

    from duckdb import DuckDBPyConnection

    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.databases.described import SourceTable
    from orchestration.connectors.databases.dialect import Dialect

DIALECTS: dict[str, type[Dialect]] = {"sqlite": Sqlite, "postgres": Postgres, "mysql": Mysql}
CONFIG = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
SPOOL = "memory.main"  # schema of what has been read: DuckDB's own, beside the lake


class Reach:
    """A database that is attached."""

    def __init__(self, address: Address, connection: DuckDBPyConnection | None = None) -> None:
        """Connect.

        Args:
            address: of the database.
            connection: to attach it to, which is lent and stays open; one to a DuckDB of its own
                where it is None.

        Raises:
            UnreachableError: nothing answers there, or it lets nobody in.
        """
        self.address = address
        self.dialect = DIALECTS[address.kind]()
        self._lent = connection is not None
        needed = self.dialect.extension
        self.connection = connection or extensions.connect((needed,), CONFIG)
        try:
            if self._lent:
                self.connection.execute(f"load '{extensions.file_of(needed)}'")
            for statement in (*self.dialect.settings, *self.dialect.attach(address)):
                self.connection.execute(statement)
            self._check()
        except duckdb.Error as error:
            self.close()
            raise self._gone(error) from None

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
            f"create or replace table {SPOOL}.{table} as select {finish} from {relation}"
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
        if not self._lent:
            self.connection.close()
            return
        with suppress(duckdb.Error):  # where it was not even attached
            self.connection.execute("detach source")
        with suppress(duckdb.Error):
            self.connection.execute("drop secret source_secret")

    def _check(self) -> None:
        """Ask it something.

        Raises:
            duckdb.Error: it does not answer.
        """
        self.ask("select 1")

    def _roll_back(self) -> None:
        try:
            self.connection.execute("rollback")
        except duckdb.Error:
            return  # it has ended with its connection

    def _answers(self) -> bool:
        try:
            self._check()
        except duckdb.Error:
            return False
        return True

    def _gone(self, error: Exception) -> UnreachableError:
        return UnreachableError(f"{self.address.shown} cannot be reached: {self.said(error)}")
