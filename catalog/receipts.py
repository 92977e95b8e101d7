"""The ledger's rows and the receipts of a transaction, written in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

    from catalog.delivery import Delivery, Outcome
    from catalog.runs import Run
    from data_contracts.contract import Contract


def record_ledger(
    connection: DuckDBPyConnection,
    contract: Contract,
    run: Run,
    changes: list[tuple[Delivery, Outcome, int]],
) -> None:
    """One row of ``ops.ledger`` for each delivery that changed the table, in the open transaction.

    A name that moved to a content that is there already has no rows of its own: it has zero counts,
    and its `replaced` says what left.
    """
    if not changes:
        return
    loads = [(d, o, number) for d, o, number in changes]
    own = [outcome.status == "loaded" for _, outcome, _ in loads]
    columns = {
        "batch": pa.array([number for _, _, number in loads], pa.int64()),
        "of_load": pa.array([number for _, _, number in loads], pa.int64()),
        "operation": ["load"] * len(loads),
        "table_name": [contract.table] * len(loads),
        "source": [delivery.source for delivery, _, _ in loads],
        "delivery_key": [delivery.key for delivery, _, _ in loads],
        "content_hash": [delivery.content_hash for delivery, _, _ in loads],
        "contract_id": [contract.id] * len(loads),
        "contract_version": [contract.version] * len(loads),
        "contract_hash": [contract.digest] * len(loads),
        "read": [o.read if mine else 0 for (_, o, _), mine in zip(loads, own, strict=True)],
        "loaded": [o.loaded if mine else 0 for (_, o, _), mine in zip(loads, own, strict=True)],
        "quarantined": [
            o.quarantined if mine else 0 for (_, o, _), mine in zip(loads, own, strict=True)
        ],
        "discarded": pa.array([0] * len(loads), pa.int64()),
        "replaced": pa.array([list(o.replaced) for _, o, _ in loads], pa.list_(pa.int64())),
        "run": [run.id] * len(loads),
    }
    insert(connection, "ledger", columns)


def record_receipts(
    connection: DuckDBPyConnection,
    contract: Contract,
    run: Run,
    first: int,
    keys: list[tuple[str, str | None]],
    outcomes: list[Outcome],
) -> None:
    """One row of ``ops.receipt`` for each input, in the open transaction.

    Args:
        connection: with the open transaction.
        contract: that the inputs were offered under.
        run: that offered them.
        first: the first receipt's number.
        keys: delivery key and content hash of each input.
        outcomes: what became of each.
    """
    columns = {
        "id": pa.array(range(first, first + len(outcomes)), pa.int64()),
        "table_name": [contract.table] * len(outcomes),
        "source": [outcome.source for outcome in outcomes],
        "delivery_key": [key for key, _ in keys],
        "content_hash": pa.array([hash_ for _, hash_ in keys], pa.string()),
        "status": [outcome.status for outcome in outcomes],
        "batch": pa.array([outcome.batch for outcome in outcomes], pa.int64()),
        "reason": pa.array([outcome.reason for outcome in outcomes], pa.string()),
        "run": [run.id] * len(outcomes),
    }
    insert(connection, "receipt", columns)


def record_delivery(
    connection: DuckDBPyConnection,
    contract: Contract,
    run: Run,
    batch: int,
    delivery: Delivery,
    *,
    place: str | None = None,
    covers: tuple[date, date] | None = None,
    tells_absence: bool = False,
    unchanged: int = 0,
    deleted: int = 0,
) -> None:
    """One row of ``ops.delivery``, in the open transaction."""
    columns = {
        "batch": pa.array([batch], pa.int64()),
        "table_name": [contract.table],
        "origin": pa.array([delivery.origin], pa.string()),
        "place": pa.array([place], pa.string()),
        "covers_from": pa.array([covers and covers[0]], pa.date32()),
        "covers_to": pa.array([covers and covers[1]], pa.date32()),
        "tells_absence": [tells_absence],
        "unchanged": pa.array([unchanged], pa.int64()),
        "deleted": pa.array([deleted], pa.int64()),
        "position": pa.array([delivery.position], pa.string()),
        "run": [run.id],
    }
    insert(connection, "delivery", columns)


def insert(connection: DuckDBPyConnection, table: str, columns: dict[str, object]) -> None:
    """Write rows that end in the time of writing to a table of ``ops``, in the open transaction."""
    connection.register("rows", pa.table(columns))
    connection.execute(f'insert into lake.ops."{table}" select *, now() from rows')
    connection.unregister("rows")
