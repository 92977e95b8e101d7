"""Changes of one table in columns: as they come, by the columns that the table has now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from orchestration.connectors.databases.reach import SPOOL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orchestration.connectors.databases.described import SourceColumn
    from orchestration.connectors.databases.replication_messages import Relation, Row

    Values = list[str | None]
    # Operation, LSN, transaction, moment of its commit, place among all, unchanged columns.
    About = tuple[str, int, int, int, int, list[str]]

TYPES = {"_op": "varchar", "_lsn": "ubigint", "_xid": "ubigint", "_committed_at": "timestamptz",
         "_sequence": "ubigint", "_kept": "varchar[]"}  # fmt: skip
ARROW = (pa.string(), pa.uint64(), pa.uint64(), pa.timestamp("us", "UTC"), pa.uint64(),
         pa.list_(pa.string()))  # fmt: skip


@dataclass(slots=True)
class Waiting:
    """Rows of one table on their way to DuckDB, in columns.

    Attributes:
        columns: of the table now.
        identity: places of the columns that say whether an update changed a row's key.
        types: the types' numbers, of the columns now.
        order: place of each column now in the rows that come; None where they do not have it.
    """

    oid: int
    columns: Sequence[SourceColumn]
    identity: Sequence[int]
    types: Sequence[int]
    order: Sequence[int | None] = ()
    values: list[list[str | None]] = field(default_factory=list)
    about: list[About] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.values = [[] for _ in self.columns]

    @property
    def name(self) -> str:
        """Of the table in DuckDB."""
        return spool_of(self.oid)

    def follow(self, relation: Relation) -> None:
        """Find where the columns of now are in the rows that come."""
        names = [name for name, _ in relation.columns]
        if [type_ for _, type_ in relation.columns] == list(self.types):
            # The same columns, of which one may have been renamed since.
            known = {column.name for column in self.columns}
            lost = set(names) - known
            swapped = not lost and names != [column.name for column in self.columns]
            self.order = range(len(names)) if not swapped else self._by_name(names)
            return
        self.order = self._by_name(names)

    def add(self, row: Row, about: About) -> None:
        """Take a row, none of whose values is an unchanged one any more."""
        for values, at in zip(self.values, self.order, strict=True):
            values.append(cast("str | None", row[at]) if at is not None else None)
        self.about.append(about)

    def take(self, said: Callable[[SourceColumn, Values], Values]) -> pa.Table:
        """All rows that wait, as a table; then none do.

        Args:
            said: a column's values as a copy of the table has them.
        """
        arrays = [
            pa.array(said(column, values), pa.string())
            for column, values in zip(self.columns, self.values, strict=True)
        ]
        about = zip(*self.about, strict=True)
        arrays += [pa.array(list(one), type_) for one, type_ in zip(about, ARROW, strict=True)]
        self.about.clear()
        self.values = [[] for _ in self.columns]
        return pa.table(arrays, [*(column.name for column in self.columns), *TYPES])

    def _by_name(self, names: list[str]) -> list[int | None]:
        places = {name: at for at, name in enumerate(names)}
        return [places.get(column.name) for column in self.columns]


def spool_of(oid: int) -> str:
    """DuckDB's table of the changes of a table of PostgreSQL."""
    return f"{SPOOL}.changes_{oid}"
