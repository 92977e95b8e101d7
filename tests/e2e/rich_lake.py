"""A lake with something of everything in its history, and what it answers at every snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from data_contracts.contract import Column
from orchestration.reload import reload
from tests.e2e.test_undo import take_back
from tests.lake_help import ID, PRICE, QUANTITY, contract, orders, write_csv

if TYPE_CHECKING:
    from catalog.lake import Lake
    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

WIDE = replace(PRICE, type="DECIMAL(20,4)")
NOTE = Column("note", "note", "string", "VARCHAR")
# Two rows of every type that a contract or a model can make, as the catalog holds them itself.
KINDS = """
create table bronze.kinds (
    b boolean, i integer, l bigint, f float, d double, m decimal(18, 2), w decimal(38, 10),
    s varchar, j json, x blob, u uuid, day date, clock time, t timestamp, z timestamptz,
    n bigint[], r struct(a varchar, b integer[]), p map(varchar, integer)
);
insert into bronze.kinds values (
    true, -7, 9007199254740993, 0.1, 'inf', 2.50, 1234567890123456789012345678.0123456789,
    'it''s "a" \\N ' || chr(9) || chr(10) || ' ä', '{"a": [1, null]}', '\\x00\\xFF'::blob,
    '90c906dc-48d4-468a-8a17-1762e1728eb7', '2026-02-28', '10:00:00.5',
    '2026-03-29 02:30:00.123456', '2026-03-29 02:30:00.123456+02', [1, null],
    {'a': 'x y', 'b': [1, null]}, map {'k': 1}
), (
    null, null, null, 'nan', 1e-300, null, null, '', null, ''::blob, null, 'infinity', null, null,
    '-infinity', [], null, null
);
"""
CHANGES = """
begin; alter table bronze.kinds alter column i set data type bigint;
alter table bronze.kinds rename column s to words;
insert into bronze.kinds (i, words) values (3000000000, 'after'); commit;
begin; update bronze.kinds set b = false where i = 3000000000;
delete from bronze.kinds where l is not null; commit;
create table bronze.parted as
    select range as n, (range % 3)::varchar as part, 'x' || range as word from range(300);
begin; alter table bronze.parted set partitioned by (part);
insert into bronze.parted select range, 'a', 'y' from range(1000, 1060); commit;
delete from bronze.parted where n < 5;
delete from bronze.parted where n = 7;
create table bronze.dropped as select 'gone' as word, 1.5 as figure;
insert into bronze.dropped values ('too', 2.5);
drop table bronze.dropped;
create view bronze.seen as select count(*) as n from lake.bronze.parted;
"""
TABLES = """
select s.snapshot_id, format('{}."{}"', schema_name, table_name)
from __ducklake_metadata_lake.ducklake_snapshot as s
inner join __ducklake_metadata_lake.ducklake_table as t
    on t.begin_snapshot <= s.snapshot_id and s.snapshot_id < coalesce(t.end_snapshot, 1000000)
inner join __ducklake_metadata_lake.ducklake_schema as named on t.schema_id = named.schema_id
where schema_name <> 'ops' or s.snapshot_id in (3, (select max(snapshot_id) from lake.snapshots()))
order by all
"""


def wider() -> Contract:
    """The contract of the orders, by the end."""
    return contract(ID, QUANTITY, WIDE, NOTE, version="1.1.0")


def fill(lakehouse: Lakehouse) -> None:
    """Loads, corrections, an undone load, a reload, columns that came and grew, every type."""
    folder, plain = lakehouse.folder, contract()
    lakehouse.load(plain, orders(folder / "a.csv", 40, broken=(3, 5)))
    lakehouse.load(
        plain, orders(folder / "b.csv", 4, 101), orders(folder / "c.csv", 3, 201, (202,))
    )
    lakehouse.load(plain, orders(folder / "a.csv", 38, broken=(3,)))  # a corrected one
    take_back(lakehouse, 3)
    header = "id,quantity,price,note"
    lakehouse.load(wider(), write_csv(folder / "d.csv", "n1,1,1.1234,new", header=header))
    reload(lakehouse.settings, wider())
    with lakehouse.lake.connect() as connection:
        for statement in (KINDS + CHANGES).split(";\n"):
            if statement.strip():
                connection.execute(statement)
    lakehouse.close()


def answers(lake: Lake) -> dict[tuple[int, str], tuple[int, str]]:
    """Count and content hash of every table at every snapshot; of those of `ops` at two."""
    found = {}
    with lake.connect(read_only=True) as connection:
        for snapshot, table in connection.execute(TABLES).fetchall():
            [row] = connection.execute(
                "select count(*), coalesce(md5(string_agg(row, chr(10) order by row)), '') from "
                f"(select t::varchar as row from (from lake.{table} at (version => {snapshot})) as t)"
            ).fetchall()
            found[snapshot, table] = row
    return found
