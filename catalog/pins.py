"""Pinned snapshots: those that stay when history expires, each by a name and for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import LakeError
from catalog.runs import Change
from catalog.transaction import write
from data_contracts.types import literal

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.runs import Run


@dataclass(frozen=True, slots=True)
class Pin:
    """One snapshot that is kept."""

    name: str
    snapshot: int
    reason: str
    at: datetime


def pinned(connection: DuckDBPyConnection) -> list[Pin]:
    """Every pin, by its snapshot."""
    rows = connection.execute(
        "select name, snapshot, reason, pinned_at from lake.ops.pin order by snapshot, name"
    ).fetchall()
    return [Pin(*row) for row in rows]


def pin(lake: Lake, name: str, snapshot: int | None, reason: str, run: Run) -> Pin:
    """Keep a snapshot for as long as the name is pinned.

    Args:
        lake: that has it.
        name: to take the pin off by.
        snapshot: its number; the newest where None.
        reason: for those who ask later.
        run: that pins.

    Raises:
        LakeError: there is no such snapshot (any more), or the name is taken.
    """
    with lake.connect() as connection:

        def work() -> tuple[Pin, Change]:
            return _pin(connection, name, snapshot, reason, run)

        # No history expires meanwhile.
        return write(lake, connection, None, run, work)


def unpin(lake: Lake, name: str, run: Run) -> Pin:
    """Take a pin off; its snapshot expires with the lake's history.

    Raises:
        LakeError: there is no such pin.
    """
    with lake.connect() as connection:

        def work() -> tuple[Pin, Change]:
            found = next((one for one in pinned(connection) if one.name == name), None)
            if found is None:
                raise LakeError(f"there is no pin {name!r}; `lakehouse snapshots --pinned` lists")
            connection.execute(f"delete from lake.ops.pin where name = {literal(name)}")
            run.record_end(connection, "succeeded")
            return found, Change(f"snapshot {found.snapshot} is no longer pinned as {name}")

        return write(lake, connection, None, run, work)


def _pin(
    connection: DuckDBPyConnection, name: str, snapshot: int | None, reason: str, run: Run
) -> tuple[Pin, Change]:
    newest = connection.execute("from lake.current_snapshot()").fetchall()[0][0]
    chosen = newest if snapshot is None else snapshot
    at = connection.execute(f"select 1 from lake.snapshots() where snapshot_id = {chosen}")
    if at.fetchone() is None:
        raise LakeError(f"there is no snapshot {chosen}; `lakehouse snapshots` lists them")
    if taken := [one for one in pinned(connection) if one.name == name]:
        raise LakeError(
            f"{name!r} is snapshot {taken[0].snapshot} already; choose another name, or take it "
            f"off first: lakehouse unpin {name}"
        )
    values = f"{literal(name)}, {chosen}, {literal(reason)}, {literal(run.id)}, now()"
    connection.execute(f"insert into lake.ops.pin values ({values})")
    run.record_end(connection, "succeeded")
    [made] = [one for one in pinned(connection) if one.name == name]
    return made, Change(f"snapshot {chosen} pinned as {name}")
