"""Upkeep at once, and what every snapshot answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from catalog.maintain import Upkeep, maintain
from catalog.runs import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

NOW = "interval 0 seconds"  # old enough
TABLES = ("bronze.shop_order", "ops.ledger", "ops.quarantine")


def keep_up(
    lakehouse: Lakehouse,
    held_to: Contract | None = None,
    *,
    guard: str = NOW,
    history: str | None = None,
    **options: Any,
) -> Upkeep:
    """Keep the lake up; whatever it may delete is old enough."""
    lakehouse.close()
    run = Run("maintain", lakehouse.settings)
    held = {"history": history} | options
    return maintain(lakehouse.lake, run, lambda _id, _table: held_to, guard, **held)


def answers(
    lakehouse: Lakehouse, only: int | None = None, tables: Sequence[str] = TABLES
) -> dict[int, list[object]]:
    """Rows of tables at every snapshot, or at one, hashed; None of one that is not there."""
    found = dict[int, list[object]]()
    hashed = "select count(*), sum(hash(t::varchar)::hugeint)"
    with lakehouse.lake.connect(read_only=True) as connection:
        known = connection.execute("select snapshot_id from lake.snapshots()").fetchall()
        for snapshot in [only] if only else [number for (number,) in known]:
            found[snapshot] = []
            for table in tables:
                try:
                    row = connection.execute(
                        f"{hashed} from (from {table} at (version => {snapshot})) as t"
                    ).fetchone()
                except duckdb.CatalogException:
                    row = None
                found[snapshot].append(row)
    return found
