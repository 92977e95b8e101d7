"""All of a transaction is seen or none, it is tried again in conflicts, and a lost lock doubles nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING

import duckdb
import pytest

from catalog import transaction
from catalog.errors import ConflictError, LakeError
from catalog.lake import Lake
from catalog.runs import Change, Run
from catalog.transaction import ATTEMPTS, write
from tests.lake_help import on_postgres, on_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from catalog.settings import Settings
    from tests.lake_help import Lakehouse, Server

pytest_plugins = "tests.lake_help"

DONE = Change("one row", ("bronze.t",), 1)


@pytest.fixture
def connection(lake_settings: Settings) -> Iterator[DuckDBPyConnection]:
    with Lake(lake_settings).connect() as connection:
        connection.execute("create table bronze.t (a bigint)")
        yield connection


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "FIRST_WAIT", 0.001)


@contextmanager
def no_lock(lake: Lake, name: str, *, whole: bool = False) -> Iterator[None]:
    yield


def test_a_transaction_is_seen_whole_and_signed(
    lakehouse: Lakehouse, connection: DuckDBPyConnection
) -> None:
    run = Run("test", lakehouse.settings)

    def work() -> tuple[str, Change]:
        connection.execute("insert into bronze.t values (1)")
        assert lakehouse.count("bronze.t") == 0
        return "result", DONE

    before = lakehouse.snapshots()
    assert write(lakehouse.lake, connection, "t", run, work) == "result"
    assert lakehouse.count("bronze.t") == 1
    assert lakehouse.snapshots() == before + 1
    write(lakehouse.lake, connection, "t", run, work=lambda: ("again", DONE))
    assert lakehouse.count("ops.run_start") == 1


@pytest.mark.parametrize("raised", [ValueError, KeyboardInterrupt])
def test_a_transaction_that_fails_leaves_nothing(
    lakehouse: Lakehouse, connection: DuckDBPyConnection, raised: type[BaseException]
) -> None:
    run = Run("test", lakehouse.settings)

    def fail() -> tuple[None, Change]:
        connection.execute("insert into bronze.t values (1)")
        raise raised

    with pytest.raises(raised):
        write(lakehouse.lake, connection, "t", run, fail)
    assert lakehouse.count("bronze.t") == lakehouse.count("ops.run") == 0
    write(lakehouse.lake, connection, "t", run, lambda: (None, DONE))
    assert lakehouse.count("ops.run") == 1


@on_sqlite
@pytest.mark.usefixtures("quickly")
def test_a_conflict_is_tried_again(lakehouse: Lakehouse, connection: DuckDBPyConnection) -> None:
    calls = []

    def work() -> tuple[int, Change]:
        calls.append(connection.execute("insert into bronze.t values (1)"))
        if len(calls) < ATTEMPTS:
            raise duckdb.TransactionException("Transaction conflict - attempting to insert")
        return len(calls), DONE

    run = Run("test", lakehouse.settings)
    assert write(lakehouse.lake, connection, "t", run, work) == ATTEMPTS
    assert lakehouse.count("bronze.t") == lakehouse.count("ops.run") == 1


@pytest.mark.slow
@on_sqlite
@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize(
    "said", ["Transaction conflict", "database is locked", "deadlock detected"]
)
def test_write_gives_up_with_a_conflict_error_after_its_attempts(
    lakehouse: Lakehouse, connection: DuckDBPyConnection, said: str
) -> None:
    calls = []

    def work() -> tuple[None, Change]:
        calls.append(connection.execute("insert into bronze.t values (1)"))
        raise duckdb.TransactionException(said)

    with pytest.raises(ConflictError, match=rf"^t: others kept writing to it, {ATTEMPTS} times"):
        write(lakehouse.lake, connection, "t", Run("test", lakehouse.settings), work)
    assert len(calls) == ATTEMPTS
    assert lakehouse.count("bronze.t") == 0


@on_sqlite
def test_another_failure_is_one_plain_line_and_not_tried_again(
    lakehouse: Lakehouse, connection: DuckDBPyConnection
) -> None:
    calls = []

    def work() -> tuple[None, Change]:
        calls.append(1)
        connection.execute("insert into bronze.t values ('no number')\n-- more")
        return None, DONE

    with pytest.raises(LakeError, match=r"^t: Conversion Error: [^\n]+$"):
        write(lakehouse.lake, connection, "t", Run("test", lakehouse.settings), work)
    assert calls == [1]


@on_postgres
@pytest.mark.parametrize("when", ["work", "commit"])
def test_a_broken_connection_to_postgres_is_one_plain_line(
    lakehouse: Lakehouse, connection: DuckDBPyConnection, server: Server, when: str
) -> None:
    def work() -> tuple[None, Change]:
        connection.execute("insert into bronze.t values (1)")
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        if when == "work":
            connection.execute("select count(*) from ops.ledger").fetchall()
            connection.execute("insert into bronze.t from range(1000)")
        return None, DONE

    with pytest.raises(LakeError) as failed:
        write(lakehouse.lake, connection, "t", Run("test", lakehouse.settings), work)
    assert "\n" not in str(failed.value)
    assert "postgresql://" not in str(failed.value)
    lakehouse.close()
    assert lakehouse.count("bronze.t") == 0


@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize("round_", range(2), ids=["fence is new", "fence is there"])
def test_of_two_that_lost_their_lock_one_commits_and_the_other_begins_again(
    lakehouse: Lakehouse,
    connection: DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    round_: int,
) -> None:
    run = Run("test", lakehouse.settings)
    for _ in range(round_):
        write(lakehouse.lake, connection, "t", run, lambda: (None, DONE))
    monkeypatch.setattr(Lake, "lock", no_lock)
    both = Barrier(2)

    def load(_: int) -> int:
        calls = []
        with lakehouse.lake.connect() as mine:

            def work() -> tuple[int, Change]:
                calls.append(mine.execute("from bronze.t").fetchall())
                if not calls[-1]:
                    mine.execute("insert into bronze.t values (1)")
                if len(calls) == 1:
                    meet(both)
                return len(calls), DONE

            return write(lakehouse.lake, mine, "t", Run("test", lakehouse.settings), work)

    with ThreadPoolExecutor(2) as pool:
        attempts = sorted(pool.map(load, range(2)))
    assert attempts[0] == 1
    assert attempts[1] > 1
    assert lakehouse.count("bronze.t") == 1


@on_postgres
def test_two_tables_are_written_at_once(
    lakehouse: Lakehouse, connection: DuckDBPyConnection
) -> None:
    both = Barrier(2)

    def load(table: str) -> int:
        calls = []
        with lakehouse.lake.connect() as mine:

            def work() -> tuple[int, Change]:
                calls.append(1)
                mine.execute(f"create table bronze.{table} as select 1 as a")
                meet(both)
                return len(calls), DONE

            return write(lakehouse.lake, mine, table, Run("test", lakehouse.settings), work)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(load, ("one", "two")))
    assert lakehouse.count("bronze.one") == lakehouse.count("bronze.two") == 1


def meet(both: Barrier) -> None:
    """Wait until the other is there too; it is not when this is tried again."""
    try:
        both.wait(5)
    except BrokenBarrierError:
        return
