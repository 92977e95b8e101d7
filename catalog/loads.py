"""Loads as the ledger has them: what each was, and what of it is there now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from catalog.errors import LakeError
from catalog.ledger import GONE
from catalog.receipts import insert
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from catalog.runs import Run
    from data_contracts.contract import Contract

LOADS = """
with sums as (
    select
        of_load,
        sum(read)::bigint as read,
        sum(loaded)::bigint as loaded,
        sum(quarantined)::bigint as quarantined
    from lake.ops.ledger
    group by of_load
)

select
    l.batch, l.table_name, l.source, l.delivery_key, l.content_hash, l.contract_id,
    l.contract_version, l.run, sums.read, sums.loaded, sums.quarantined,
    coalesce(d.unchanged, 0) as unchanged, coalesce(d.deleted, 0) as deleted, d.origin
from lake.ops.ledger as l
inner join sums on l.batch = sums.of_load
left join lake.ops.delivery as d on l.batch = d.batch
where l.operation = 'load' and {chosen}
order by l.batch
"""
GONE_BY = """
select operation, batch, run
from lake.ops.ledger
where (operation = 'undo' and of_load = {load}) or list_contains(replaced, {load})
order by batch desc
limit 1
"""


@dataclass(frozen=True, slots=True)
class Load:
    """One load.

    Attributes:
        batch: its number, `_batch` of its rows.
        table: its bronze table, without the schema.
        read: records of the delivery; loaded + quarantined + unchanged + those that were discarded.
        unchanged: rows that were in the table already, of a log of changes.
        deleted: rows that left it since the delivery does not hold them.
        origin: the source instance that it is of.
    """

    batch: int
    table: str
    source: str
    key: str
    content_hash: str
    contract_id: str
    contract_version: str
    run: str
    read: int
    loaded: int
    quarantined: int
    unchanged: int = 0
    deleted: int = 0
    origin: str | None = None

    @property
    def discarded(self) -> int:
        """Rows that were taken out for good: of quarantine by somebody, or past their retention."""
        return self.read - self.loaded - self.quarantined - self.unchanged


def load(connection: DuckDBPyConnection, batch: int) -> Load:
    """A load by its number.

    Raises:
        LakeError: there is none.
    """
    found = connection.execute(LOADS.format(chosen=f"l.batch = {batch}")).fetchone()
    if found is None:
        raise LakeError(
            f'there is no load {batch}; `lakehouse sql "select * from ops.ledger"` lists them'
        )
    return Load(*found)


def live(connection: DuckDBPyConnection, table: str) -> list[Load]:
    """The loads whose rows a table holds, in their order."""
    gone = GONE.format(table=literal(table))
    chosen = f"l.table_name = {literal(table)} and l.batch not in ({gone})"
    return [Load(*row) for row in connection.execute(LOADS.format(chosen=chosen)).fetchall()]


def live_load(connection: DuckDBPyConnection, batch: int) -> Load:
    """A load whose rows are in its table.

    Raises:
        LakeError: there is none, it was undone, or another took its place.
    """
    found = load(connection, batch)
    gone = connection.execute(GONE.format(table=literal(found.table))).fetchall()
    if (batch,) in gone:
        [(operation, by, _)] = connection.execute(GONE_BY.format(load=batch)).fetchall()
        why = "it was undone" if operation == "undo" else f"load {by} took its place"
        raise LakeError(f"load {batch} is not in bronze.{found.table} any more: {why}")
    return found


@dataclass(frozen=True, slots=True)
class Amendment:
    """What was done to a load afterwards, and by how much its counts changed."""

    load: Load
    operation: str  # undo, restore, retry, discard, reload, expire
    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    discarded: int = 0


def amend(
    connection: DuckDBPyConnection,
    run: Run,
    first: int,
    amendments: Sequence[Amendment],
    contract: Contract | None = None,
) -> None:
    """Write amendments to the ledger, in the open transaction.

    Args:
        connection: with the open transaction.
        run: that amends.
        first: the number of the first of them.
        amendments: what was done.
        contract: that rows were held to; the load's own where None.
    """
    count = len(amendments)
    columns = {
        "batch": pa.array(range(first, first + count), pa.int64()),
        "of_load": pa.array([a.load.batch for a in amendments], pa.int64()),
        "operation": [a.operation for a in amendments],
        "table_name": [a.load.table for a in amendments],
        "source": [a.load.source for a in amendments],
        "delivery_key": [a.load.key for a in amendments],
        "content_hash": [a.load.content_hash for a in amendments],
        "contract_id": [a.load.contract_id for a in amendments],
        "contract_version": [
            contract.version if contract else a.load.contract_version for a in amendments
        ],
        "contract_hash": [contract.digest if contract else "" for a in amendments],
        "read": [a.read for a in amendments],
        "loaded": [a.loaded for a in amendments],
        "quarantined": [a.quarantined for a in amendments],
        "discarded": [a.discarded for a in amendments],
        "replaced": pa.array([[] for _ in amendments], pa.list_(pa.int64())),
        "run": [run.id] * count,
    }
    insert(connection, "ledger", columns)


def named(batches: list[int]) -> str:
    """Loads in words, the first few by their numbers."""
    shown = ", ".join(map(str, batches[:5]))
    more = f" and {len(batches) - 5} more" if len(batches) > 5 else ""
    return f"{'load' if len(batches) == 1 else 'loads'} {shown or 'none'}{more}"
