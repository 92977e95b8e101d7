"""Files into a lake against dlt's filesystem source into DuckDB: the same files, the same columns.

dlt neither holds rows to a contract, nor keeps the files, nor sets broken rows aside. Both are timed
in a process of their own from when everything is imported (dlt's own start takes a second) to when
the rows are committed. dlt reads by DuckDB and by pyarrow, and its faster one counts.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.benchmarks.dlt_help import python_with, seconds
from tests.benchmarks.measure import report
from tests.lake_help import write_csv

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.bench

SMALL_FILES = 2_000
LARGE_ROWS = 1_200_000  # some 100 MB
RUNS = 3
HEADER = "id,quantity,price,ordered_at,customer,country,article,paid"
ROWS = """
select
    'o' || i as id,
    i % 9 as quantity,
    ((i % 100000) * 0.25)::decimal(18, 2) as price,
    timestamp '2026-01-01' + interval (i) second as ordered_at,
    'customer ' || (i % 5000) as customer,
    ['AT', 'DE', 'CH'][1 + i % 3] as country,
    'article with a name ' || (i % 700) as article,
    i % 2 = 0 as paid
from range({rows}) as t(i)
"""
OURS = """
import sys, time
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
start = time.perf_counter()
said = ingest(Settings(home=Path(sys.argv[2])), contract(*columns), [sys.argv[1]]).as_json()
print(time.perf_counter() - start, said["loaded"])
"""
DLT = """
import sys, time
import dlt, duckdb, pyarrow.csv
from dlt.sources.filesystem import filesystem, read_csv_duckdb
folder, place, reader = sys.argv[1:]

@dlt.transformer
def by_pyarrow(items):
    for item in items:
        with item.open() as stream:
            yield pyarrow.csv.read_csv(stream)

start = time.perf_counter()
files = filesystem(bucket_url=folder, file_glob="*.csv")
by_duckdb = read_csv_duckdb(chunk_size=1_000_000, use_pyarrow=True)
rows = files | (by_pyarrow() if reader == "pyarrow" else by_duckdb)
dlt.pipeline(
    "bench", destination=dlt.destinations.duckdb(place + "/lake.duckdb"), dataset_name="raw",
    pipelines_dir=place + "/state",
).run(rows.with_name("orders"))
seconds = time.perf_counter() - start
with duckdb.connect(place + "/lake.duckdb") as lake:
    print(seconds, lake.sql("select count(*) from raw.orders").fetchone()[0])
"""


@pytest.fixture(scope="module")
def dlt(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python that has dlt, apart from the project's own."""
    return python_with(tmp_path_factory.mktemp("dlt") / "venv", "dlt[duckdb,filesystem]==1.31.0")


def compared(name: str, python: str, files: Path, place: Path, rows: int) -> None:
    """Each in turn, the best of each: both do the same work every time."""
    mine, theirs = list[float](), list[float]()
    for _ in range(RUNS):
        mine.append(seconds(sys.executable, OURS, place, rows, (str(files),)))
        for reader in ("duckdb", "pyarrow"):
            theirs.append(seconds(python, DLT, place, rows, (str(files), reader)))
    told = f"{min(mine):.1f} s against {min(theirs):.1f} s"
    report(f"{name} / dlt", min(mine) / min(theirs), 1, told)


def test_many_small_files_against_dlt(dlt: str, tmp_path: Path) -> None:
    lines = duckdb.sql(ROWS.format(rows=10 * SMALL_FILES)).fetchall()
    texts = [
        ",".join(str(value).lower() if value in (True, False) else str(value) for value in row)
        for row in lines
    ]
    for number in range(SMALL_FILES):
        part = texts[10 * number : 10 * number + 10]
        write_csv(tmp_path / "in" / f"{number:05}.csv", *part, header=HEADER)
    name = f"{SMALL_FILES:,} files of ten rows"
    compared(name, dlt, tmp_path / "in", tmp_path / "lake", 10 * SMALL_FILES)


def test_a_large_file_against_dlt(dlt: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    file = tmp_path / "in" / "orders.csv"
    duckdb.sql(f"copy ({ROWS.format(rows=LARGE_ROWS)}) to '{file}'")
    name = f"a file of {file.stat().st_size / 1e6:.0f} MB"
    compared(name, dlt, tmp_path / "in", tmp_path / "lake", LARGE_ROWS)
