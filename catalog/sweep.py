"""Files that nothing reads any more, deleted past an age: replaced ones, and what killed ones left.

A file whose age is below the guard may be read by somebody who began before, or be written by
somebody who has not yet committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import LakeError
from catalog.steps import step
from catalog.untidy import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable

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
DOOMED = f"""
select path, schedule_start::timestamptz
from {DATA}.ducklake_files_scheduled_for_deletion
"""
HASHES = """
select content_hash[:64] from lake.ops.ledger
union
select content_hash[:64] from lake.ops.receipt where content_hash is not null
"""
# Contents all of whose loads are past their retention, and have no rows left.
SPENT = """
with loads as (
    select of_load, sum(loaded + quarantined) as rows
    from lake.ops.ledger
    group by of_load
),

ages as (
    {ages}
)

select l.content_hash[:64]
from lake.ops.ledger as l
inner join loads on l.batch = loads.of_load
left join ages on l.table_name = ages.table_name
where l.operation = 'load'
group by all
having bool_and(loads.rows = 0 and coalesce(l.loaded_at < now() - ages.age, false))
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
        doomed = [
            (f"tables/{path.rpartition('tables/')[2]}", at)
            for path, at in connection.execute(DOOMED).fetchall()
        ]
        if living := sorted(known & {path for path, _ in doomed}):
            raise LakeError(
                f"{living[0]} is to be deleted and still read by the lake; nothing was deleted"
            )
        there = {one.path: one for one in lake.data.files()}
        late = [path for path, at in doomed if at < until]
        gone = [there[path] for path in late if path in there]
        unknown = there.keys() - known - {path for path, _ in doomed}
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


def _spent(connection: DuckDBPyConnection, ages: dict[str, str]) -> set[str]:
    rows = [f"select '{table}' as table_name, {age} as age" for table, age in ages.items()]
    if not rows:
        return set()
    found = connection.execute(SPENT.format(ages=" union all ".join(rows))).fetchall()
    return {hash_ for (hash_,) in found}


def _sum(files: Iterable[Stored]) -> Swept:
    listed = list(files)
    return Swept(len(listed), sum(file.size for file in listed))
