"""A million rows of a database into a lake against dlt's sql_database, by its fastest backend.

Both are timed in a process of their own from when everything is imported to when the rows are
committed. dlt reads by connectorx and by pyarrow, and its faster one counts.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.benchmarks.databases_help import ROWS, Table
from tests.benchmarks.measure import report
from tests.lake_help import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = (
    "tests.lake_help", "tests.mariadb_help", "tests.benchmarks.databases_help",
)  # fmt: skip
pytestmark = pytest.mark.bench
NEEDS = (
    "dlt[duckdb,sql_database]==1.31.0", f"duckdb=={duckdb.__version__}", "pyarrow", "pandas",
    "connectorx", "psycopg2-binary", "pymysql",
)  # fmt: skip
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
    folder = tmp_path_factory.mktemp("dlt") / "venv"
    uv = ["sh", str(REPOSITORY / "infra" / "uv.sh")]
    python = str(folder / "bin" / "python")
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(folder)],
        ["pip", "install", "--quiet", "--python", python, *NEEDS],
    ):
        done = subprocess.run([*uv, *command], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"dlt cannot be had: {done.stderr.strip().splitlines()[-1]}")
    return python


def seconds(python: str, program: str, place: Path, *arguments: str) -> float | None:
    """How long a program takes to load the table; None where dlt's backend cannot."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    done = subprocess.run(
        [python, "-c", program, arguments[0], str(place), *arguments[1:]],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1])  # noqa: T201 - why it does not count
        return None
    taken, loaded = done.stdout.split()[-2:]
    assert int(loaded) == ROWS
    return float(taken)


def test_a_table_against_dlt(table: Table, contracts: Path, dlt: str, tmp_path: Path) -> None:
    driver = {"sqlite": "sqlite:///", "postgres": "postgresql", "mariadb": "mysql+pymysql"}
    url = table.url
    theirs = f"sqlite:///{url}" if table.kind == "sqlite" else url
    theirs = theirs.replace("mariadb://", f"{driver['mariadb']}://")
    mine, others = list[float](), list[float]()
    for _ in range(RUNS):
        taken = seconds(sys.executable, OURS, tmp_path / "lake", url, str(contracts))
        assert taken is not None
        mine.append(taken)
        for backend in ("connectorx", "pyarrow"):
            if (other := seconds(dlt, DLT, tmp_path / "dlt", theirs, backend)) is not None:
                others.append(other)
    if not others:
        pytest.skip("no backend of dlt reads this database here; why is printed above")
    told = f"{min(mine):.1f} s against {min(others):.1f} s"
    report(f"{ROWS:,} rows of {table.kind} / dlt", min(mine) / min(others), 1, told)
