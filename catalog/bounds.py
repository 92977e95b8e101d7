"""The bounds of a table's columns, kept wide enough for every snapshot of it.

DuckLake keeps the least and the greatest value of a column once a table, not once a snapshot, and
answers for every snapshot by them. A rewrite makes them those of today's rows: of an earlier
snapshot a filter then finds nothing, and an order or a grouping returns values that were never
there (ducklake#1377, mended after 1.5.5). So they are widened again to those of all files that
history reads. Between the two, some milliseconds, a query of an earlier snapshot can go wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from catalog.untidy import DATA

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.untidy import Table

WITHOUT = "set disabled_optimizers = 'statistics_propagation'"  # a connection that asks no bounds
# Of the table as DuckLake has them, and of every file that history reads. One is unknown where a
# file with values has none; a file from before the column has nulls.
BOUNDS = f"""
with known as (
    select
        f.record_count,
        s.data_file_id is null as is_absent,
        s.null_count,
        s.contains_nan::boolean as contains_nan,
        s.min_value,
        s.max_value
    from {DATA}.ducklake_data_file as f
    left join {DATA}.ducklake_file_column_stats as s
        on f.data_file_id = s.data_file_id and s.column_id = {{column}}
    where f.table_id = {{table}}
    union all
    select
        1,
        false,
        t.contains_null::boolean::integer,
        t.contains_nan::boolean,
        t.min_value,
        t.max_value
    from {DATA}.ducklake_table_column_stats as t
    where t.table_id = {{table}} and t.column_id = {{column}}
)

select
    coalesce(bool_or(
        (min_value is null or max_value is null)
        and not is_absent and coalesce(null_count, 0) < record_count
    ), false) as is_unknown,
    arg_min(min_value, min_value::{{type}}) as min_value,
    arg_max(max_value, max_value::{{type}}) as max_value,
    bool_or(is_absent or coalesce(null_count, 1) > 0) as contains_null,
    bool_or(contains_nan) as contains_nan
from known
"""
COLUMNS = f"""
select
    s.column_id, arg_max(c.column_type, c.begin_snapshot), bool_or(c.initial_default is not null),
    any_value(s.min_value), any_value(s.max_value), any_value(s.contains_null),
    any_value(s.contains_nan)
from {DATA}.ducklake_table_column_stats as s
inner join {DATA}.ducklake_column as c on s.table_id = c.table_id and s.column_id = c.column_id
where s.table_id = {{table}}
group by s.column_id
order by s.column_id
"""
UPDATE = f"""
update {DATA}.ducklake_table_column_stats
set min_value = $min, max_value = $max, contains_null = $null, contains_nan = $nan
where table_id = $table and column_id = $column
"""
# By the number of the next file a connection knows whether the bounds that it read are still so.
SEEN = f"""
update {DATA}.ducklake_snapshot
set next_file_id = next_file_id + 1
where snapshot_id = (select max(snapshot_id) from {DATA}.ducklake_snapshot)
"""
# DuckLake's types, and those of DuckDB by which their bounds are compared; of others none are kept.
COMPARED = (
    (re.compile(r"u?int(8|16|32|64)"), "hugeint"),
    (re.compile(r"float(32|64)"), "double"),
    (re.compile(r"timestamp(_s|_ms|_us)?"), "timestamp"),
    (re.compile(r"decimal\(\d+,\s*\d+\)|boolean|date|time|timestamptz|timestamp_ns"), ""),
    (re.compile("varchar|json|uuid"), "varchar"),
)

Bounds = tuple[str | None, str | None, bool | None, bool | None]  # least, greatest, nulls, NaNs


def widen(lake: Lake, connection: DuckDBPyConnection, table: Table) -> int:
    """Make the bounds of a table's columns those of all its history; how many were too narrow.

    Args:
        lake: whose table it is.
        connection: on which nothing else is under way.
        table: that may have been rewritten.

    Raises:
        duckdb.Error: the catalog cannot be written.
    """
    with lake.lock(table.lock):
        connection.execute("begin")
        try:
            narrow = 0
            for column, type_, has_default, *now in connection.execute(
                COLUMNS.format(table=table.id)
            ).fetchall():
                wide = _wide(connection, table.id, column, type_, now, has_default=has_default)
                if wide != tuple(now):
                    narrow += 1
                    least, greatest, null, nan = wide
                    connection.execute(
                        UPDATE,
                        {"min": least, "max": greatest, "null": null, "nan": nan,
                         "table": table.id, "column": column},
                    )  # fmt: skip
            if narrow:
                connection.execute(SEEN)
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise
    return narrow


def _wide(
    connection: DuckDBPyConnection,
    table: int,
    column: int,
    type_: str,
    now: list[Any],
    *,
    has_default: bool,
) -> Bounds:
    compared = next((duck or type_ for named, duck in COMPARED if named.fullmatch(type_)), None)
    query = BOUNDS.format(table=table, column=column, type=compared or "varchar")
    [(is_unknown, least, greatest, null, nan)] = connection.execute(query).fetchall()
    if is_unknown or has_default or compared is None:
        least = greatest = None
    # What DuckLake does not know, it does not answer by.
    _, _, had_null, had_nan = now
    return (
        least, greatest, None if had_null is None else null, None if had_nan is None else nan
    )  # fmt: skip
