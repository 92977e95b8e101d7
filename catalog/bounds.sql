-- Bounds of one column: of the table as DuckLake has them, and of every file that history reads.
-- A bound is unknown where a file with values has none. A file from before the column has nulls.
with known as (
    select
        f.record_count,
        s.data_file_id is null as is_absent,
        s.null_count,
        s.contains_nan::boolean as contains_nan,
        s.min_value,
        s.max_value
    from __ducklake_metadata_lake.ducklake_data_file as f
    left join __ducklake_metadata_lake.ducklake_file_column_stats as s
        on f.data_file_id = s.data_file_id and s.column_id = {column}
    where f.table_id = {table}
    union all
    select
        1,
        false,
        t.contains_null::boolean::integer,
        t.contains_nan::boolean,
        t.min_value,
        t.max_value
    from __ducklake_metadata_lake.ducklake_table_column_stats as t
    where t.table_id = {table} and t.column_id = {column}
)

select
    coalesce(bool_or(
        (min_value is null or max_value is null)
        and not is_absent and coalesce(null_count, 0) < record_count
    ), false) as is_unknown,
    arg_min(min_value, min_value::{type}) as min_value,
    arg_max(max_value, max_value::{type}) as max_value,
    bool_or(is_absent or coalesce(null_count, 1) > 0) as contains_null,
    bool_or(contains_nan) as contains_nan
from known
