"""Rows that are past their contract's retention, taken out of bronze and of quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.loads import Amendment, amend, live
from catalog.runs import Change
from catalog.steps import step
from catalog.tables import bronze, columns
from catalog.transaction import write
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.runs import Run
    from data_contracts.contract import Contract

OF_LEDGER = """
select batch
from lake.ops.ledger
where table_name = {table} and operation = 'load' and loaded_at < now() - {age}
"""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Rows of one load that are past their retention."""

    batch: int
    kept: int
    broken: int


def unfit(connection: DuckDBPyConnection, contract: Contract) -> str | None:
    """Why no row of a table can be held to its contract's retention; None where they can."""
    if contract.retention is None:
        return None
    present, column = columns(connection, contract.table), contract.retention.column
    if not present:
        return "it is not there any more"
    if column is None and "_delivery" in present:
        return "a row of changes is kept for as long as it is current: name a date of it as element"
    if column and not present.get(column, "").startswith(("DATE", "TIMESTAMP")):
        return f"its retention is by {column}, which is no date or time of the table yet"
    return None


def overdue(connection: DuckDBPyConnection, contract: Contract) -> list[Overdue]:
    """The loads with rows that are past their retention, and how many; none without retention."""
    kept, broken = _chosen(contract)
    if not kept:
        return []
    if contract.loading.changes:  # what mends other deliveries' words is no row of its load
        kept += " and _batch = _delivery"
    counted = [
        dict(connection.execute(f"{select} group by all").fetchall())
        for select in (
            f"select _batch, count(*) from {bronze(contract)} where {kept}",
            f"select batch, count(*) from lake.ops.quarantine where {broken}",
        )
    ]
    batches = sorted({*counted[0], *counted[1]})
    return [Overdue(n, counted[0].get(n, 0), counted[1].get(n, 0)) for n in batches]


def take_out(
    connection: DuckDBPyConnection, contract: Contract, batches: Iterable[int] | None = None
) -> list[Overdue]:
    """Take rows out that are past their retention, in the open transaction; which they were.

    Args:
        connection: with the open transaction.
        contract: of the table.
        batches: the loads that are meant; all where None.
    """
    chosen = None if batches is None else set(batches)
    found = [o for o in overdue(connection, contract) if chosen is None or o.batch in chosen]
    if found:
        kept, broken = _chosen(contract)
        listed = ", ".join(str(one.batch) for one in found)
        connection.execute(f"delete from {bronze(contract)} where {kept} and _batch in ({listed})")
        connection.execute(
            f"delete from lake.ops.quarantine where {broken} and batch in ({listed})"
        )
    return found


def expire_rows(
    lake: Lake, connection: DuckDBPyConnection, contract: Contract, run: Run
) -> tuple[int, int]:
    """Take a table's rows out that are past their retention, in one commit.

    The ledger counts them as discarded. History has them until it expires.

    Returns:
        How many rows of bronze, and of quarantine.
    """

    def work() -> tuple[tuple[int, int], Change | None]:
        found = take_out(connection, contract)
        if not found:
            return (0, 0), None
        step("maintain-rows")
        loads = {one.batch: one for one in live(connection, contract.table)}
        amendments = [
            Amendment(loads[one.batch], "expire", 0, -one.kept, -one.broken, one.kept + one.broken)
            for one in found
        ]
        amend(connection, run, lake.next_ids(connection, "batch", len(amendments)), amendments)
        rows, set_aside = sum(one.kept for one in found), sum(one.broken for one in found)
        table = f"bronze.{contract.table}"
        words = f"{rows} rows of {table} are past their retention of {contract.retention}"
        return (rows, set_aside), Change(words, (table,), -rows)

    return write(lake, connection, contract.table, run, work)


def _chosen(contract: Contract) -> tuple[str, str]:
    """SQL of the rows of bronze and of quarantine that are past their retention."""
    if contract.retention is None:
        return "", ""
    age, table = contract.retention.interval, literal(contract.table)
    old = OF_LEDGER.format(table=table, age=age)
    column = contract.retention.column
    kept = f"_batch in ({old})"
    if column:  # where a row has no such time it is as old as its load
        time = quoted(column)
        kept = f"({time} < now() - {age} or ({time} is null and {kept}))"
    return kept, f"table_name = {table} and batch in ({old})"
