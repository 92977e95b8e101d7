"""History expires: snapshots older than the lake's window, but for those that are pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.errors import LakeError
from catalog.pins import pinned
from catalog.runs import Change
from catalog.steps import step
from catalog.transaction import write
from catalog.untidy import DATA

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.runs import Run

# A snapshot stands until the next one, so the newest of before the window is still in it.
OLD = """
select snapshot_id
from (
    select snapshot_id, lead(snapshot_time) over (order by snapshot_id) as until
    from lake.snapshots()
)
where until < now() - {window} and snapshot_id not in (select snapshot from lake.ops.pin)
order by snapshot_id
"""
# The files that a snapshot reads, and those of its deletions.
READ = f"""
with files as (
    select table_id, path, record_count as rows, begin_snapshot, end_snapshot
    from {DATA}.ducklake_data_file
    union all
    select table_id, path, delete_count, begin_snapshot, end_snapshot
    from {DATA}.ducklake_delete_file
)

select count(*), coalesce(sum(hash(table_id, path, rows)::hugeint), 0)
from files
where begin_snapshot <= {{snapshot}} and coalesce(end_snapshot > {{snapshot}}, true)
"""


def old(connection: DuckDBPyConnection, window: str) -> list[int]:
    """The snapshots that have expired.

    Args:
        connection: to the lake.
        window: an interval as SQL writes it.
    """
    return [number for (number,) in connection.execute(OLD.format(window=window)).fetchall()]


def expire(lake: Lake, connection: DuckDBPyConnection, window: str, run: Run) -> int:
    """Take the snapshots out of history that are older than the window; how many.

    No file is changed by that, so it is compared what the others read: the same files, of the same
    rows, with the same deletions.

    Raises:
        LakeError: a snapshot that stays would read something else; nothing was done.
    """

    def work() -> tuple[int, Change | None]:
        gone = old(connection, window)
        if not gone:
            return 0, None
        stays = _staying(connection, gone)
        before = _read(connection, stays)
        listed = ", ".join(map(str, gone))
        connection.execute(f"call ducklake_expire_snapshots('lake', versions => [{listed}])")
        step("maintain-expire")
        after = _read(connection, stays)
        if changed := [number for number in stays if before[number] != after[number]]:
            raise LakeError(f"history cannot expire: snapshot {changed[0]} would lose files")
        words = f"{len(gone)} snapshots expired, {gone[0]} to {gone[-1]}"
        return len(gone), Change(words)

    return write(lake, connection, None, run, work)


def _staying(connection: DuckDBPyConnection, gone: list[int]) -> list[int]:
    """The pinned snapshots, and the oldest and the newest of the others that stay."""
    known = connection.execute("select snapshot_id from lake.snapshots() order by 1").fetchall()
    rest = sorted({number for (number,) in known} - set(gone))
    pins = {one.snapshot for one in pinned(connection)}
    return sorted({number for number in rest if number in pins} | {rest[0], rest[-1]})


def _read(connection: DuckDBPyConnection, snapshots: list[int]) -> dict[int, tuple[int, int]]:
    found = {}
    for snapshot in snapshots:
        [row] = connection.execute(READ.format(snapshot=snapshot)).fetchall()
        found[snapshot] = row
    return found
