"""Upkeep killed by SIGKILL at each step, and run again: what it promises holds all the same."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog import pins
from catalog.runs import Run
from catalog.settings import Settings
from catalog.verify import verify
from data_contracts.retention import Retention
from tests.catalog.upkeep_help import NOW, answers, keep_up
from tests.e2e.test_undo import assert_the_ledger_counts_what_is_there
from tests.lake_help import ID, PRICE, QUANTITY, REPOSITORY, Lakehouse, contract, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lake_help import Server

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.chaos

DAY = replace(QUANTITY, name="day", source="day", logical_type="date", type="DATE")
HELD_TO = contract(ID, DAY, PRICE, retention=Retention(9, "year", "day"))
HEADER = "id,day,price"
PROGRAM = """
from pathlib import Path
from catalog.settings import load
from tests.catalog.upkeep_help import NOW, keep_up
from tests.chaos.test_kills_of_upkeep import HELD_TO
from tests.lake_help import Lakehouse
keep_up(Lakehouse(load(), Path()), HELD_TO, history=NOW)
"""
STEPS = (
    "maintain-rows",
    "maintain-expire",
    "maintain-flush",
    "maintain-flush:3",
    "maintain-rewrite",
    "maintain-merge",
    "before-commit:3",
    "after-commit:4",
    "maintain-compare",
    "maintain-sweep",
)
# Each step on one catalog or the other, in turn.
CASES = [(step, ("sqlite", "postgres")[at % 2]) for at, step in enumerate(STEPS)]


def killed(lakehouse: Lakehouse, step: str) -> int:
    """Keep the lake up in a process of its own, which is killed; its exit status."""
    environment = os.environ | {
        "LAKEHOUSE_HOME": str(lakehouse.settings.home),
        "LAKEHOUSE_THREADS": "1",
        "LAKEHOUSE_KILL_AT": step,
        "PYTHONPATH": str(REPOSITORY),
    }
    if lakehouse.settings.catalog:
        environment["LAKEHOUSE_CATALOG"] = lakehouse.settings.catalog
    program = [sys.executable, "-c", PROGRAM]
    return subprocess.run(program, env=environment, capture_output=True).returncode


def fill(lakehouse: Lakehouse) -> None:
    """A lake with something for each step to do, and a pinned snapshot."""

    def load(name: str, *lines: str) -> None:
        lakehouse.load(HELD_TO, write_csv(lakehouse.folder / name, *lines, header=HEADER))

    many = [f"m{number},{2025 - 20 * (number < 15)}-01-02,{number}" for number in range(40)]
    load("a.csv", "a,2001-01-02,1", "b,2025-01-02,2", "c,never,3")
    load("m.csv", *many)
    pins.pin(lakehouse.lake, "kept", None, "", Run("pin", lakehouse.settings))
    load("n.csv", *(line.replace("m", "n") for line in many))
    load("o.csv", *(line.replace("m", "o") for line in many[15:]))
    load("a.csv", "a,2001-01-02,1", "b,2025-01-02,2", "d,2025-01-02,3")


@pytest.fixture(scope="module")
def filled_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home to copy, as that of an empty lake is."""
    home = tmp_path_factory.mktemp("filled") / "home"
    shutil.copytree(sqlite_template, home)
    fill(Lakehouse(Settings(home=home, threads=1), home.parent / "files"))
    return home


@pytest.fixture(scope="module")
def filled_postgres(
    server: Server, postgres_template: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A home to copy, and its database."""
    home, name = tmp_path_factory.mktemp("filled") / "home", server.database(postgres_template[1])
    shutil.copytree(postgres_template[0], home)
    settings = Settings(home=home, catalog=server.url(name), threads=1)
    fill(Lakehouse(settings, home.parent / "files"))
    return home, name


@pytest.fixture
def lakehouse(catalog: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lakehouse]:
    """A copy of the filled lake."""
    settings = Settings(home=tmp_path / "home", threads=1)
    if catalog == "sqlite":
        shutil.copytree(request.getfixturevalue("filled_sqlite"), settings.home)
    else:
        server = request.getfixturevalue("server")
        home, template = request.getfixturevalue("filled_postgres")
        shutil.copytree(home, settings.home)
        settings = replace(settings, catalog=server.url(server.database(template)))
    house = Lakehouse(settings, tmp_path / "files")
    yield house
    house.close()


@pytest.mark.parametrize(("step", "catalog"), CASES, indirect=["catalog"])
def test_upkeep_killed_at_any_step_and_run_again_is_exact(lakehouse: Lakehouse, step: str) -> None:
    pinned = lakehouse.one("select snapshot from ops.pin")
    before = answers(lakehouse, pinned)
    kept = lakehouse.sql(
        "select id from bronze.shop_order where day > date '2020-01-01' order by 1"
    )
    lakehouse.close()
    assert killed(lakehouse, step) == -signal.SIGKILL
    assert answers(lakehouse, pinned) == before
    keep_up(lakehouse, HELD_TO, history=NOW)
    assert answers(lakehouse, pinned) == before
    assert lakehouse.sql("select id from bronze.shop_order order by 1") == kept
    assert_the_ledger_counts_what_is_there(lakehouse)
    assert not verify(lakehouse.lake, lambda _: True)
