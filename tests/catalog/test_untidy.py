"""What upkeep finds to do it does, and a lake that it has been over has nothing to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from catalog.backup import backup
from catalog.untidy import DATA, tables
from catalog.verify import verify
from tests.catalog.upkeep_help import NOW, answers, keep_up
from tests.chaos.faults import at_step
from tests.e2e.rich_lake import NOTE
from tests.lake_help import ID, PRICE, QUANTITY, Lakehouse, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from catalog.compaction import Tidied

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.slow


def tidied(lakehouse: Lakehouse) -> Tidied | None:
    """What becomes of the table of orders, all of whose snapshots answer as before."""
    before = answers(lakehouse)
    done = keep_up(lakehouse)
    after = answers(lakehouse)
    assert {number: after[number] for number in before} == before
    return next((one for one in done.tables if one.table == "bronze.shop_order"), None)


def do(lakehouse: Lakehouse, *statements: str) -> None:
    lakehouse.close()
    with lakehouse.lake.connect() as connection:
        for statement in statements:
            connection.execute(statement)


def load(lakehouse: Lakehouse, first: int, count: int, rows: int = 20) -> None:
    for number in range(first, first + count):
        file = orders(lakehouse.folder / f"{number}.csv", rows, 1 + number * 100)
        lakehouse.load(contract(), file)


@on_sqlite
def test_files_of_other_columns_are_left_apart_and_are_not_found_again(
    lakehouse: Lakehouse,
) -> None:
    load(lakehouse, 0, 2)
    header, wider = "id,quantity,price,note", contract(ID, QUANTITY, PRICE, NOTE)
    for name in "ab":
        lines = (f"{name}{number},1,1,n" for number in range(20))
        file = write_csv(lakehouse.folder / f"{name}.csv", *lines, header=header)
        lakehouse.load(wider, file)
    one: Any = tidied(lakehouse)
    assert one.merged == 4
    assert tidied(lakehouse) is None


def test_deletions_alone_go_into_files_too(lakehouse: Lakehouse) -> None:
    load(lakehouse, 0, 1)
    do(lakehouse, "delete from bronze.shop_order where id = 'o3'")
    one: Any = tidied(lakehouse)
    assert one.flushed == 1
    assert tidied(lakehouse) is None


@on_sqlite
def test_many_small_files_with_a_deletion_each_are_written_anew_as_one(
    lakehouse: Lakehouse,
) -> None:
    load(lakehouse, 0, 7)
    do(lakehouse, "delete from bronze.shop_order where id like '%05'")
    one: Any = tidied(lakehouse)
    assert (one.flushed, one.rewritten, one.merged) == (6, 0, 0)
    load(lakehouse, 7, 2)
    do(lakehouse, "delete from bronze.shop_order where id in ('o705', 'o805')")
    one = tidied(lakehouse)
    assert (one.flushed, one.rewritten) == (2, 8)
    assert tidied(lakehouse) is None


@on_sqlite
def test_no_file_is_merged_that_is_as_large_as_the_lake_wants_it(lakehouse: Lakehouse) -> None:
    do(lakehouse, "call lake.set_option('target_file_size', '4KB')")
    load(lakehouse, 0, 3)
    with lakehouse.lake.connect(read_only=True) as connection:
        sizes = connection.execute(
            f"select file_size_bytes from {DATA}.ducklake_data_file where table_id = "
            f"(select table_id from {DATA}.ducklake_table where table_name = 'shop_order')"
        ).fetchall()
        [table] = [one for one in tables(connection) if one.name == "shop_order"]
    assert table.limit == 2000
    assert table.small == sum(size < 2000 for (size,) in sizes)
    for _ in range(3):
        tidied(lakehouse)
    assert tidied(lakehouse) is None


@on_sqlite
def test_a_table_that_is_made_anew_meanwhile_is_left_for_the_next_time(
    lakehouse: Lakehouse,
) -> None:
    load(lakehouse, 0, 2)

    def make_anew(what: str, *_: int) -> None:
        if what == "bronze.shop_order":
            do(lakehouse, "create or replace table bronze.shop_order as from bronze.shop_order")

    done = keep_up(lakehouse, progress=make_anew)
    assert "bronze.shop_order" not in {one.table for one in done.tables}
    assert lakehouse.count("bronze.shop_order") == 40


def test_upkeep_twice_at_once_and_a_backup_beside_it_err_in_nothing(
    lakehouse: Lakehouse, tmp_path: Path
) -> None:
    load(lakehouse, 0, 4)

    def upkeep() -> None:
        keep_up(Lakehouse(lakehouse.settings, lakehouse.folder), history=NOW)

    def copy() -> None:
        backup(lakehouse.lake, str(tmp_path / "backups"))

    with ThreadPoolExecutor() as pool:
        works: list[Callable[[], None]] = [
            upkeep,
            upkeep,
            copy,
            upkeep,
            upkeep,
            partial(load, lakehouse, 4, 2),
        ]
        for done in [pool.submit(work) for work in works]:
            done.result()
    assert lakehouse.count("bronze.shop_order") == 120
    assert not verify(lakehouse.lake, lambda _: True)


def test_upkeep_that_others_history_overtakes_is_no_fault(lakehouse: Lakehouse) -> None:
    load(lakehouse, 0, 2)

    def overtake() -> None:
        load(lakehouse, 2, 1)
        keep_up(Lakehouse(lakehouse.settings, lakehouse.folder), history=NOW)

    with at_step("maintain-compare", overtake):
        assert keep_up(lakehouse).tables
