-- What upkeep has to do with each table of today, by the lake's own metadata.
-- Files below 64 MB are merged, as larger ones are scanned as fast as one; or below half of what
-- the lake wants its files to have at most. With 10% of their rows deleted files are written anew.
-- With fewer no merge takes them: 8 small ones are written anew together, if that drags no more
-- than 256 MB of large ones along, since a rewrite takes every file from a share of deletions up.
with limits as (
    select least(64 * 1024 * 1024, min(m.value::bigint) // 2) as small_size
    from __ducklake_metadata_lake.ducklake_metadata as m
    where m.key = 'target_file_size'
),

deletions as (
    select
        data_file_id,
        sum(delete_count) as gone
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

-- Files of one kind can be merged: of a table, a partition, a version of its columns.
files as (
    select
        f.table_id,
        f.begin_snapshot,
        f.file_size_bytes,
        f.partition_id,
        v.schema_version,
        parts.part,
        coalesce(deletions.gone, 0) / greatest(f.record_count, 1) as deleted,
        f.file_size_bytes < limits.small_size as is_small
    from __ducklake_metadata_lake.ducklake_data_file as f
    cross join limits
    left join deletions on f.data_file_id = deletions.data_file_id
    left join parts on f.data_file_id = parts.data_file_id
    asof left join __ducklake_metadata_lake.ducklake_schema_versions as v
        on f.table_id = v.table_id and f.begin_snapshot >= v.begin_snapshot
    where f.end_snapshot is null
),

counted as (
    select
        *,
        sum(case when is_small and deleted = 0 then 1 else 0 end) over (
            partition by table_id, partition_id, schema_version, part
        ) as whole,
        sum(case when is_small and deleted > 0 then 1 else 0 end) over (
            partition by table_id, partition_id, schema_version, part
        ) as worn,
        sum(case when is_small or deleted >= 0.1 then 0 else file_size_bytes end) over (
            partition by table_id order by deleted desc
        ) as dragged
    from files
),

chosen as (
    select
        *,
        deleted >= 0.1
        or (is_small and deleted > 0 and worn >= 8 and dragged < 256 * 1024 * 1024)
            as is_rewritten,
        is_small and deleted = 0 and whole > 1 as is_merged
    from counted
)

select
    s.schema_name,
    t.table_name,
    t.table_id,
    (select limits.small_size from limits) as small_size,
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
