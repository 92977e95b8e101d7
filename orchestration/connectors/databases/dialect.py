"""What differs between the databases that DuckDB has scanners for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from data_contracts.contract import Column
    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.databases.described import SourceColumn, SourceTable
    from orchestration.connectors.databases.plan import Plan

    Ask = Callable[[str], Sequence[tuple[str | None, ...]]]


class Dialect(ABC):
    """One kind of database. What it is asked, it is asked in its own SQL, word for word."""

    extension: str
    sqlglot: str
    ticks = '"'  # around a name
    settings: tuple[str, ...] = ()  # of DuckDB, before it is attached
    integers: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    @abstractmethod
    def attach(self, address: Address) -> list[str]:
        """Statements that attach the database as `source`, to read only."""

    @abstractmethod
    def relation(self, query: str) -> str:
        """SQL of DuckDB for what a query in the database's own SQL gives."""

    @abstractmethod
    def tables(self, ask: Ask) -> list[str]:
        """Names of all tables, without views."""

    @abstractmethod
    def describe(self, ask: Ask, name: str) -> SourceTable | None:
        """The table or view of a name; None where there is none."""

    @abstractmethod
    def value(self, column: SourceColumn, meant: Column | None, *, careful: bool = True) -> str:
        """The database's SQL of a column, so that DuckDB reads it without losing anything.

        Args:
            column: of the table.
            meant: what the contract says that it is.
            careful: read also what is there against all expectation, which takes longer.
        """

    def rows(self, plan: Plan) -> str:
        """DuckDB's SQL of a plan's rows as they come, each with a `_position` of its own."""
        relation = self.relation(plan.query)
        return f"select {plan.finish}, row_number() over () as _position from {relation}"

    def is_plain(self, column: SourceColumn, value: str) -> bool:
        """Whether the scanner reads a column as its `value` is, in a table where `is_safe`."""
        return value == self.quoted(column.name)

    def is_safe(self, plan: Plan, ask: Ask) -> bool:  # noqa: ARG002 - of some it matters
        """Whether nothing is there that the scanner would change, in the open transaction."""
        return True

    def is_unicode(self, ask: Ask) -> bool:  # noqa: ARG002 - of some it matters
        """Whether the database sees to it that its texts are."""
        return True

    def stamp(self, address: Address) -> object:  # noqa: ARG002 - of some it matters
        """What changes where somebody writes while `rows` are read, and are of several moments."""
        return None

    def keeps_apart(self, column: SourceColumn, meant: Column) -> bool:
        """Whether two values of a column of the primary key are two in the lake for sure."""
        if meant.logical_type == "integer":
            return column.kind in self.integers
        return meant.logical_type == "string" and column.kind in self.texts | self.integers

    def finished(
        self,
        column: SourceColumn,  # noqa: ARG002 - of some it matters
        *,
        careful: bool = True,  # noqa: ARG002
    ) -> str | None:
        """DuckDB's SQL of what has been read of a column, by `value`; None where that is it."""
        return None

    def text(self, expression: str) -> str:
        """The database's SQL of a watermark as text."""
        return f"cast({expression} as char)"

    def moment(self, text: str, column: SourceColumn) -> str:  # noqa: ARG002 - of some it matters
        """The database's SQL of a watermark's text as a value of its column."""
        return literal(text)

    def quoted(self, name: str) -> str:
        """A name as the database's SQL writes it."""
        return f"{self.ticks}{name.replace(self.ticks, self.ticks * 2)}{self.ticks}"

    def place(self, table: SourceTable) -> str:
        """The table as the database's SQL names it."""
        return ".".join(self.quoted(part) for part in table.path)


def secret(kind: str, address: Address, database: str) -> str:
    """A statement that hands DuckDB what it connects with; its errors do not show it."""
    said = {
        "host": address.host,
        "port": str(address.port or ""),
        "user": address.user,
        "password": address.password,
        database: address.database,
    }
    given = ", ".join(f"{name} {literal(value)}" for name, value in said.items() if value)
    return f"create or replace secret source_secret (type {kind}{', ' if given else ''}{given})"


def checked(rows: Sequence[tuple[str | None, ...]]) -> Iterator[tuple[str, ...]]:
    """Rows of texts, what is null in them empty."""
    for row in rows:
        yield tuple(value or "" for value in row)
