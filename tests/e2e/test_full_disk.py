"""A disk that is full at any step: one line names the place, nothing is half loaded, all is well after."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.errors import LakeError
from catalog.lake import Lake
from catalog.session import Session
from tests.chaos.faults import at_step, holds, told
from tests.chaos.kills import STEPS
from tests.lake_help import Lakehouse, contract, on_sqlite, orders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest_plugins = "tests.lake_help"

ROWS, MB = 500, 6


@pytest.fixture
def small(lakehouse: Lakehouse, tmp_path: Path) -> Iterator[Lakehouse]:
    """The lake on a disk of its own of a few megabytes, with a first delivery in it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MB}m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a disk that can be filled is root's to mount")
    try:
        home = lakehouse.settings.home.rename(tmp_path / "moved")
        shutil.copytree(home, disk / "home")
        lakehouse.settings = replace(lakehouse.settings, home=disk / "home")
        assert lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", ROWS)).ok
        yield lakehouse
    finally:
        lakehouse.close()
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(house: Lakehouse) -> None:
    house.close()
    with (house.settings.home / "filler").open("ab", buffering=0) as filler:
        for size in (1 << 20, 4096):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError:
                continue


def make_room(house: Lakehouse) -> None:
    (house.settings.home / "filler").unlink()


@pytest.mark.slow
def test_a_disk_that_is_full_at_any_step_is_told_and_the_load_succeeds_once_there_is_room(
    small: Lakehouse,
) -> None:
    files = [small.folder / "a.csv"]
    for number, step in enumerate(STEPS, 1):
        first = ROWS * number + 1
        files.append(orders(small.folder / f"{step}.csv", ROWS, first, broken=[first + 5]))
        with at_step(step, lambda: fill(small)):
            said = told(small, contract(), files[-1])
        make_room(small)
        # The catalog of Postgres is elsewhere, and after the commit all may be done.
        assert said or step == "after-commit" or (not small.lake.on_sqlite and step != "gate")
        if said:
            assert str(small.settings.home) in said, step
            assert "No space left" in said or "make room on that disk" in said, step
        holds(small, files if step == "after-commit" or not said else files[:-1])
        assert told(small, contract(), files[-1]) == "", step
        holds(small, files)
    once = "count(*) = count(distinct id) and bool_and(outcome = 'succeeded')"
    assert small.one(f"select {once} from ops.run")


@on_sqlite
def test_a_lake_on_a_full_disk_is_not_made_and_not_read_but_told(small: Lakehouse) -> None:
    new = replace(small.settings, home=small.settings.home.with_name("new"))
    fill(small)
    with pytest.raises(LakeError, match=r"^[^\n]*/disk/home[^\n]*; make room on that disk[^\n]*$"):
        Session(small.lake)
    with pytest.raises(LakeError, match=r"^[^\n]*/disk/new[^\n]*(make room on|No space)[^\n]*$"):
        Lake(new).create()
    make_room(small)
    Lake(new).create()
    with Lake(new).connect() as connection:
        assert connection.execute("from lake.ops.ledger").fetchall() == []
    holds(small, [small.folder / "a.csv"])
