"""Small loads: ten rows at a time into a lake that is open, and ten thousand files by one command."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from catalog.lake import Lake
from catalog.loader import Loader
from catalog.postgres import EmbeddedPostgres
from catalog.runs import Run
from catalog.settings import Settings
from orchestration.connectors.files.deliveries import delivery_of
from orchestration.connectors.files.discover import Input
from tests.benchmarks.measure import report
from tests.chaos.kills import CONTRACT
from tests.lake_help import contract, orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.bench

COMMAND = str(Path(sys.executable).with_name("lakehouse"))
LOADS, WARM = 60, 5
FILES = 10_000
BARE = """
begin;
insert into bronze.bare select 'o' || i, i, i * 1.25 from range(10) as t(i);
commit
"""


@contextmanager
def lake_on(catalog: str, home: Path) -> Iterator[Lake]:
    """A lake whose Postgres, where it has one, flushes to the disk as it does by default."""
    lake = Lake(Settings(home=home, catalog=catalog))
    try:
        lake.create()
        yield lake
    finally:
        if catalog == "embedded":
            EmbeddedPostgres(home).remove()


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


@pytest.mark.parametrize(("catalog", "limit"), [("sqlite", 40), ("embedded", 25)])
def test_ten_rows_are_committed_at_once(tmp_path: Path, catalog: str, limit: float) -> None:
    """Beside them a bare DuckLake: ten rows into one table, no gate, no ledger."""
    held_to = contract()
    with (
        lake_on(catalog, tmp_path / "home") as lake,
        lake.connect() as bare,
        Loader(lake, held_to, Run("bench", lake.settings)) as loader,
    ):
        bare.execute("create table bronze.bare (id varchar, quantity bigint, price decimal(18,2))")
        ours, theirs = list[float](), list[float]()
        for number in range(LOADS + WARM):
            file = orders(tmp_path / f"{number}.csv", 10, first=10 * number)
            delivery = delivery_of(Input(file), held_to, lake.copies)
            ours.append(milliseconds(lambda it=delivery: loader.load([it])))  # type: ignore[misc]
        for _ in range(LOADS + WARM):
            theirs.append(milliseconds(lambda: bare.execute(BARE)))
    mine, floor = (statistics.median(times[WARM:]) for times in (ours, theirs))
    told = f"{mine / floor:.1f} times a bare insert of DuckLake's, {floor:.1f} ms"
    report(f"ten rows committed on {catalog}, ms", mine, limit, told)


def test_ten_thousand_files_of_ten_rows_are_one_command_of_a_minute(tmp_path: Path) -> None:
    (tmp_path / "order.odcs.yaml").write_text(CONTRACT, encoding="utf-8")
    for number in range(FILES):
        orders(tmp_path / "in" / f"{number:05}.csv", 10, first=10 * number)
    command = [COMMAND, "ingest", str(tmp_path / "order.odcs.yaml"), str(tmp_path / "in"), "--json"]
    start = time.perf_counter()
    said = subprocess.run(
        command,
        env=os.environ | {"LAKEHOUSE_HOME": str(tmp_path / "home")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert f'"loaded": {10 * FILES}' in said
    report(f"{FILES:,} files of ten rows, seconds", time.perf_counter() - start, 60)
