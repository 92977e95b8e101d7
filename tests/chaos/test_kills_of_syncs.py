"""A sync of a database that is killed by SIGKILL at any step, and run again, is exact."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from orchestration.connectors.connector import Asked
from orchestration.init.database.write import init
from orchestration.turns import meant, synced
from tests.chaos.kills import Kill, ended
from tests.lake_help import BOTH

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help",)
pytestmark = [pytest.mark.chaos, pytest.mark.slow]
N = int(os.environ.get("LAKEHOUSE_CHAOS_N", "0"))
FEW = 1  # seeds on each catalog, beside one kill at every step
STEPS = ("extract", "gate", "compare", "write", "before-commit", "after-commit")
CASES = [(step, BOTH[at % 2]) for at, step in enumerate(STEPS)]  # on each catalog in turn
TABLES = """
create table orders (id integer primary key, amount decimal(12,2), updated_at datetime not null);
create table colours (id integer primary key, name text);
create table lines (line text);
"""


def write(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as session, session:
        for statement in statements:
            session.execute(statement)


def shop(folder: Path) -> Path:
    """A database of three tables, each kept up with in another way, and their contracts."""
    folder.mkdir(parents=True)
    file = folder / "shop.db"
    write(file, *TABLES.split(";"))
    write(
        file,
        "insert into orders select value, value / 4.0, '2026-01-01 10:00:00' from "
        "(with recursive n(value) as (select 1 union all select value + 1 from n where value < 40) "
        "select value from n)",
        "insert into colours values (1, 'red'), (2, 'blue'), (3, 'green')",
        "insert into lines values ('a'), ('a'), ('b')",
    )
    init(str(file), folder / "c")
    return file


def change(file: Path, turn: int) -> None:
    """What happens in the shop between two syncs."""
    moment = f"2026-01-01 1{turn}:30:00"
    write(
        file,
        f"update orders set amount = amount + 0.25, updated_at = '{moment}' where id % 7 = {turn}",
        f"delete from orders where id = {turn + 1}",
        f"insert into orders values ({100 + turn}, {turn}.5, '{moment}')",
        f"update colours set name = name || '{turn}' where id = 1",
        f"insert into lines values ('{turn}')",
    )


def truth(file: Path) -> list[list[str]]:
    """What the database holds, as text."""
    with closing(sqlite3.connect(file)) as session:
        return [
            sorted(text for (text,) in session.execute(query))
            for query in (
                "select id || ' ' || printf('%.2f', amount) || ' ' || updated_at from orders",
                "select id || ' ' || name from colours",
                "select line from lines",
            )
        ]


def found(lakehouse: Lakehouse) -> list[list[str]]:
    """The same of the lake."""
    at = "strftime(updated_at, '%Y-%m-%d %H:%M:%S')"
    return [
        sorted(text for (text,) in lakehouse.sql(query))
        for query in (
            f"select id || ' ' || amount::decimal(12,2) || ' ' || {at} from silver.shop_orders",
            "select id || ' ' || name from silver.shop_colours",
            "select line from bronze.shop_lines",
        )
    ]


def run(lakehouse: Lakehouse, file: Path, kill: Kill | None = None) -> int:
    command = ["sync", str(file), "--contracts", str(file.parent / "c"), "--json"]
    return ended(lakehouse.settings, command, kill)


def survives(lakehouse: Lakehouse, *kills: Kill) -> None:
    """Killed in the first sync and in those of changes, run again, it is what the shop holds."""
    file = shop(lakehouse.folder)
    for turn, kill in enumerate(kills):
        if turn:
            change(file, turn)
        run(lakehouse, file, kill)
        run(lakehouse, file)
        assert found(lakehouse) == truth(file), f"killed {kill} in turn {turn}"
        lakehouse.close()
    counts = lakehouse.sql(
        "select batch, count(*) from ops.ledger group by all having count(*) > 1"
    )
    assert counts == []


@pytest.mark.parametrize(("step", "catalog"), CASES, indirect=["catalog"])
def test_a_sync_killed_at_any_step_and_run_again_is_exact(lakehouse: Lakehouse, step: str) -> None:
    file = shop(lakehouse.folder)
    [source] = meant(lakehouse.settings, str(file), file.parent / "c", [], None)
    assert synced(lakehouse.lake, source, Asked()).ok
    change(file, 1)
    assert run(lakehouse, file, Kill(step, 2)) == -signal.SIGKILL
    run(lakehouse, file)
    assert found(lakehouse) == truth(file)


@pytest.mark.parametrize("seed", range(20261125, 20261125 + (N // 12 or FEW)))
def test_a_sync_killed_anywhere_and_run_again_is_exact(lakehouse: Lakehouse, seed: int) -> None:
    chosen = random.Random(seed)
    kills = [Kill(chosen.choice(STEPS), chosen.randint(1, 3)) for _ in range(3)]
    survives(lakehouse, *kills)
