"""Upkeep at once, and what every snapshot answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb

from catalog import pins
from catalog.maintain import Upkeep, maintain
from catalog.runs import Run
from data_contracts.retention import Retention
from tests.lake_help import ID, PRICE, QUANTITY, contract, write_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

NOW = "interval 0 seconds"  # old enough
DAY = replace(QUANTITY, name="day", source="day", logical_type="date", type="DATE")
AGED = contract(ID, DAY, PRICE, retention=Retention(9, "year", "day"))  # of what `wear` loads
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


def wear(lakehouse: Lakehouse) -> None:
    """A lake with something for each step of upkeep to do, and a pinned snapshot."""

    def load(name: str, *lines: str) -> None:
        lakehouse.load(AGED, write_csv(lakehouse.folder / name, *lines, header="id,day,price"))

    many = [f"m{number},{2025 - 20 * (number < 15)}-01-02,{number}" for number in range(40)]
    load("a.csv", "a,2001-01-02,1", "b,2025-01-02,2", "c,never,3")
    load("m.csv", *many)
    pins.pin(lakehouse.lake, "kept", None, "", Run("pin", lakehouse.settings))
    load("n.csv", *(line.replace("m", "n") for line in many))
    load("o.csv", *(line.replace("m", "o") for line in many[15:]))
    load("a.csv", "a,2001-01-02,1", "b,2025-01-02,2", "d,2025-01-02,3")
    lakehouse.close()
