"""What a query costs over raw DuckDB, and a command over Python with DuckDB."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from catalog.session import Session
from tests.benchmarks.measure import report
from tests.catalog.query_help import made_lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.bench

COMMAND = str(Path(sys.executable).with_name("lakehouse"))
QUERIES = (
    "select 1",
    "select count(*) from bronze.shop_order",
    "select * from bronze.shop_order where id = 500",
    "select customer, sum(amount) from bronze.shop_order group by all order by 2 desc",
    "with big as (from bronze.shop_order where amount > 900) select count(distinct customer) from big",
)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Session(made_lake(tmp_path_factory.mktemp("sql") / "home")) as session:
        yield session


def over(ours: Callable[[], object], other: Callable[[], object], times: int) -> float:
    """The median of how many seconds more the first takes, each timed in turn."""

    def seconds(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return statistics.median(seconds(ours) - seconds(other) for _ in range(times))


def command(*arguments: str, **environment: str) -> Callable[[], object]:
    return lambda: subprocess.run(
        arguments, env=os.environ | environment, check=True, capture_output=True
    )


@pytest.mark.parametrize(
    ("arguments", "limit"),
    [
        (["--version"], 0.3),
        (["sql", "select 1"], 0.5),
        (["sql", "select count(*) from bronze.shop_order", "--format", "csv"], 0.5),
    ],
    ids=["version", "sql", "sql csv"],
)
def test_a_command_starts_at_once(session: Session, arguments: list[str], limit: float) -> None:
    ours = command(COMMAND, *arguments, LAKEHOUSE_HOME=str(session.lake.settings.home))
    other = command(sys.executable, "-c", "import duckdb")
    ours()
    name = f"lakehouse {arguments[0]}, seconds over `import duckdb`"
    report(name, over(ours, other, 9), limit)


@pytest.mark.parametrize("sql", QUERIES)
def test_the_core_is_within_3_ms_of_raw_duckdb_on_the_same_lake(session: Session, sql: str) -> None:
    raw = session.connection
    session.sql(sql).fetchall()
    more = over(
        lambda: session.sql(sql).fetchall(),
        lambda: raw.execute(sql).fetchall(),
        100,
    )
    report("core, ms over raw DuckDB", 1000 * more, 3, sql)
