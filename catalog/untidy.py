"""What upkeep has to do: the tables with rows in the catalog, small files or many deletions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from data_contracts.types import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DATA = "__ducklake_metadata_lake"
OWN = ("run_start", "run_end")
FEW = 100  # rows below which runs are left alone: upkeep itself writes some
UNTIDY = Path(__file__).with_name("untidy.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Table:
    """One table, as upkeep finds it.

    Attributes:
        limit: bytes below which its files are merged.
        files: that it has today.
        bytes: of them, with the rows that are deleted.
        inlined: rows, and deletions of rows, that are in the catalog and not in files.
        small: files that can be merged.
        deleted: of each file that is to be rewritten the share of deleted rows, and its bytes; the
            greatest share first.
        since: the first snapshot that any of this can be seen at; None where nothing is to be done.
    """

    schema: str
    name: str
    id: int
    limit: int
    files: int
    bytes: int
    small: int
    deleted: tuple[tuple[float, float], ...]
    inlined: int
    since: int | None

    @property
    def lock(self) -> str | None:
        """Whose writers are to wait: those of a bronze table, or all of them."""
        return self.name if self.schema == "bronze" else None

    @property
    def is_tidy(self) -> bool:
        """Whether there is nothing to do."""
        is_own = self.schema == "ops" and self.name in OWN
        few = is_own and self.inlined < FEW
        return not (self.small or self.deleted or (self.inlined and not few))

    def __str__(self) -> str:
        """As SQL writes it."""
        return f"{self.schema}.{self.name}"


def tables(connection: DuckDBPyConnection, only: int | None = None) -> list[Table]:
    """Every table of today, tidy or not, or the one of a number."""
    places = _places(connection)
    found = []
    for row in connection.execute(UNTIDY).fetchall():
        schema, name, id_, limit, files, size, small, deleted, since = row
        if only not in (None, id_):
            continue  # each count takes 3 ms
        rows, first = _count(connection, id_, places.get(id_, []))
        shares = tuple(map(tuple, deleted))
        since = min((one for one in (since, first) if one is not None), default=None)
        found.append(Table(schema, name, id_, limit, files, size, small, shares, rows, since))
    return found


def inlined(connection: DuckDBPyConnection, table_id: int) -> int:
    """Rows, and deletions of rows, that a table has in the catalog."""
    return _count(connection, table_id, _places(connection).get(table_id, []))[0]


def _places(connection: DuckDBPyConnection) -> dict[int, list[str]]:
    """The catalog's tables of rows, by the table that they are of."""
    found = dict[int, list[str]]()
    for id_, name in connection.execute(
        f"select table_id, table_name from {DATA}.ducklake_inlined_data_tables"
    ).fetchall():
        found.setdefault(id_, []).append(name)
    return found


def _count(
    connection: DuckDBPyConnection, table_id: int, names: list[str]
) -> tuple[int, int | None]:
    """Rows and deletions of a table in the catalog, and the first snapshot of any of them."""
    total, first = 0, None
    for name in (*names, f"ducklake_inlined_delete_{table_id}"):
        try:
            [(count, since)] = connection.execute(
                f"select count(*), min(begin_snapshot) from {DATA}.{quoted(name)}"
            ).fetchall()
        except duckdb.CatalogException:
            continue  # made with the first small deletion only
        total += count
        first = min((one for one in (first, since) if one is not None), default=None)
    return total, first
