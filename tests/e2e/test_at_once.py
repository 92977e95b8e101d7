"""Several at once: writers queue and load once, readers never wait and never see a part."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from catalog import transaction
from catalog.attempt import Attempt
from catalog.lake import Lake
from data_contracts.contract import Reading
from data_contracts.find import find
from tests.chaos.kills import (
    CONTRACT,
    FILES,
    ROWS,
    Kill,
    deliveries,
    expected,
    run,
    started,
)
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


# What is imported and read before they fork, eight do once.
WRITERS = """
import json, os, sys
import filelock, psycopg
from catalog.settings import load
from data_contracts.find import find
from orchestration.ingest import ingest
calls = [(find(contract), files) for contract, *files in json.loads(sys.argv[1])]
children = []
for contract, files in calls:
    child = os.fork()
    if not child:
        try:
            os._exit(not ingest(load(), contract, files).ok)
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)  # the threads that the usual way ends are the parent's
    children.append(child)
sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""
# Whole at any moment: the rows, what the ledger says of them, and whether their loads are there.
WHOLE = """
select
    (select sum(loaded) from ops.ledger where table_name = '{table}')
    = (select count(*) from bronze.{table})
"""


@pytest.mark.slow
def test_eight_writers_at_once_load_everything_once_and_are_never_read_in_part(
    lakehouse: Lakehouse,
) -> None:
    contracts = {name: lakehouse.folder / f"{name}.odcs.yaml" for name in ("even", "odd")}
    for name, file in contracts.items():
        first = orders(lakehouse.folder / name / "first.csv", 20)
        text = CONTRACT.replace("shop.order", f"shop.{name}").replace(
            "name: order", f"name: {name}"
        )
        file.write_text(text, encoding="utf-8")
        assert lakehouse.load(find(str(file)), first).ok
    calls, ids = [], {name: [f"o{n}" for n in range(1, 21)] for name in contracts}
    for number in range(8):
        name, begin = ("even", "odd")[number % 2], 100 * (number + 1)
        file = orders(lakehouse.folder / name / f"{number}.csv", 20, begin, broken=[begin + 7])
        ids[name] += [f"o{n}" for n in range(begin, begin + 20) if n != begin + 7]
        other = file.with_name(f"{(number + 2) % 8}.csv")  # each is offered by two writers
        calls.append([str(path) for path in (contracts[name], file, other)])
    seen = list[bool]()
    with started(lakehouse.settings, [json.dumps(calls)], program=WRITERS) as process:
        while process.poll() is None:
            seen += [lakehouse.one(WHOLE.format(table=f"shop_{name}")) for name in contracts]
            time.sleep(0.1)
        said = process.communicate()[1]
    assert (process.returncode, beside_waiting(said)) == (0, [])
    assert len(seen) > 2
    assert all(seen)
    assert {name: lakehouse.ids(f"shop_{name}") for name in ids} == {
        name: sorted(ids[name]) for name in ids
    }
    assert [lakehouse.count(f"ops.{name}") for name in ("quarantine", "ledger")] == [8, 10]
    statuses = "select status, count(distinct id) from ops.receipt group by all order by all"
    assert lakehouse.sql(statuses) == [("already_loaded", 8), ("loaded", 10)]
    assert lakehouse.one("select count(distinct batch) from ops.ledger") == 10


@pytest.mark.slow
def test_a_writer_that_is_paused_is_waited_for_and_both_loads_are_exact(
    lakehouse: Lakehouse,
) -> None:
    folder, other = deliveries(lakehouse.folder), contract(name="other", id="shop.other")
    held_to = find(str(lakehouse.folder / "order.odcs.yaml"))
    lakehouse.load(held_to, folder / "0.csv")
    lakehouse.load(other, orders(lakehouse.folder / "other" / "0.csv", 7))
    before = lakehouse.ids()
    arguments = [str(held_to.file), str(folder)]
    with (
        started(lakehouse.settings, arguments, Kill("before-commit")) as process,
        ThreadPoolExecutor(2) as pool,
    ):
        assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        try:
            same = pool.submit(lakehouse.load, held_to, folder / "1.csv")
            apart = pool.submit(
                lakehouse.load, other, orders(lakehouse.folder / "other" / "1.csv", 7, 50)
            )
            if not lakehouse.lake.on_sqlite:  # tables are written at once there
                assert apart.result(60).ok
            assert lakehouse.ids() == before
            assert not same.done()
        finally:
            process.send_signal(signal.SIGCONT)
        assert [outcome.status for outcome in same.result(60).outcomes] == ["already_loaded"]
        assert apart.result(60).ok
        said = process.communicate()[1]
        assert (process.returncode, beside_waiting(said)) == (0, [])
    assert lakehouse.rows("* exclude (_batch, _origin)") == expected(folder)[0]
    assert lakehouse.ids("shop_other") == sorted(f"o{n}" for n in (*range(1, 8), *range(50, 57)))
    assert lakehouse.count("ops.ledger") == FILES + 2


def beside_waiting(said: str) -> list[str]:
    """What a command said on standard error, but for whom it waited for."""
    return [line for line in said.splitlines() if not line.startswith("lakehouse: waits for ")]
