"""Upkeep in the middle of any life of a table: partitioned, sorted, nested, with changing columns."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from catalog import pins
from catalog.runs import Run
from catalog.verify import verify
from tests.catalog.upkeep_help import NOW, answers, keep_up
from tests.lake_help import on_sqlite

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

MADE = """
create table bronze.life (id bigint, day date, part varchar, n integer, r struct(a varchar, b integer[]));
alter table bronze.life set partitioned by (part, month(day));
alter table bronze.life set sorted by (day asc)
"""
ROW = """
select {first} + range as id, date '2026-01-01' + (range * 7 % 50)::integer as day,
    case when range % 5 < 4 then 'p/' || range % 2 end as part, range::integer as n,
    {{'a': 'x' || range, 'b': [range::integer, null]}} as r
from range({count})
"""
ALTERED = (
    "alter table bronze.life add column note varchar default 'none'",
    "alter table bronze.life alter column n set data type bigint",
    "alter table bronze.life rename column note to words",
    "alter table bronze.life add column more decimal(18, 2)",
    "alter table bronze.life drop column more",
    "alter table bronze.life set partitioned by (part)",
)


def live(connection: DuckDBPyConnection, chosen: random.Random, altered: list[str]) -> None:
    """One change of a table, of any kind."""
    first, count = chosen.randint(1, 400), chosen.choice((1, 4, 30, 120))
    kind = chosen.random()
    if kind < 0.5 or kind > 0.95:
        row = ROW.format(first=first, count=count)
        connection.execute(f"insert into bronze.life by name {row}")
    elif kind < 0.7:
        connection.execute(f"delete from bronze.life where id between {first} and {first + count}")
    elif kind < 0.8:
        connection.execute(f"update bronze.life set n = n + 1 where id % 50 = {first % 50}")
    elif kind < 0.85 and altered:
        connection.execute(altered.pop(0))
    elif kind < 0.9:
        connection.execute("drop table bronze.life")
        for statement in MADE.split(";"):
            connection.execute(statement)
        altered[:] = ALTERED
    elif altered:
        connection.execute(f"begin; {altered.pop(0)}")
        connection.execute(f"insert into bronze.life by name {ROW.format(first=first, count=3)}")
        connection.execute("commit")


@on_sqlite
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_whatever_became_of_a_table_upkeep_changes_no_snapshot_of_it(
    lakehouse: Lakehouse, seed: int
) -> None:
    chosen, altered = random.Random(seed), list(ALTERED)
    with lakehouse.lake.connect() as connection:
        for statement in MADE.split(";"):
            connection.execute(statement)
    pinned = set[int]()
    for turn in range(2):
        with lakehouse.lake.connect() as connection:
            for _ in range(8):
                live(connection, chosen, altered)
        before = answers(lakehouse, tables=["bronze.life"])
        kept = chosen.choice(list(before))
        pins.pin(lakehouse.lake, str(turn), kept, "", Run("pin", lakehouse.settings))
        pinned.add(kept)
        keep_up(lakehouse, history=NOW if turn else None)
        after = answers(lakehouse, tables=["bronze.life"])
        assert {n: after[n] for n in before if n in after} == {
            n: before[n] for n in before if n in after
        }
        assert pinned <= after.keys()
    assert not verify(lakehouse.lake, lambda _: True)
