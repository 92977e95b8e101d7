"""How far a table is read by its changes: what is new since then, and what a slot may let go of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.positions import positions_where
from catalog.steps import step
from orchestration.connectors.databases.replication_session import Session, number
from orchestration.connectors.databases.replication_slot import advance

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PUBLISHED = """
select c.oid::bigint from pg_publication_tables as p
inner join pg_class as c
    on c.oid = (quote_ident(schemaname) || '.' || quote_ident(tablename))::regclass
where pubname = %s
"""


def follow(session: Session, slot: str, connection: DuckDBPyConnection) -> None:
    """Let a slot follow to where the lake has every table that is published with it.

    Args:
        session: with the source.
        slot: its name, and the publication's.
        connection: to the lake.

    Raises:
        DeliveryError: the server refuses it.
        UnreachableError: it is gone.
        duckdb.Error: the lake cannot be asked.
    """
    there = {oid for (oid,) in session.ask(PUBLISHED, [slot])}
    read = [
        number(position["lsn"])
        for position in positions_where(connection, "slot", slot)
        if position["oid"] in there
    ]
    if read:
        step("advance")
        advance(session, slot, min(read))
        step("advanced")


def new_since(last: dict[str, Any]) -> str:
    """SQL that is true of changes that the lake does not have."""
    after = f"_lsn >= {number(last['lsn'])}"
    if "snapshot" not in last:
        return after
    _, highest, running = last["snapshot"].split(":")
    seen = f"_xid < {highest}" + (f" and _xid not in ({running})" if running else "")
    return f"{after} and not ({seen})"


def lost(slot: str, start: str, last: dict[str, Any], oid: int) -> str:
    """What is told where the slot does not go on from where the lake is."""
    if last["oid"] != oid:
        return "is another table than the one that was read before; read it: lakehouse sync --full"
    return (
        f"is read up to {last['lsn']}, and replication slot {slot} has changes from {start} on: "
        "those between are gone from it; read the whole table again: lakehouse sync --full"
    )
