"""Several at once: writers queue and load once, readers never wait and never see a part."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from catalog import transaction
from catalog.attempt import Attempt
from catalog.lake import Lake
from data_contracts.contract import Reading
from tests.chaos.kills import FILES, ROWS, deliveries, run
from tests.lake_help import contract, on_postgres, orders

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.fixture
def lost_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds a lock, and two first attempts have both done all when the first one commits."""
    both, work = threading.Barrier(2), Attempt.work
    tried = threading.local()

    def meet_and_commit(self: Attempt) -> Any:
        result = work(self)
        if not getattr(tried, "once", False):
            tried.once = True
            both.wait(60)
        return result

    monkeypatch.setattr(Lake, "lock", lambda *_, **__: nullcontext())
    monkeypatch.setattr(Attempt, "work", meet_and_commit)
    monkeypatch.setattr(transaction, "FIRST_WAIT", 0.01)


def load_twice_at_once(lakehouse: Lakehouse, *files: Path) -> list[tuple[str, int | None]]:
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda file: lakehouse.load(contract(), file), files))
    return sorted((o.status, o.batch) for report in reports for o in report.outcomes)


@on_postgres
@pytest.mark.parametrize("there", [False, True], ids=["a new table", "a table with rows"])
def test_a_lost_lock_cannot_double_a_load(
    lakehouse: Lakehouse, request: pytest.FixtureRequest, there: bool
) -> None:
    if there:
        lakehouse.load(contract(), orders(lakehouse.folder / "there.csv", 5, first=900))
    request.getfixturevalue("lost_locks")
    file = orders(lakehouse.folder / "a.csv", 30, broken=[3])
    (second, twice), (first, once) = load_twice_at_once(lakehouse, file, file)
    assert (first, second) == ("loaded", "already_loaded")
    assert once == twice
    assert lakehouse.count("bronze.shop_order") == 29 + 5 * there
    assert lakehouse.count("ops.quarantine") == 1
    assert lakehouse.count("ops.ledger") == 1 + there


@on_postgres
def test_a_lost_lock_cannot_leave_two_versions_of_a_delivery(
    lakehouse: Lakehouse, request: pytest.FixtureRequest
) -> None:
    by_name = {"reading": Reading(path=r"(?P<name>\w+)\.csv$"), "delivery_key": ("name",)}
    lakehouse.load(contract(**by_name), orders(lakehouse.folder / "old" / "a.csv", 30))
    request.getfixturevalue("lost_locks")
    files = [orders(lakehouse.folder / f"v{n}" / "a.csv", 30, first=n * 100) for n in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda file: lakehouse.load(contract(**by_name), file), files))
    assert lakehouse.count("bronze.shop_order") == 30
    assert lakehouse.one("select count(distinct _batch) from bronze.shop_order") == 1
    assert lakehouse.one("select list_sort(flatten(list(replaced))) from ops.ledger") == [1, lakehouse.one(
        "select min(batch) from ops.ledger where batch > 1 and batch not in (select _batch from bronze.shop_order)"
    )]  # fmt: skip
