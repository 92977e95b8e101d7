"""Several at once: writers queue and load once, readers never wait and never see a part."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from catalog.lake import Lake
from tests.chaos.kills import FILES, ROWS, deliveries, run
from tests.lake_help import contract, orders

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"


def test_two_processes_load_the_same_files_at_once_and_each_is_loaded_once(
    lakehouse: Lakehouse,
) -> None:
    deliveries(lakehouse.folder)
    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(lambda _: run(lakehouse.settings, lakehouse.folder), range(2)))
    assert statuses == [0, 0]
    assert lakehouse.count("bronze.shop_order") == FILES * (ROWS - 2)
    assert lakehouse.one("select count(distinct id) from bronze.shop_order") == FILES * (ROWS - 2)
    assert lakehouse.count("ops.ledger") == FILES
    said = "select status, count(*) from ops.receipt group by all order by all"
    assert lakehouse.sql(said) == [("already_loaded", FILES), ("loaded", FILES)]


def test_two_tables_are_loaded_at_once_and_their_numbers_stay_unique(lakehouse: Lakehouse) -> None:
    names = ("order", "offer")
    files = {
        name: [orders(lakehouse.folder / name / f"{n}.csv", 20, n * 20) for n in range(3)]
        for name in names
    }

    def load(name: str) -> None:
        for file in files[name]:
            assert lakehouse.load(contract(name=name, id=f"shop.{name}"), file).ok

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(load, names))
    assert [lakehouse.count(f"bronze.shop_{name}") for name in names] == [60, 60]
    assert lakehouse.one("select count(distinct batch) from ops.ledger") == 6
    assert lakehouse.one("select count(distinct id) from ops.receipt") == 6


def test_a_reader_that_runs_all_the_while_never_errs_and_never_sees_a_part(
    lakehouse: Lakehouse,
) -> None:
    rows, stopped, errors, seen = 50, threading.Event(), list[Exception](), set[int]()
    assert lakehouse.load(contract(), orders(lakehouse.folder / "0.csv", rows)).ok

    def read() -> None:
        try:
            with Lake(lakehouse.settings).connect(read_only=True) as reader:
                while not stopped.is_set():
                    found = reader.execute("select count(*) from bronze.shop_order").fetchone()
                    seen.add(found[0] if found else -1)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for number in range(1, 8):
            file = orders(lakehouse.folder / f"{number}.csv", rows, first=number * rows)
            assert lakehouse.load(contract(), file).ok
        changed = orders(lakehouse.folder / "0.csv", rows, first=10_000)
        assert lakehouse.load(contract(), changed).outcomes[0].replaced == (1,)
    finally:
        stopped.set()
        thread.join()
    assert not errors
    assert seen
    assert all(count % rows == 0 for count in seen)
    assert lakehouse.count("bronze.shop_order") == 8 * rows
