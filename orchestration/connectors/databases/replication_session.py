"""A session with a PostgreSQL server for replication; what it refuses is told in one line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from catalog.delivery import DeliveryError
from orchestration.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orchestration.connectors.databases.address import Address

# Values are written as the scanner's session would: by the server's own habits, but for these.
SETTINGS = ("datestyle = 'ISO'", "timezone = 'UTC'", "client_encoding = 'UTF8'",
            "extra_float_digits = 1", "bytea_output = 'hex'")  # fmt: skip
FETCHED = 4096  # messages at a time


class Session:
    """A connection by psycopg, each statement a transaction of its own."""

    def __init__(self, address: Address) -> None:
        """Connect.

        Raises:
            UnreachableError: nothing answers there, or it lets nobody in.
        """
        import psycopg  # late, for the start-up of the command line

        self.address = address
        self._psycopg = psycopg
        said = {
            "host": address.host,
            "port": address.port,
            "user": address.user,
            "password": address.password,
            "dbname": address.database,
        }
        given = {name: value for name, value in said.items() if value}
        try:
            self.connection = psycopg.connect(**{**address.options, **given}, autocommit=True)  # type: ignore[arg-type]
            for setting in SETTINGS:
                self.connection.execute(f"set {setting}".encode())
        except psycopg.Error as error:
            raise self._gone(error) from None

    def ask(
        self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows of a query; none of a statement that has none.

        Raises:
            DeliveryError: the server refuses it.
            UnreachableError: the server is gone.
        """
        with self.told():
            cursor = self.connection.execute(query.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def stream(self, query: str, values: Sequence[Any]) -> Iterator[Sequence[tuple[Any, ...]]]:
        """The rows of a query, some at a time; `ask` may be called meanwhile.

        Raises:
            DeliveryError: the server refuses it.
            UnreachableError: the server is gone.
        """
        with (
            self.told(),
            self.connection.transaction(),
            self.connection.cursor("changes", binary=True) as cursor,
        ):
            cursor.execute(query.encode(), values)
            while rows := cursor.fetchmany(FETCHED):
                yield rows

    @contextmanager
    def told(self) -> Iterator[None]:
        """What the server refuses, in one line."""
        try:
            yield
        except self._psycopg.Error as error:
            if self.connection.broken:
                raise self._gone(error) from None
            raise DeliveryError(self.said(error)) from None

    def said(self, error: Exception) -> str:
        """What it says, and its hint, in one line without secrets."""
        line = self.address.clean(str(error))
        hint = getattr(getattr(error, "diag", None), "message_hint", None)
        return f"{line} ({self.address.clean(hint)})" if hint else line

    def close(self) -> None:
        """End it."""
        self.connection.close()

    def _gone(self, error: Exception) -> UnreachableError:
        return UnreachableError(f"{self.address.shown} cannot be reached: {self.said(error)}")


def number(lsn: str) -> int:
    """An LSN as a number."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def text(lsn: int) -> str:
    """An LSN as PostgreSQL writes it."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"
