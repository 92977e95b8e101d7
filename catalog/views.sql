-- Views of the snapshot that is read with their bodies, and macros, which have none here.
with entries as (
    select
        schema_id,
        view_name as entry,
        sql as body,
        begin_snapshot,
        end_snapshot
    from __ducklake_metadata_lake.ducklake_view
    union all
    select
        schema_id,
        macro_name as entry,
        null as body,
        begin_snapshot,
        end_snapshot
    from __ducklake_metadata_lake.ducklake_macro
)

select distinct
    folders.schema_name,
    entries.entry,
    entries.body
from entries
inner join __ducklake_metadata_lake.ducklake_schema as folders
    on entries.schema_id = folders.schema_id
cross join ducklake_current_snapshot('lake') as newest
where
    entries.begin_snapshot <= newest.id
    and coalesce(entries.end_snapshot > newest.id, true)
