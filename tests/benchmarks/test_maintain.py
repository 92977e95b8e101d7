"""What upkeep wins: a lake of 10,000 snapshots is as quick as a young one, and scanned as one file."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import pytest

from catalog.loader import Loader
from catalog.maintain import maintain
from catalog.runs import Run
from orchestration.connectors.files.deliveries import delivery_of
from orchestration.connectors.files.discover import Input
from tests.benchmarks.measure import ratio, report
from tests.benchmarks.test_small import lake_on, milliseconds
from tests.lake_help import contract, orders

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.lake import Lake

pytestmark = pytest.mark.bench

SNAPSHOTS = 10_000  # some 75 s on SQLite, in one-row commits of DuckLake's own
LOADS = 15
INLINED = "set ducklake_default_data_inlining_row_limit = 0"
ROW = "insert into bronze.old values ({0}, 'o{0}', {0} * 1.25)"
QUERY = "select count(*), sum(price) from bronze.old where id % 7 = 3"


def keep_up(lake: Lake) -> float:
    """Seconds that upkeep takes."""
    return (
        milliseconds(
            lambda: maintain(
                lake, Run("bench", lake.settings), lambda _id, _table: None, "interval 1 day"
            )
        )
        / 1000
    )


def make(lake: Lake, snapshots: int) -> float:
    """A table made row by row; seconds."""
    started = time.perf_counter()
    with lake.connect() as connection:
        connection.execute(
            "create table bronze.old (id bigint, name varchar, price decimal(18, 2))"
        )
        for number in range(snapshots):
            connection.execute(ROW.format(number))
    return time.perf_counter() - started


def commits(lake: Lake, folder: Path) -> float:
    """Milliseconds of a load of ten rows, by the ledger, in a command that has the lake open."""
    held_to, times = contract(), []
    with Loader(lake, held_to, Run("bench", lake.settings)) as loader:
        for number in range(LOADS):
            file = orders(folder / f"{number}.csv", 10, first=10 * number)
            delivery = delivery_of(Input(file), held_to, lake.copies)
            times.append(milliseconds(lambda it=delivery: loader.load([it])))  # type: ignore[misc]
    return statistics.median(times[5:])


def answers(lake: Lake) -> float:
    """Milliseconds of a query, the lake being opened for it."""

    def ask() -> None:
        with lake.connect(read_only=True) as connection:
            connection.execute(QUERY).fetchall()

    return statistics.median(milliseconds(ask) for _ in range(LOADS))


@pytest.mark.parametrize("catalog", ["sqlite", "embedded"])
def test_a_lake_of_many_snapshots_answers_and_commits_as_a_young_one(
    tmp_path: Path, catalog: str
) -> None:
    with lake_on(catalog, tmp_path / "young") as young:
        make(young, 10)
        keep_up(young)
        figures = [(answers(young), commits(young, tmp_path / "young-files"))]
    with lake_on(catalog, tmp_path / "old") as old:
        took = make(old, SNAPSHOTS)
        upkeep = keep_up(old)
        told = f"made in {took:.0f} s, upkeep {upkeep:.1f} s"
        figures.append((answers(old), commits(old, tmp_path / "old-files")))
    for name, before, after in zip(("answers", "commits"), *figures, strict=True):
        said = f"{after:.1f} ms against {before:.1f} ms; {told}"
        report(f"{SNAPSHOTS:,} snapshots on {catalog}: {name}, ratio", after / before, 1.5, said)


def test_a_table_of_many_files_is_scanned_as_one_big_file(tmp_path: Path) -> None:
    with lake_on("sqlite", tmp_path / "home") as lake, lake.connect() as connection:
        connection.execute(INLINED)
        some = "select range + {0} as id, md5(range::varchar) as name, range * 1.25 as price from range({1})"
        connection.execute(f"create table bronze.one as {some.format(0, 4_000_000)}")
        connection.execute(f"create table bronze.old as {some.format(0, 20_000)}")
        for number in range(1, 200):
            connection.execute(f"insert into bronze.old {some.format(20_000 * number, 20_000)}")
        keep_up(lake)
        scan = "select max(name), sum(price), count(distinct id % 1000) from bronze.{}"
        ratio(
            "a scan after upkeep against one big file",
            lambda: connection.execute(scan.format("old")).fetchall(),
            lambda: connection.execute(scan.format("one")).fetchall(),
            1.1,
        )
