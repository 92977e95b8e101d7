"""A Postgres that is lost: one plain line, or a retry that succeeds; run again, the load is exact."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from catalog.errors import LakeError
from catalog.postgres import EmbeddedPostgres
from catalog.settings import Settings
from tests.chaos.faults import at_step, holds, told
from tests.chaos.kills import STEPS
from tests.lake_help import THREADS, Lakehouse, contract, orders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest_plugins = "tests.lake_help"


@pytest.fixture(params=["the home's own", "a server elsewhere"])
def house(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Lakehouse, EmbeddedPostgres]]:
    """A lake on a Postgres that may be killed: the home's own, or one that is given by its URL."""
    settings = Settings(home=tmp_path / "home", catalog="embedded", threads=THREADS)
    server = EmbeddedPostgres(settings.home)
    server.ensure()
    with psycopg.connect(server.url, autocommit=True) as session:
        session.execute("alter system set fsync = off")
    if request.param != "the home's own":
        settings = replace(
            settings,
            home=tmp_path / "other",
            catalog=f"postgresql:///postgres?host={server.socket}&user=lakehouse",
        )
    lakehouse = Lakehouse(settings, tmp_path / "files")
    yield lakehouse, server
    lakehouse.close()
    server.remove()


def kill(server: EmbeddedPostgres) -> None:
    """Kill it as a machine without memory does; its processes end within a second."""
    number = int((server.data / "postmaster.pid").read_text().split()[0])
    os.kill(number, signal.SIGKILL)
    time.sleep(0.3)


@pytest.mark.slow
@pytest.mark.chaos
def test_a_postgres_killed_at_any_step_is_one_line_or_unnoticed_and_run_again_is_exact(
    house: tuple[Lakehouse, EmbeddedPostgres],
) -> None:
    lakehouse, server = house
    own = lakehouse.settings.catalog == "embedded"
    files = [orders(lakehouse.folder / "a.csv", 20, broken=[3])]
    assert lakehouse.load(contract(), files[0]).ok
    for number, step in enumerate(STEPS, 1):
        first = 100 * number
        files.append(orders(lakehouse.folder / f"{step}.csv", 20, first, broken=[first + 3]))
        with at_step(step, lambda: kill(server)):
            said = told(lakehouse, contract(), files[-1])
        assert "Postgres" in said or "the catalog" in said or step in ("read", "after-commit"), step
        assert "postgresql://" not in said
        if not own:
            down = told(lakehouse, contract(), files[-1])
            assert "Connection refused" in down or "No such file" in down, step
            with pytest.raises(LakeError, match=r"^[^\n]+(Connection refused|No such file)[^\n]*$"):
                lakehouse.lake.connect(read_only=True)
            server.ensure()
        # The home's own is down too, and the next command starts it.
        holds(lakehouse, files if step == "after-commit" or not said else files[:-1])
        assert told(lakehouse, contract(), files[-1]) == "", step
        holds(lakehouse, files)
