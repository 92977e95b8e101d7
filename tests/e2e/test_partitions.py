"""A table that its contract partitions by a time is cut by month and sorted; its rows are the same."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from data_contracts.contract import Column
from tests.lake_help import ID, contract, on_sqlite, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

ON = Column("on", "on", "date", "DATE")
AT = Column("at", "on", "timestamp", "TIMESTAMP WITH TIME ZONE")
SHOP = Column("shop", "shop", "string", "VARCHAR")


def days(lakehouse: Lakehouse, name: str, rows: int, months: int = 3) -> Path:
    """A file of days in any order, from 2026-01-01 on."""
    chance = random.Random(1)
    dates = [date(2026, 1, 1) + timedelta(days=chance.randrange(30 * months)) for _ in range(rows)]
    lines = (f"{name}{at},{day},s{at % 2}" for at, day in enumerate(dates))
    return write_csv(lakehouse.folder / f"{name}.csv", *lines, header="id,on,shop")


def data_files(lakehouse: Lakehouse, table: str) -> list[Path]:
    return sorted(p for p in lakehouse.data.rglob("*.parquet") if table in str(p))


@pytest.mark.parametrize("time", [ON, AT], ids=["date", "timestamp"])
def test_a_time_partitions_by_month_and_sorts_within(lakehouse: Lakehouse, time: Column) -> None:
    file = days(lakehouse, "a", 600)
    plain = contract(ID, time, SHOP, name="plain")
    parted = contract(ID, time, SHOP, name="parted", partition=(time.name,))
    for held_to in (plain, parted):
        assert lakehouse.load(held_to, file).ok
    columns = f'id, "{time.name}", shop, _source, _position'
    assert lakehouse.rows(columns, "shop_parted") == lakehouse.rows(columns, "shop_plain")
    files = data_files(lakehouse, "shop_parted")
    assert len(files) == 3
    seen = []
    for one in files:
        values = pq.read_table(one, columns=[time.name], partitioning=None)[time.name].to_pylist()
        assert values == sorted(values)
        assert len({(value.year, value.month) for value in values}) == 1
        seen.append(values[0].month)
    assert sorted(seen) == [1, 2, 3]
    assert len(data_files(lakehouse, "shop_plain")) == 1


@on_sqlite
def test_another_column_partitions_by_its_values(lakehouse: Lakehouse) -> None:
    held_to = contract(ID, ON, SHOP, partition=("shop", "on"))
    assert lakehouse.load(held_to, days(lakehouse, "a", 600, months=1)).ok
    assert len(data_files(lakehouse, "shop_order")) == 2
    assert len(lakehouse.ids()) == 600


@on_sqlite
def test_a_partitioned_table_takes_redeliveries_and_small_loads(lakehouse: Lakehouse) -> None:
    held_to = contract(ID, ON, SHOP, partition=("on",))
    lakehouse.load(held_to, days(lakehouse, "a", 300), days(lakehouse, "b", 3))
    [outcome] = lakehouse.load(held_to, days(lakehouse, "a", 200)).outcomes
    assert outcome.replaced == (1,)
    assert len(lakehouse.ids()) == 203
    state = lakehouse.state()
    lakehouse.load(held_to, lakehouse.folder)
    assert lakehouse.state() == state
