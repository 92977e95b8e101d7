"""A CSV file of gigabytes within `LAKEHOUSE_MEMORY`.

`LAKEHOUSE_BENCH_GB` makes it smaller or larger than 5 GB. It lies beside the lake in the folder of
the tests, which has to have room for half as much again; both are removed afterwards.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.benchmarks.measure import report
from tests.benchmarks.test_dlt import ROWS
from tests.lake_help import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.bench

GB = float(os.environ.get("LAKEHOUSE_BENCH_GB", "5"))
BYTES_A_ROW = 84.7
MEMORY = "1GB"  # of DuckDB; beside it are Python, its libraries and batches that are on their way
ALLOWANCE = 0.5
# The contract is OURS of test_dlt.py; ru_maxrss would count what the parent had.
PROGRAM = r"""
import re, sys
from dataclasses import replace
from pathlib import Path
from orchestration.cli.quick import arrow_without_pandas
arrow_without_pandas()
from catalog.settings import Settings
from data_contracts.contract import Column
from orchestration.ingest import ingest
from tests.lake_help import ID, PRICE, QUANTITY, contract
columns = [ID, QUANTITY, PRICE, Column("ordered_at", "ordered_at", "timestamp", "TIMESTAMP")]
columns += [Column(n, n, "string", "VARCHAR") for n in ("customer", "country", "article")]
columns += [Column("paid", "paid", "boolean", "BOOLEAN")]
settings = Settings(home=Path(sys.argv[2]), memory=sys.argv[3])
print(ingest(settings, contract(*columns), [sys.argv[1]]).as_json()["loaded"])
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for the file and the lake, emptied afterwards."""
    if shutil.disk_usage(tmp_path).free < 1.6e9 * GB:
        pytest.skip(
            f"{tmp_path}: has no room for {1.6 * GB:.1f} GB; LAKEHOUSE_BENCH_GB makes it less"
        )
    yield tmp_path
    shutil.rmtree(tmp_path)


def test_a_file_larger_than_memory_is_loaded_within_it(room: Path) -> None:
    file, rows = room / "orders.csv", int(GB * 1e9 / BYTES_A_ROW)
    duckdb.sql(f"copy ({ROWS.format(rows=rows)}) to '{file}'")
    size = file.stat().st_size / 1e9
    assert size > 0.95 * GB
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(file), str(room / "home"), MEMORY],
        cwd=REPOSITORY,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    loaded, peak = map(int, done.stdout.split())
    assert loaded == rows
    told = f"{size:.1f} GB in {time.perf_counter() - start:.0f} s"
    report("a large CSV file, GB of memory", peak * 1024 / 1e9, 1 + ALLOWANCE, told)
