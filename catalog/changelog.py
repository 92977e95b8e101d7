"""A bronze table that is a log of changes: its columns, its keys and the order of its versions.

The one place where SQL says which of two versions of a key is newer. Two kinds of contract differ
in it. Where rows order themselves (`orderBy` under upsert and cdc), a version's place is its own
columns. Elsewhere it is that of the delivery which says it (`_delivery`), by the contract's
`deliveryOrder`, else by its arrival; rows of one delivery by `orderBy`, else by their position.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from data_contracts.loading import path_of
from data_contracts.operations import key_text
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract

ORIGIN = '"_origin"'
# What our SQL names beside a contract's columns begins so, as none of those does.
RANK, NTH, DAY, KEY = "_lake_rank", "_lake_nth", "_lake_day", "_lake_key"
# The deliveries of a table, numbered in their order within their origin.
PLACES = """
select
    batch, delivered_at,
    {place} as place,
    row_number() over (partition by origin order by {place} nulls first, batch) as _lake_rank
from lake.ops.delivery
where table_name = {table}
"""


class Changelog:
    """SQL of one contract's log."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.loading = contract.loading
        self.bronze = f"lake.bronze.{quoted(contract.table)}"
        self.keys = tuple(quoted(column.name) for column in contract.key)
        self.values = (*(quoted(column.name) for column in contract.columns), '"_rescued"')

    @cached_property
    def day(self) -> str | None:
        """The day that a row is of, under `period`; part of what it is known by."""
        return f"{quoted(self.loading.period_by)}::date" if self.loading.period_by else None

    @property
    def identity(self) -> tuple[str, ...]:
        """What a row is known by, within its origin."""
        return (*self.keys, self.day) if self.day else self.keys

    def of(self, alias: str) -> tuple[str, ...]:
        """What a row is known by, its columns named with their table."""
        return tuple(f"{alias}.{column}" for column in self.identity)  # "day"::date, too

    def same(self, one: str, other: str) -> str:
        """SQL that is true where two rows are of one key; keys are never null."""
        pairs = zip(self.of(one), self.of(other), strict=True)
        return " and ".join(f"{a} = {b}" for a, b in pairs)

    def equal(self, one: str, other: str) -> str:
        """SQL that is true where two rows say the same."""
        return " and ".join(f"{one}.{v} is not distinct from {other}.{v}" for v in self.values)

    @cached_property
    def place_type(self) -> str:
        """Type of a delivery's place; none where it is its arrival."""
        named = self.loading.delivery_order
        if named is None:
            return ""
        types = {column.name: column.type for column in self.contract.columns}
        return types.get(named, "VARCHAR")

    @property
    def places(self) -> str:
        """SQL of the deliveries in their order."""
        place = f"place::{self.place_type}" if self.loading.delivery_order else "null"
        return PLACES.format(place=place, table=literal(self.contract.table))

    def within(self, *, newest_first: bool = False) -> list[str]:
        """What orders the versions of a key that one delivery has, or all where rows do it."""
        way = " desc nulls last" if newest_first else " asc nulls first"
        if not self.loading.order_by:
            return [f"_position{way}"]
        by = [path_of(name) for name in self.loading.order_by]
        return [f"{part}{way}" for part in (*by, "_op <> 'D'", *self.values)]

    def order(self, *, newest_first: bool = False) -> str:
        """What orders all versions of a key; of rows with a `RANK` where that is of deliveries."""
        if self.loading.by_rows:
            return ", ".join(self.within(newest_first=newest_first))
        # What was written to mend a later delivery is what that one found, before its own rows.
        way = " desc" if newest_first else " asc"
        own = f"_batch = _delivery{way}"
        return ", ".join((f"{RANK}{way}", own, *self.within(newest_first=newest_first)))


class Work:
    """Statements on one contract's log, in the open transaction of a connection."""

    def __init__(self, connection: DuckDBPyConnection, contract: Contract) -> None:
        self._connection = connection
        self._contract = contract
        self._log = Changelog(contract)

    def _key(self, alias: str) -> str:
        return key_text(f"{alias}.{ORIGIN}", *self._log.of(alias))

    def _execute(self, sql: str) -> None:
        self._connection.execute(sql)

    def _row(self, sql: str) -> tuple[Any, ...] | None:
        return self._connection.execute(sql).fetchone()

    def _number(self, sql: str) -> int:
        """The one number of a query, or how many rows a statement wrote; none is 0."""
        found = self._row(sql)
        return int(found[0] or 0) if found else 0
