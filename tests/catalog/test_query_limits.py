"""What runs away stops at the limits of time, memory and rows, and leaves the next query well."""

from __future__ import annotations

import _thread
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from catalog import clock
from catalog.clock import StuckError
from catalog.errors import QueryRefusedError
from catalog.guard import check
from catalog.limits import Limits
from catalog.query import run
from catalog.reading import Reading
from catalog.session import Session
from catalog.settings import Settings
from tests.catalog.query_help import made_lake

if TYPE_CHECKING:
    from catalog.lake import Lake

pytest_plugins = "tests.catalog.query_help"

RUNAWAY = {
    "recursion": "with recursive n as (select 1 as i union all select i + 1 from n) select max(i) from n",
    "cross join": "select count(*) from range(1000000) a, range(1000000) b where a.range * b.range < 0",
    "join of the lake": "select sum(a.id * b.id * c.id * d.id) from bronze.shop_order a, "
    "bronze.shop_order b, bronze.shop_order c, bronze.shop_order d",
    "regular expression": "select count(*) from range(100000000) n(i) "
    "where regexp_matches(repeat('a', 5000) || i, '(a|b|ab)*c$')",
    "window": "select sum(a.range) over (order by b.range) from range(100000) a, range(100000) b",
    "stream without rows": "select a.range from range(1000000) a, range(1000000) b where a.range + b.range < 0",
    "lambda": "select list_sum(list_transform(range(1000000), lambda x: x + i)) from range(1000000) n(i)",
}


@pytest.mark.slow
@pytest.mark.parametrize("sql", RUNAWAY.values(), ids=list(RUNAWAY))
def test_a_query_stops_when_its_time_is_up(session: Session, sql: str) -> None:
    limits = Limits(seconds=0.3, rows=10, memory="4GB")
    started = time.monotonic()
    with pytest.raises(QueryRefusedError, match=r"longer than 0.3 s \(LAKEHOUSE_QUERY_SECONDS\)"):
        run(session, sql, limits=limits).fetchall()
    assert time.monotonic() - started < 2
    assert session.sql("select count(*) from bronze.shop_order").fetchall() == [(1000,)]


@pytest.mark.slow
def test_the_time_that_a_reader_takes_over_the_rows_does_not_count(session: Session) -> None:
    limits = Limits(seconds=0.5, rows=10_000_000, memory="4GB")
    batches = run(session, "from range(500000)", limits=limits).batches()
    rows = 0
    for batch in batches:
        time.sleep(0.2)
        rows += batch.num_rows
    assert rows == 500_000


@pytest.mark.slow
def test_a_function_that_cannot_be_stopped_is_given_up(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "GRACE", 0.2)
    endless = "select levenshtein(repeat('ab', 15000), repeat('ba', 15000))"
    with Session(lake) as session:
        started = time.monotonic()
        with pytest.raises(StuckError, match=r"longer than 0\.2 s"):
            run(session, endless, limits=Limits(0.2, 10, "4GB")).fetchall()
        assert time.monotonic() - started < 1.5
        assert session.sql("select count(*) from bronze.shop_order").fetchall() == [(1000,)]


def test_a_session_has_one_thread_and_takes_it_away(lake: Lake) -> None:
    before = _thread._count()
    for _ in range(4):
        with Session(lake) as session:
            for _ in range(5):
                assert session.sql("select 1").fetchall() == [(1,)]
            assert _thread._count() <= before + 1
        del session
        while _thread._count() > before:
            time.sleep(0.001)


def test_a_fault_of_ours_is_not_told_as_one_of_the_query(session: Session) -> None:
    result = session.sql("select 1")
    with pytest.raises(TypeError):
        result.preview(None)  # type: ignore[arg-type]
    reading = Reading(session, "select 1", Limits.of(session.lake.settings), check("select 1"))
    with pytest.raises(KeyError, match="ours"):
        reading.work(lambda: dict[str, int]()["ours"])
    assert session.sql("select 1").fetchall() == [(1,)]


@pytest.mark.parametrize("read", ["fetchall", "arrow", "csv", "json"])
def test_a_result_stops_at_its_row_limit(session: Session, read: str) -> None:
    limits = Limits(seconds=60, rows=20_000, memory="4GB")
    assert len(run(session, "from range(20000)", limits=limits).fetchall()) == 20_000
    with pytest.raises(QueryRefusedError, match=r"more than 20,000 rows \(LAKEHOUSE_QUERY_ROWS\)"):
        list(getattr(run(session, "from range(20001)", limits=limits), read)())
    assert session.sql("select 1").fetchall() == [(1,)]


HUGE = {
    "counted by DuckDB": "select list(i || repeat('y', 1000)) from range(5000000) n(i)",
    "not counted by DuckDB": "select max(len(range(i * 10))) from range(1000000) n(i)",
    "in one text": "select length(printf('%2000000000d', 1))",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return made_lake(tmp_path_factory.mktemp("small") / "home", memory="100MB")


@pytest.mark.slow
@pytest.mark.parametrize("sql", HUGE.values(), ids=list(HUGE))
def test_a_query_stops_at_its_memory_limit(small: Lake, sql: str) -> None:
    with Session(small) as session:
        with pytest.raises(QueryRefusedError, match=r"more memory than 100MB \(LAKEHOUSE_MEMORY\)"):
            session.sql(sql).fetchall()
        assert session.sql("select count(*) from bronze.shop_order").fetchall() == [(1000,)]


def _sticks(session: Session, sql: str) -> bool:
    """Whether it did not stop; its time may be over before it begins with what does not."""
    try:
        run(session, sql, limits=Limits(0.1, 10, "100MB")).fetchall()
    except QueryRefusedError as error:
        return isinstance(error, StuckError)
    return False


@pytest.mark.slow
def test_what_does_not_stop_takes_no_more_memory(
    small: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "GRACE", 0.2)
    ten_gigabytes = "select length(replace(repeat('a', 100000), 'a', repeat('b', 100000)))"
    with Session(small) as session:
        threads, before = _thread._count(), clock._memory_bytes()[1]
        assert any(_sticks(session, ten_gigabytes) for _ in range(50))
        while _thread._count() > threads:
            assert clock._memory_bytes()[1] - before < 2_500_000_000
            time.sleep(0.01)
        assert session.sql("select count(*) from bronze.shop_order").fetchall() == [(1000,)]


def test_a_result_is_at_most_5000_columns_wide(session: Session) -> None:
    wide = f"select {', '.join(['columns(*)'] * 50)} from (select {', '.join(['1'] * 100)})"
    assert len(session.sql(wide).columns) == 5000
    with pytest.raises(QueryRefusedError, match="returns 5,001 columns, more than 5,000"):
        session.sql(wide.replace("select", "select 1,", 1))


@pytest.mark.slow
def test_a_sort_larger_than_the_memory_goes_by_the_disk_and_cleans_up(small: Lake) -> None:
    sql = "select i, repeat('x', 50) || i as s from range(3000000) n(i) order by s desc limit 1 offset 2999990"
    with Session(small) as session:
        assert session.sql(f"select i from ({sql})").fetchall() == [(1000002,)]
    assert not list(small.settings.home.glob("spill*"))


def test_a_query_may_fill_half_of_the_disk_and_16_gigabytes_at_most(session: Session) -> None:
    [(told,)] = session.connection.execute(
        "select current_setting('max_temp_directory_size')"
    ).fetchall()
    free = shutil.disk_usage(session.lake.settings.home).free
    assert 0 < Limits(1, 1, told).memory_bytes <= min(16.01e9, 0.6 * free)


def test_no_two_connections_spill_to_one_folder(lake: Lake) -> None:
    """DuckDBs that share a folder overwrite each other's files, and crash."""
    with Session(lake) as one, Session(lake) as two:
        setting = "select current_setting('temp_directory')"
        folders = {Path(s.connection.execute(setting).fetchall()[0][0]) for s in (one, two)}
    assert len(folders) == 2
    assert all(f.parent == lake.settings.home and str(os.getpid()) in f.name for f in folders)


@pytest.mark.parametrize(
    ("memory", "size"),
    [("100MB", 10**8), ("4GB", 4 * 10**9), ("1.5 KiB", 1536), ("500B", 500), ("2tib", 2 * 2**40)],
)
def test_a_memory_setting_is_read_as_duckdb_reads_it(memory: str, size: int) -> None:
    assert Limits(1, 1, memory).memory_bytes == size


def test_the_limits_are_the_settings(lake: Lake) -> None:
    settings = Settings(home=lake.settings.home, query_seconds=7, query_rows=3, memory="1GB")
    assert Limits.of(settings) == Limits(7, 3, "1GB")


def test_ctrl_c_stops_a_query_and_leaves_the_next_one_well(lake: Lake) -> None:
    code = f"""
import signal, sys
from pathlib import Path
import catalog
from catalog.settings import Settings
signal.signal(signal.SIGINT, signal.default_int_handler)
with catalog.connect(settings=Settings(home=Path({str(lake.settings.home)!r}))) as lake:
    print("ready", flush=True)
    try:
        lake.sql({RUNAWAY["cross join"]!r}).fetchall()
    except KeyboardInterrupt:
        print("stopped", lake.sql("select count(*) from bronze.shop_order").fetchall())
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.5)
        os.kill(child.pid, signal.SIGINT)
        assert child.communicate(timeout=10)[0] == "stopped [(1000,)]\n"
