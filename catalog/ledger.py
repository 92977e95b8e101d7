"""The ledger: which contents a table holds, under which names, and what a new delivery means.

A receipt says which load a delivery key stands for since then; the latest receipt of a key counts,
unless it was undone. A load's rows stay while any key stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_contracts.types import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from catalog.delivery import Delivery
    from data_contracts.contract import Contract

RECEIPTS = """
select delivery_key, content_hash, batch, bool_or(status = 'loaded') as is_own
from lake.ops.receipt
where table_name = {table} and batch is not null
group by all
having arg_max(status, id) <> 'undone'
order by max(id)
"""
# Loads whose rows are not in their table: replaced or undone, and not put back since then. The
# ledger is read once for it, since each scan of a table takes DuckLake 15 ms, be it empty.
GONE = """
with entries as materialized (
    select batch, of_load, operation, replaced
    from lake.ops.ledger
    where table_name = {table} and (operation in ('undo', 'restore') or len(replaced) > 0)
),

events as (
    select unnest(replaced) as batch, batch as entry, 'replaced' as event
    from entries
    union all
    select of_load, batch, operation
    from entries
    where operation in ('undo', 'restore')
)

select batch
from events
group by batch
having arg_max(event, entry) <> 'restore'
"""


@dataclass(slots=True)
class Plan:
    """What is to be done with one delivery."""

    delivery: Delivery
    action: str  # load, already_loaded, refuse
    batch: int | None = None  # of what is there already
    replaces: tuple[int, ...] = ()


class Standing:
    """What each delivery key of a table stands for, kept up as deliveries are planned."""

    def __init__(self, connection: DuckDBPyConnection, contract: Contract) -> None:
        table = literal(contract.table)
        receipts = connection.execute(RECEIPTS.format(table=table)).fetchall()
        gone = {batch for (batch,) in connection.execute(GONE.format(table=table)).fetchall()}
        self._contract = contract
        self._by_key: dict[str, tuple[str, int]] = {
            key: (hash_, batch) for key, hash_, batch, _ in receipts
        }
        self._batch_of = {
            (self._scope(key), hash_): batch
            for key, hash_, batch, is_own in receipts
            if is_own and batch not in gone
        }
        self._keys: dict[int, set[str]] = {}
        for key, (_, batch) in self._by_key.items():
            self._keys.setdefault(batch, set()).add(key)

    def plan(self, delivery: Delivery, batch: int) -> Plan:
        """Decide about a delivery that would be loaded as `batch`, and take that for done."""
        key, hash_ = delivery.key, delivery.content_hash
        before = self._by_key.get(key)
        if before and before[0] == hash_:
            return Plan(delivery, "already_loaded", before[1])
        if self._contract.loading.changes:
            self._by_key[key] = (hash_, batch)
            return Plan(delivery, "load")
        content = (self._scope(key), hash_)
        known = self._batch_of.get(content)
        if before and self._contract.redelivery == "refuse":
            return Plan(delivery, "refuse", before[1])
        replaces = self._leave(key) if self._contract.redelivery == "replace" else ()
        standing = known if known is not None else batch
        self._by_key[key] = (hash_, standing)
        self._keys.setdefault(standing, set()).add(key)
        self._batch_of[content] = standing
        return Plan(delivery, "already_loaded" if known is not None else "load", known, replaces)

    def _leave(self, key: str) -> tuple[int, ...]:
        """Take a key off its load; the load goes where no other key stands for it."""
        before = self._by_key.get(key)
        if before is None:
            return ()
        hash_, batch = before
        holders = self._keys.get(batch, set())
        holders.discard(key)
        if holders:
            return ()
        if self._batch_of.get((self._scope(key), hash_)) == batch:
            del self._batch_of[self._scope(key), hash_]
        return (batch,)

    def _scope(self, key: str) -> str:
        """Where a content counts as one: where the contract names delivery keys, under its own."""
        return key if self._contract.delivery_key else ""
