"""Only the lake's own files are deleted, past their age, and copies of deliveries with their rows."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.verify import verify
from data_contracts.retention import Retention
from tests.catalog.upkeep_help import answers, keep_up
from tests.lake_help import contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.slow

DAY = "interval 1 day"


def age(*files: Path) -> None:
    for file in files:
        os.utime(file, (time.time() - 3 * 86400,) * 2)


@on_sqlite
def test_files_that_are_not_the_lakes_are_left_alone(lakehouse: Lakehouse, tmp_path: Path) -> None:
    lakehouse.settings = replace(lakehouse.settings, home=tmp_path / "new", data=tmp_path / "data")
    others = (
        "exports/mine.csv",
        "readme.txt",
        "raw/customers.csv",
        "raw/8e/notes.zst",
        "tables.txt",
    )
    mine = [write_csv(lakehouse.settings.data / name, "mine") for name in others]  # type: ignore[operator]
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3))
    hash_ = "0" * 64
    left = [
        lakehouse.data / "tables/bronze/shop_order/year=2026/ducklake-1-delete.parquet",
        lakehouse.data / f"raw/00/{hash_}.zst",
        lakehouse.data / f"raw/00/{hash_}.{'1' * 16}.partial",
    ]
    for file in left:
        write_csv(file, "left by one that was killed")
    age(*mine, *left)
    assert keep_up(lakehouse, guard=DAY).swept.files == len(left)
    assert all(file.exists() for file in mine)
    assert not any(file.exists() for file in left)


@on_sqlite
def test_a_replaced_file_stays_until_its_age_whatever_its_table_is_called(
    lakehouse: Lakehouse,
) -> None:
    held_to = contract(name="tables")
    for number in range(3):
        lakehouse.load(held_to, orders(lakehouse.folder / f"{number}.csv", 20, 1 + number * 20))
    files = list((lakehouse.data / "tables/bronze").rglob("*.parquet"))
    age(*files)
    done = keep_up(lakehouse, guard=DAY)
    assert [one.merged for one in done.tables if one.table == "bronze.shop_tables"] == [3]
    assert all(file.exists() for file in files)
    assert not verify(lakehouse.lake, lambda _: True)
    assert keep_up(lakehouse).swept.files >= len(files)
    assert answers(lakehouse)
    assert not verify(lakehouse.lake, lambda _: True)


@on_sqlite
def test_copies_of_what_was_replaced_or_never_loaded_go_with_their_retention(
    lakehouse: Lakehouse,
) -> None:
    held_to = contract(retention=Retention(1, "week"), keep_raw=True)
    file = orders(lakehouse.folder / "a.csv", 3)
    lakehouse.load(held_to, file)
    lakehouse.load(held_to, orders(file, 2))
    write_csv(lakehouse.folder / "b.csv", "x,many,1")
    lakehouse.load(held_to, lakehouse.folder / "b.csv", strict=True)
    lakehouse.close()
    there = {one.path for one in lakehouse.lake.data.files("raw")}
    assert len(there) == 3
    keep_up(lakehouse, held_to)
    assert {one.path for one in lakehouse.lake.data.files("raw")} == there
    with lakehouse.lake.connect() as connection:
        connection.execute("update ops.ledger set loaded_at = loaded_at - interval 9 days")
        connection.execute("update ops.receipt set received_at = received_at - interval 9 days")
    keep_up(lakehouse, held_to)
    assert not list(lakehouse.lake.data.files("raw"))
