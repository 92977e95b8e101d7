"""Files that nothing reads any more, deleted past an age: replaced ones, and what killed ones left.

A file whose age is below the guard may be read by somebody who began before, or be written by
somebody who has not yet committed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import LakeError
from catalog.ledger import GONE
from catalog.steps import step
from catalog.untidy import DATA
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.storage import Stored

KNOWN = f"""
with files as (
    select table_id, path from {DATA}.ducklake_data_file
    union all
    select table_id, path from {DATA}.ducklake_delete_file
)

select 'tables/' || s.path || t.path || files.path
from files
inner join {DATA}.ducklake_table as t on files.table_id = t.table_id
inner join {DATA}.ducklake_schema as s on t.schema_id = s.schema_id
"""
# What the lake itself writes: a folder of data may have files of others beside it.
OURS = re.compile(
    r"tables/(.+/)?ducklake-[^/]+\.(parquet|partial)"
    r"|raw/[0-9a-f]{2}/[0-9a-f]{64}(\.zst|\.parquet|\.[0-9a-f]{16}\.partial)"
)
DOOMED = f"""
select path, path_is_relative, schedule_start::timestamptz
from {DATA}.ducklake_files_scheduled_for_deletion
"""
HASHES = """
select content_hash[:64] from lake.ops.ledger
union
select content_hash[:64] from lake.ops.receipt where content_hash is not null
"""
# Contents all of whose loads are past their retention and have no rows in a table, and those that
# were never loaded and are past it.
SPENT = """
with loads as (
    select of_load, sum(loaded + quarantined) as rows
    from lake.ops.ledger
    group by of_load
),

ages as (
    {ages}
),

gone as (
    {gone}
),

offered as (
    select content_hash, table_name, batch, loaded_at as at
    from lake.ops.ledger
    where operation = 'load'
    union all
    select content_hash, table_name, null as batch, received_at as at
    from lake.ops.receipt
    where content_hash is not null and batch is null
)

select offered.content_hash[:64]
from offered
left join loads on offered.batch = loads.of_load
left join ages on offered.table_name = ages.table_name
group by all
having bool_and(
    coalesce(offered.at < now() - ages.age, false)
    and (coalesce(loads.rows, 0) = 0 or offered.batch in (select batch from gone))
)
"""


@dataclass(frozen=True, slots=True)
class Swept:
    """Files that were deleted, and their bytes."""

    files: int = 0
    bytes: int = 0

    def __add__(self, other: Swept) -> Swept:
        """Both together."""
        return Swept(self.files + other.files, self.bytes + other.bytes)


def sweep(
    lake: Lake,
    connection: DuckDBPyConnection,
    guard: str,
    ages: dict[str, str],
    *,
    dry_run: bool = False,
) -> Swept:
    """Delete what nothing reads any more.

    Args:
        lake: whose files they are.
        connection: to it, on which nothing else is under way.
        guard: age that a file has to be past, an interval as SQL writes it.
        ages: how long the rows of a bronze table are kept, an SQL interval by the table; the copies
            of deliveries go with the last of their rows.
        dry_run: delete nothing.

    Raises:
        LakeError: the lake cannot be written, or its catalog would delete what it still reads.
    """
    [(until,)] = connection.execute(f"select now() - {guard}").fetchall()
    # Backups copy files meanwhile, and writers may be about to commit what they wrote.
    with lake.keep_files(), lake.lock(None):
        known = {path for (path,) in connection.execute(KNOWN).fetchall()}
        doomed = doomed_files(lake, connection)
        if living := sorted(known & doomed.keys()):
            raise LakeError(
                f"{living[0]} is to be deleted and still read by the lake; nothing was deleted"
            )
        listed = (one for folder in ("tables", "raw") for one in lake.data.files(folder))
        there = {one.path: one for one in listed if OURS.fullmatch(one.path)}
        late = [path for path, at in doomed.items() if at < until]
        gone = [there[path] for path in late if path in there]
        unknown = there.keys() - known - doomed.keys()
        hashes = {hash_ for (hash_,) in connection.execute(HASHES).fetchall()}
        copies = {lake.copies.path_of(hash_) for hash_ in hashes - _spent(connection, ages)}
        left = [there[path] for path in unknown - copies if there[path].modified < until]
        if not dry_run:
            for file in left:
                lake.data.delete(file.path)
            step("maintain-sweep")
            # The catalog's own deletes the file, then forgets it, and takes one that is gone.
            if late:
                connection.execute(
                    "call ducklake_cleanup_old_files('lake', older_than => "
                    f"timestamptz '{until.isoformat()}')"
                )
    return _sum(gone) + _sum(left)


def doomed_files(lake: Lake, connection: DuckDBPyConnection) -> dict[str, datetime]:
    """Files that no snapshot reads any more and that are still there, and since when that is so."""
    tables = lake.data.at("tables/")
    return {
        f"tables/{path if is_relative else path.removeprefix(tables)}": at
        for path, is_relative, at in connection.execute(DOOMED).fetchall()
    }


def _spent(connection: DuckDBPyConnection, ages: dict[str, str]) -> set[str]:
    if not ages:
        return set()
    listed = [f"select {literal(table)} as table_name, {age} as age" for table, age in ages.items()]
    gone = [f"({GONE.format(table=literal(table))})" for table in ages]
    of = {"ages": " union all ".join(listed), "gone": " union all ".join(gone)}
    found = connection.execute(SPENT.format(**of)).fetchall()
    return {hash_ for (hash_,) in found}


def _sum(files: Iterable[Stored]) -> Swept:
    listed = list(files)
    return Swept(len(listed), sum(file.size for file in listed))
