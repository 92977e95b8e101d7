"""A million rows of a database into a lake against dlt's sql_database, by its fastest backend.

Both are timed in a process of their own from when everything is imported to when the rows are
committed. dlt reads by connectorx and by pyarrow, and its faster one counts.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.databases_help import ROWS, Table
from tests.benchmarks.dlt_help import python_with, seconds
from tests.benchmarks.measure import report

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = (
    "tests.lake_help", "tests.mariadb_help", "tests.benchmarks.databases_help",
)  # fmt: skip
pytestmark = pytest.mark.bench
NEEDS = ("dlt[duckdb,sql_database]==1.31.0", "connectorx", "psycopg2-binary", "pymysql")
DRIVERS = {"postgresql": "postgresql+psycopg2", "mariadb": "mysql+pymysql"}  # of SQLAlchemy
RUNS = 2
OURS = """
import sys, time
from pathlib import Path
from orchestration.cli.quick import arrow_without_pandas
arrow_without_pandas()
from tests.benchmarks.databases_help import Table
url, place, contracts = sys.argv[1:]
start = time.perf_counter()
rows = Table("", url, print).synced(Path(place), Path(contracts))
print(time.perf_counter() - start, rows)
"""
DLT = """
import sys, time
import dlt, duckdb
from dlt.sources.sql_database import sql_database
url, place, backend = sys.argv[1:]
start = time.perf_counter()
options = {"backend_kwargs": {"return_type": "arrow"}} if backend == "connectorx" else {}
source = sql_database(url, table_names=["orders"], backend=backend, chunk_size=100_000, **options)
dlt.pipeline(
    "bench", destination=dlt.destinations.duckdb(place + "/lake.duckdb"), dataset_name="raw",
    pipelines_dir=place + "/state",
).run(source)
seconds = time.perf_counter() - start
with duckdb.connect(place + "/lake.duckdb") as lake:
    print(seconds, lake.sql("select count(*) from raw.orders").fetchone()[0])
"""


@pytest.fixture(scope="module")
def dlt(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python that has dlt and its drivers, apart from the project's own."""
    return python_with(tmp_path_factory.mktemp("dlt") / "venv", *NEEDS)


def test_a_table_against_dlt(table: Table, contracts: Path, dlt: str, tmp_path: Path) -> None:
    url = f"sqlite:///{table.url}" if table.kind == "sqlite" else table.url
    for ours, theirs in DRIVERS.items():
        url = url.replace(f"{ours}://", f"{theirs}://")
    mine, others = list[float](), list[float]()
    for _ in range(RUNS):
        given = (table.url, str(contracts))
        mine.append(seconds(sys.executable, OURS, tmp_path / "lake", ROWS, given))
        for backend in ("connectorx", "pyarrow"):
            others.append(seconds(dlt, DLT, tmp_path / "dlt", ROWS, (url, backend)))
    told = f"{min(mine):.1f} s against {min(others):.1f} s"
    report(f"{ROWS:,} rows of {table.kind} / dlt", min(mine) / min(others), 1, told)
