"""A million rows of SQLite, PostgreSQL and MariaDB into bronze, against raw DuckDB's scanners.

What is raw copies the same columns by DuckDB's scanner into a table of DuckLake: it holds nothing to
a contract, counts nothing and knows nothing of what it has read before. Both lakes are there before.
"""

from __future__ import annotations

import statistics
import time
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.databases_help import LATER, ROWS, Table, our_lake, raw_lake
from tests.benchmarks.measure import RUNS, ratio, report

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = (
    "tests.lake_help", "tests.mariadb_help", "tests.benchmarks.databases_help",
)  # fmt: skip
pytestmark = pytest.mark.bench
TURNS = 4


def test_a_table_into_bronze_against_a_raw_copy(
    table: Table, contracts: Path, tmp_path: Path
) -> None:
    homes = iter([our_lake(tmp_path / f"lake{turn}") for turn in range(RUNS + 1)])
    raw = iter([raw_lake(tmp_path / f"raw{turn}") for turn in range(RUNS + 1)])

    def ours() -> None:
        assert table.synced(next(homes), contracts) == ROWS

    name = f"{ROWS:,} rows of {table.kind} into bronze / raw DuckDB"
    ratio(name, ours, lambda: table.copied(next(raw)), 1.7)


def test_a_hundredth_that_changed_against_the_whole(
    table: Table, contracts: Path, tmp_path: Path
) -> None:
    turns = count()

    def seconds(rows: int, *, full: bool = False) -> float:
        start = time.perf_counter()
        assert table.synced(tmp_path / "lake", contracts, full=full) == rows
        return time.perf_counter() - start

    def changed(*, full: bool) -> float:
        turn = next(turns)
        day = date(2026, 1, 15) + turn * timedelta(days=13)  # a second a row makes twelve
        table.execute(LATER[table.kind].format(turn=turn, day=day))
        return seconds(ROWS // 100, full=full)

    first = seconds(ROWS)
    pairs = [(changed(full=False), changed(full=True)) for _ in range(TURNS)]
    part, whole = (statistics.median(column) for column in zip(*pairs, strict=True))
    told = f"{part:.2f} s against {whole:.2f} s, and {first:.2f} s when it was read first"
    report(f"1% of {table.kind} / a full sync", part / whole, 0.2, told)
