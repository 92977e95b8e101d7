"""On Postgres: nobody commits to a table who has not seen the commit to it before.

A lock may be lost, with its session, while its holder writes on, and inserts never conflict for
DuckLake: of two that commit at once the second takes the next number and is content. So each commit
says what it wrote to and which snapshot it had seen, and a trigger of the catalog, in the same
transaction, refuses it where the table has a newer one. (To update a row of the lake's in each
transaction holds as well, and takes 10 ms of 32.) SQLite needs none: it commits nothing that has
read what is not the newest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

CONFLICT = "lakehouse fence"  # DuckLake would try again by itself if it said "conflict"
FENCE = f"""
create or replace function public.lakehouse_fence() returns trigger language plpgsql as $$
begin
    if exists (
        select from public.ducklake_snapshot_changes as earlier
        where earlier.snapshot_id > substring(new.commit_extra_info from '"seen": (\\d+)')::bigint
            and substring(earlier.commit_extra_info from '"wrote": "([^"]*)"')
            = substring(new.commit_extra_info from '"wrote": "([^"]*)"')
    ) then
        raise exception '{CONFLICT}: the table has a commit that this one has not seen';
    end if;
    return new;
end
$$;
drop trigger if exists lakehouse_fence on public.ducklake_snapshot_changes;
create trigger lakehouse_fence before insert on public.ducklake_snapshot_changes
for each row execute function public.lakehouse_fence();
"""
# A catalog that was put aside has one too.
THERE = """
select 1 from pg_trigger
where tgname = 'lakehouse_fence' and tgrelid = 'public.ducklake_snapshot_changes'::regclass
"""


def put_up(session: psycopg.Connection) -> None:
    """Make the fence where it is missing."""
    if session.execute(THERE).fetchone() is None:
        with session.transaction():
            session.execute("select pg_advisory_xact_lock(hashtext('lakehouse:fence'))")
            session.execute(FENCE)
