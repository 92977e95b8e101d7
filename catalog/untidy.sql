-- What upkeep has to do with each table of today, by the lake's own metadata.
with deletions as (
    select
        data_file_id,
        sum(delete_count) as rows
    from __ducklake_metadata_lake.ducklake_delete_file
    where end_snapshot is null
    group by data_file_id
),

parts as (
    select
        data_file_id,
        string_agg(partition_value, chr(31) order by partition_key_index) as part
    from __ducklake_metadata_lake.ducklake_file_partition_value
    group by data_file_id
),

files as (
    select
        file.table_id,
        file.begin_snapshot,
        file.file_size_bytes,
        coalesce(deletions.rows, 0) / greatest(file.record_count, 1) as deleted,
        deletions.rows is null and file.file_size_bytes < {small} as is_small,
        count(*) filter (is_small) over (partition by file.table_id, parts.part) as alike
    from __ducklake_metadata_lake.ducklake_data_file as file
    left join deletions on file.data_file_id = deletions.data_file_id
    left join parts on file.data_file_id = parts.data_file_id
    where file.end_snapshot is null
),

chosen as (
    select
        *,
        deleted >= {deleted} as is_rewritten,
        is_small and alike > 1 as is_merged
    from files
)

select
    s.schema_name,
    t.table_name,
    t.table_id,
    count(chosen.table_id) as files,
    coalesce(sum(chosen.file_size_bytes), 0)::bigint as bytes,
    count(*) filter (chosen.is_merged) as small,
    coalesce(
        list([chosen.deleted, chosen.file_size_bytes] order by chosen.deleted desc)
            filter (chosen.is_rewritten),
        []
    ) as deleted,
    min(chosen.begin_snapshot) filter (chosen.is_rewritten or chosen.is_merged) as since
from __ducklake_metadata_lake.ducklake_table as t
inner join __ducklake_metadata_lake.ducklake_schema as s on t.schema_id = s.schema_id
left join chosen on t.table_id = chosen.table_id
where t.end_snapshot is null and s.end_snapshot is null
group by s.schema_name, t.table_name, t.table_id
order by s.schema_name, t.table_name
