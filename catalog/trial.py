"""A catalog that was put together elsewhere, held against the one that it came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from catalog.errors import LakeError, plain
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

WRITES = Path(__file__).with_name("trial.sql")
OLDER = 3  # snapshots, beside the newest
MANY = 10_000_000  # rows; of more only the newest snapshot is read whole
METADATA = "__ducklake_metadata_lake"
# Tables of some snapshots: the newest, and a few evenly spread among the older ones.
TABLES = f"""
with ranked as (
    select
        snapshot_id,
        row_number() over (order by snapshot_id desc) - 1 as place,
        count(*) over () as total
    from {METADATA}.ducklake_snapshot
)

select snapshot_id, place = 0 as is_newest, s.schema_name, t.table_name
from ranked
inner join {METADATA}.ducklake_table as t
    on t.begin_snapshot <= snapshot_id and (t.end_snapshot is null or snapshot_id < t.end_snapshot)
inner join {METADATA}.ducklake_schema as s on t.schema_id = s.schema_id
where place % greatest((total / {OLDER + 1})::integer, 1) = 0
order by snapshot_id desc, s.schema_name, t.table_name
"""


def check_answers(
    old: DuckDBPyConnection,
    new: DuckDBPyConnection,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Ask both for every table at the newest snapshot and a few older ones; how many that were.

    Raises:
        LakeError: the answers differ.
    """
    tables = old.execute(TABLES).fetchall()
    for done, (snapshot, is_newest, schema, table) in enumerate(tables):
        progress(done, len(tables))
        relation = f"(from lake.{quoted(schema)}.{quoted(table)} at (version => {snapshot})) as t"
        counted = f"select count(*) from {relation}"
        many = not is_newest and old.execute(f"{counted} having count(*) > {MANY}").fetchone()
        query = counted if many else f"select count(*), sum(hash(t)) from {relation}"
        if old.execute(query).fetchall() != new.execute(query).fetchall():
            raise LakeError(
                f"{schema}.{table} at snapshot {snapshot} answers otherwise from the new catalog; "
                "nothing is moved"
            )
    return len(tables)


def check_writes(new: DuckDBPyConnection) -> None:
    """Write a row of every table, and insert, update and delete every type; to be thrown away.

    Nothing of it becomes a file of the lake: what is small stays in the catalog.

    Args:
        new: on which the catalog is attached, for tables of its own, over an empty folder.

    Raises:
        LakeError: something cannot be written, or reads otherwise afterwards.
    """
    try:
        new.execute(WRITES.read_text(encoding="utf-8"))
        differing = new.execute(
            "select count(*) from (select * from lake.ops.move_trial except select * from "
            "temp.expected union all select * from temp.expected except select * from "
            "lake.ops.move_trial)"
        ).fetchall()
    except duckdb.Error as error:
        raise LakeError(f"the new catalog cannot be written: {plain(error)}") from error
    if differing != [(0,)]:
        raise LakeError("what is written to the new catalog reads otherwise; nothing is moved")


def check_inserts(new: DuckDBPyConnection) -> None:
    """Insert a row of every table into it again; to be thrown away.

    Raises:
        LakeError: a table takes none.
    """
    tables = new.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'lake'"
    ).fetchall()
    new.execute("set ducklake_default_data_inlining_row_limit = 10")  # no file is written
    for schema, table in tables:
        name = f"lake.{quoted(schema)}.{quoted(table)}"
        try:
            new.execute(f"insert into {name} select * from {name} limit 1")
        except duckdb.Error as error:
            raise LakeError(
                f"{schema}.{table} cannot be written in the new catalog: {plain(error)}"
            ) from error
