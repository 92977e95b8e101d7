"""Upkeep changes no answer, loses nothing that is pinned or young, and keeps what it promises."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from catalog import connect, pins
from catalog.errors import LakeError, QueryRefusedError
from catalog.runs import Run
from catalog.verify import verify
from data_contracts.retention import Retention
from orchestration.reload import reload
from tests.catalog.upkeep_help import NOW, answers, keep_up
from tests.chaos.faults import at_step
from tests.e2e.test_undo import assert_the_ledger_counts_what_is_there, contents, take_back
from tests.lake_help import ID, PRICE, QUANTITY, contract, on_postgres, orders, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

SEEDS = [(0, "sqlite"), (1, "postgres")]
PLACED = replace(QUANTITY, name="placed", source="placed", logical_type="date", type="DATE")


def pin(lakehouse: Lakehouse, name: str, snapshot: int | None = None) -> int:
    run = Run("pin", lakehouse.settings)
    return pins.pin(lakehouse.lake, name, snapshot, "for a test", run).snapshot


def some_life(lakehouse: Lakehouse, chosen: random.Random, steps: int) -> None:
    """Loads of all sizes, corrections of them, and loads taken back."""
    for _ in range(steps):
        name, rows = f"{chosen.randint(1, 4)}.csv", chosen.choice((1, 3, 9, 12, 60))
        first = chosen.randint(1, 500)
        lakehouse.load(contract(), orders(lakehouse.folder / name, rows, first, broken=(first,)))
        if chosen.random() < 0.3:
            lakehouse.close()
            live = lakehouse.sql("select max(batch) from ops.ledger where operation = 'load'")
            try:
                take_back(lakehouse, live[0][0])
            except LakeError as error:
                assert "is not in bronze" in str(error) or "cannot be undone" in str(error)  # noqa: PT017
        lakehouse.close()


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "catalog"), SEEDS, indirect=["catalog"])
def test_upkeep_changes_no_answer_at_any_snapshot(lakehouse: Lakehouse, seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(2):
        some_life(lakehouse, chosen, 3)
        before = answers(lakehouse)
        done = keep_up(lakehouse)
        assert done.tables
        after = answers(lakehouse)
        assert {number: after[number] for number in before} == before
    assert_the_ledger_counts_what_is_there(lakehouse)
    assert not verify(lakehouse.lake, lambda _: True)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "catalog"), SEEDS, indirect=["catalog"])
def test_history_expires_but_for_what_is_pinned(lakehouse: Lakehouse, seed: int) -> None:
    chosen = random.Random(100 + seed)
    some_life(lakehouse, chosen, 3)
    kept = pin(lakehouse, "release", chosen.randint(2, 4))
    some_life(lakehouse, chosen, 1)
    before = answers(lakehouse)
    done = keep_up(lakehouse, history=NOW)
    after = answers(lakehouse)
    assert done.snapshots == len(before) - 2
    assert {number: after[number] for number in after if number in before} == {
        number: before[number] for number in (kept, max(before))
    }
    assert not verify(lakehouse.lake, lambda _: True)
    some_life(lakehouse, chosen, 1)
    assert_the_ledger_counts_what_is_there(lakehouse)
    pins.unpin(lakehouse.lake, "release", Run("unpin", lakehouse.settings))
    keep_up(lakehouse, history=NOW)
    assert kept not in answers(lakehouse)


@pytest.mark.slow
def test_a_day_within_the_window_can_still_be_asked(lakehouse: Lakehouse) -> None:
    first = lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3)).snapshot
    with lakehouse.lake.connect() as connection:
        connection.execute(
            "update __ducklake_metadata_lake.ducklake_snapshot "
            "set snapshot_time = snapshot_time::timestamptz - interval 1 hour"
        )
    lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", 4, 10))
    assert keep_up(lakehouse, history="interval 30 minutes").snapshots == first
    assert min(answers(lakehouse, tables=[])) == first


@pytest.mark.slow
def test_a_time_whose_history_has_expired_is_refused_and_no_other_is_answered(
    lakehouse: Lakehouse,
) -> None:
    first = lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3)).snapshot
    pin(lakehouse, "kept", first)
    lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", 4, 10))
    then = datetime.now(UTC).isoformat()
    time.sleep(0.05)
    lakehouse.load(contract(), orders(lakehouse.folder / "c.csv", 4, 20))
    keep_up(lakehouse, history=NOW)
    with pytest.raises(LakeError, match=rf"history of {then[:10]}.* has expired; .* are {first} "):
        lakehouse.lake.connect(at=then)
    with lakehouse.lake.connect(at=first) as connection:
        assert connection.execute("select count(*) from bronze.shop_order").fetchone() == (3,)
    lakehouse.lake.connect(at=datetime.now(UTC).isoformat()).close()


@pytest.mark.slow
def test_a_load_whose_history_has_expired_is_not_undone_in_part(lakehouse: Lakehouse) -> None:
    file = orders(lakehouse.folder / "a.csv", 3)
    lakehouse.load(contract(), file)
    lakehouse.load(contract(), orders(file, 2, 50))
    keep_up(lakehouse, history=NOW)
    before = contents(lakehouse)
    lakehouse.close()
    with pytest.raises(LakeError, match="the lake's history does not go back so far"):
        take_back(lakehouse, 2)
    assert contents(lakehouse) == before


def aged(lakehouse: Lakehouse, *, of_column: bool) -> tuple[Any, Any]:
    """A contract with a retention of a week, and two loads of before and of after it."""
    retention = Retention(1, "week", "placed" if of_column else None)
    held_to = contract(ID, PLACED, PRICE, retention=retention, keep_raw=True)
    today = datetime.now(UTC).date()
    old, young = today - timedelta(days=30), today - timedelta(days=2)
    header = "id,placed,price"
    lines = (f"a,{old},1", f"b,{young},1", "c,never,1")
    lakehouse.load(held_to, write_csv(lakehouse.folder / "1.csv", *lines, header=header))
    others = (f"d,{old},1", f"e,{old},1")
    lakehouse.load(held_to, write_csv(lakehouse.folder / "2.csv", *others, header=header))
    lakehouse.close()
    return held_to, retention


@pytest.mark.slow
def test_rows_past_their_retention_leave_and_the_ledger_says_so(lakehouse: Lakehouse) -> None:
    held_to, _ = aged(lakehouse, of_column=True)
    done = keep_up(lakehouse, held_to)
    assert done.rows == {"shop_order": (3, 0)}
    assert lakehouse.ids() == ["b"]
    sums = "select of_load, sum(read), sum(loaded), sum(quarantined), sum(discarded)"
    assert lakehouse.sql(f"{sums} from ops.ledger group by 1 order by 1") == [
        (1, 3, 1, 1, 1),
        (2, 2, 0, 0, 2),
    ]
    assert_the_ledger_counts_what_is_there(lakehouse)
    assert keep_up(lakehouse, held_to).rows == {}


def backdate(lakehouse: Lakehouse, days: int) -> None:
    """Let the loads have been so long ago."""
    with lakehouse.lake.connect() as connection:
        connection.execute(f"update ops.ledger set loaded_at = loaded_at - interval {days} days")


@pytest.mark.slow
def test_the_copy_of_a_delivery_goes_with_the_last_of_its_rows(lakehouse: Lakehouse) -> None:
    held_to, _ = aged(lakehouse, of_column=False)
    assert keep_up(lakehouse, held_to).rows == {}
    copies = {one.path for one in lakehouse.lake.data.files("raw")}
    backdate(lakehouse, 30)
    assert keep_up(lakehouse, held_to, guard="interval 1 day").rows == {"shop_order": (4, 1)}
    assert {one.path for one in lakehouse.lake.data.files("raw")} == copies  # young files stay
    keep_up(lakehouse, held_to)
    assert len(copies) == 2
    assert not list(lakehouse.lake.data.files("raw"))
    assert lakehouse.count("bronze.shop_order") == lakehouse.count("ops.quarantine") == 0
    lakehouse.close()
    assert not verify(lakehouse.lake, lambda _: True)
    shutil.rmtree(lakehouse.folder)
    assert reload(lakehouse.settings, held_to) == []


def scattered(lakehouse: Lakehouse) -> None:
    """A table of small files, some of whose rows were replaced."""
    first = orders(lakehouse.folder / "0.csv", 20)
    lakehouse.load(contract(), first)
    lakehouse.load(contract(), orders(lakehouse.folder / "1.csv", 100, 21))
    lakehouse.load(contract(), orders(lakehouse.folder / "0.csv", 20, 500))
    lakehouse.close()


def parquet(lakehouse: Lakehouse) -> list[Path]:
    return sorted((Path(lakehouse.lake.data.url) / "tables").rglob("*.parquet"))


@pytest.mark.slow
def test_files_are_deleted_only_past_their_age(lakehouse: Lakehouse) -> None:
    scattered(lakehouse)
    young = (
        Path(lakehouse.lake.data.url) / "tables" / "bronze" / "shop_order" / "ducklake-left.parquet"
    )
    old = young.with_name("ducklake-old.parquet")
    for file in (young, old):
        file.write_bytes(b"left by one that was killed")
    os.utime(old, (time.time() - 3 * 86400,) * 2)
    before = parquet(lakehouse)
    done = keep_up(lakehouse, guard="interval 1 day")
    assert (done.swept.files, done.swept.bytes) == (1, 27)
    assert set(before) - set(parquet(lakehouse)) == {old}
    done = keep_up(lakehouse)
    assert done.swept.files >= 3
    assert not young.exists()
    assert not verify(lakehouse.lake, lambda _: True)
    assert lakehouse.count("bronze.shop_order") == 120


@pytest.mark.slow
def test_a_reader_that_began_before_reads_on(lakehouse: Lakehouse) -> None:
    scattered(lakehouse)
    with lakehouse.lake.connect(read_only=True) as reader:
        reader.execute("begin")
        first = reader.execute("select * from bronze.shop_order order by id").fetchmany(1)
        keep_up(lakehouse, guard="interval 1 day", history=NOW)
        assert first
        assert reader.execute("select count(*) from bronze.shop_order").fetchone() == (120,)


@pytest.mark.slow
def test_a_tidy_lake_is_left_alone(lakehouse: Lakehouse) -> None:
    scattered(lakehouse)
    keep_up(lakehouse)
    before = lakehouse.snapshots()
    done = keep_up(lakehouse)
    assert not done.tables
    assert lakehouse.snapshots() == before


@pytest.mark.slow
def test_upkeep_beside_writers_and_a_reader_changes_nothing(lakehouse: Lakehouse) -> None:
    scattered(lakehouse)
    failed = list[BaseException]()
    over = threading.Event()

    def write(name: str) -> None:
        for number in range(4):
            file = orders(lakehouse.folder / f"{name}{number}.csv", 12, 1000 * number)
            assert lakehouse.load(contract(name=name), file).ok

    def read() -> None:
        with lakehouse.lake.connect(read_only=True) as connection:
            while not over.is_set():
                row = connection.execute("select count(*) from bronze.shop_order").fetchone()
                assert row is not None
                assert row[0] % 12 == 0
                assert row[0] >= 120

    def guarded(work: Any, *given: Any) -> None:
        try:
            work(*given)
        except BaseException as error:
            failed.append(error)

    reader = threading.Thread(target=guarded, args=(read,))
    writers = [threading.Thread(target=guarded, args=(write, name)) for name in ("order", "return")]
    for thread in (reader, *writers):
        thread.start()
    while any(writer.is_alive() for writer in writers):
        keep_up(lakehouse, guard="interval 1 day")
    over.set()
    reader.join()
    assert not failed
    assert lakehouse.count("bronze.shop_order") == 168
    assert lakehouse.count("bronze.shop_return") == 48
    assert not verify(lakehouse.lake, lambda _: True)


@on_postgres
def test_upkeep_that_has_lost_its_lock_does_not_bring_deleted_rows_back(
    lakehouse: Lakehouse, catalog: str
) -> None:
    scattered(lakehouse)
    url = str(lakehouse.settings.catalog)

    def lose_the_lock_and_delete() -> None:
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(
                "select pg_terminate_backend(l.pid) from pg_locks l where locktype = 'advisory' "
                "and l.database = (select oid from pg_database where datname = current_database())"
            )
        with lakehouse.lake.connect() as connection:
            connection.execute("delete from bronze.shop_order where id = 'o500'")

    with (
        at_step("maintain-merge", lose_the_lock_and_delete),
        pytest.raises(LakeError, match="Postgres"),
    ):
        keep_up(lakehouse)
    assert lakehouse.count("bronze.shop_order") == 119


@pytest.mark.slow
def test_an_answer_that_upkeep_would_change_is_told_and_no_file_is_deleted(
    lakehouse: Lakehouse,
) -> None:
    scattered(lakehouse)

    def spoil() -> None:
        """What a fault of a merge would be: its file is not read."""
        data = "__ducklake_metadata_lake.ducklake_data_file"
        with lakehouse.lake.connect() as connection:
            connection.execute(
                f"update {data} set begin_snapshot = 10000 where data_file_id = "
                f"(select max(data_file_id) from {data})"
            )

    before = parquet(lakehouse)
    with (
        at_step("maintain-compare:1", spoil),
        pytest.raises(LakeError, match=r"upkeep has changed what snapshot \d+ answers, .* no file"),
    ):
        keep_up(lakehouse)
    assert set(before) <= set(parquet(lakehouse))


def test_a_pin_is_refused_twice_and_of_what_is_not_there(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3))
    assert pin(lakehouse, "close") == 2
    with pytest.raises(LakeError, match=r"'close' is snapshot 2 already; .* lakehouse unpin close"):
        pin(lakehouse, "close", 1)
    with pytest.raises(LakeError, match="there is no snapshot 99"):
        pin(lakehouse, "other", 99)
    with pytest.raises(LakeError, match="there is no pin 'other'"):
        pins.unpin(lakehouse.lake, "other", Run("unpin", lakehouse.settings))


@pytest.mark.slow
def test_a_query_at_a_time_whose_history_has_expired_is_refused(lakehouse: Lakehouse) -> None:
    first = lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3)).snapshot
    pin(lakehouse, "kept", first)
    then = datetime.now(UTC).isoformat()
    time.sleep(0.05)
    lakehouse.load(contract(), orders(lakehouse.folder / "c.csv", 4, 20))
    keep_up(lakehouse, history=NOW)
    counted = "select count(*) from bronze.shop_order at (timestamp => {})"
    with connect(settings=lakehouse.settings) as lake:
        for asked in (
            f"'{then}'",
            f"timestamptz '{then}'",
            f"'{then}'::timestamptz + interval 0 day",
        ):
            with pytest.raises(QueryRefusedError, match=r"has expired; .* at \(version => \d+\)"):
                lake.sql(counted.format(asked)).fetchall()
        assert lake.sql(counted.format("now()")).fetchall() == [(7,)]
