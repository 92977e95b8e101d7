"""How far a source has been read: the ledger's last word on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from catalog.ledger import GONE
from data_contracts.types import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# An undone load has moved nothing: what it read is read again.
LAST = """
select position
from lake.ops.delivery
where
    table_name = {table} and origin is not distinct from {origin}
    and position is not null and batch not in ({gone})
order by batch desc
limit 1
"""


def last_position(
    connection: DuckDBPyConnection, table: str, origin: str | None = None
) -> dict[str, Any]:
    """The position of the last load in force of a table and origin; empty where there is none.

    Args:
        connection: to the lake.
        table: of bronze, without its schema.
        origin: the source instance.
    """
    query = LAST.format(
        table=literal(table),
        origin=literal(origin) if origin else "null",
        gone=GONE.format(table=literal(table)),
    )
    found = connection.execute(query).fetchone()
    position: dict[str, Any] = json.loads(found[0]) if found else {}
    return position


def positions_where(connection: DuckDBPyConnection, name: str, value: str) -> list[dict[str, Any]]:
    """The last positions in force of all tables and origins that say a value under a name."""
    said = json.dumps({name: value})[1:-1]
    rows = connection.execute(
        "select distinct table_name, origin from lake.ops.delivery "
        f"where contains(position, {literal(said)}) order by all"
    ).fetchall()
    found = [last_position(connection, table, origin) for table, origin in rows]
    return [position for position in found if position.get(name) == value]
