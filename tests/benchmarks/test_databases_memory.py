"""Ten times the rows of a database in hardly more memory, and both within `LAKEHOUSE_MEMORY`."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from orchestration.init.database.write import init
from tests.benchmarks.databases_help import Table, database_of
from tests.benchmarks.measure import report
from tests.lake_help import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = (
    "tests.lake_help", "tests.mariadb_help", "tests.benchmarks.databases_help",
)  # fmt: skip
pytestmark = pytest.mark.bench
ROWS = 1_000_000
MEMORY = "1GB"  # of DuckDB
TABLE = """
create table {name} (
    id integer primary key, amount decimal(18, 2) not null, updated_at {time} not null
)
"""
FILL = {
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) "
    "insert into {name} select i, (i % 100000) * 0.25, "
    "datetime('2026-01-01', '+' || i || ' seconds') from n",
    "postgres": "insert into {name} select i, (i % 100000) * 0.25, "
    "timestamp '2026-01-01' + interval '1 second' * i from generate_series(1, {rows}) as t(i)",
    "mariadb": "insert into {name} select seq, (seq % 100000) * 0.25, "
    "timestampadd(second, seq, '2026-01-01') from seq_1_to_{rows}",
}
# ru_maxrss would count what the parent had.
PROGRAM = r"""
import re, sys
from pathlib import Path
from orchestration.cli.quick import arrow_without_pandas
arrow_without_pandas()
from catalog.lake import Lake
from catalog.settings import Settings
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.sources import Source
from orchestration.turns import synced
url, place, contracts, memory, table = sys.argv[1:]
lake = Lake(Settings(home=Path(place), memory=memory, threads=2))
source = Source(address_of(url), Path(contracts), tables=(table,))
print(synced(lake, source, Asked()).as_json()["loaded"])
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.fixture(params=FILL)
def narrow(request: pytest.FixtureRequest, tmp_path: Path) -> Table:
    """Tables `one` and `ten` of narrow rows in each kind of database."""
    made = database_of(request.param, request, tmp_path)
    time = "timestamp" if made.kind == "postgres" else "datetime"
    for name, rows in (("one", ROWS), ("ten", 10 * ROWS)):
        filled = FILL[made.kind].format(name=name, rows=rows)
        made.execute(TABLE.format(name=name, time=time), filled)
    return made


def test_ten_times_the_rows_in_hardly_more_memory(narrow: Table, tmp_path: Path) -> None:
    init(narrow.url, tmp_path / "contracts")
    peaks = dict[str, float]()
    start = time.perf_counter()
    for name, rows in (("one", ROWS), ("ten", 10 * ROWS)):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, narrow.url, str(tmp_path / name),
             str(tmp_path / "contracts"), MEMORY, name],
            cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        loaded, peak = map(int, done.stdout.split())
        assert loaded == rows
        peaks[name] = peak * 1024 / 1e6
    told = f"{peaks['ten']:.0f} MB against {peaks['one']:.0f}, {time.perf_counter() - start:.0f} s"
    name = f"memory of {10 * ROWS:,} rows of {narrow.kind} / {ROWS:,}"
    report(name, peaks["ten"] / peaks["one"], 1.2, told)
