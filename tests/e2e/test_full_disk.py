"""A disk that is full at any step: one line names the place, nothing is half loaded, all is well after."""

from __future__ import annotations

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
    from tests.disk_help import Disk

pytest_plugins = ("tests.lake_help", "tests.disk_help")

ROWS = 500


@pytest.fixture
def small(lakehouse: Lakehouse, disk: Disk) -> Lakehouse:
    """The lake on a disk of its own of a few megabytes, with a first delivery in it."""
    disk.take(lakehouse)
    assert lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", ROWS)).ok
    return lakehouse


def fill(house: Lakehouse, disk: Disk) -> None:
    house.close()
    disk.fill()


@pytest.mark.slow
def test_a_disk_that_is_full_at_any_step_is_told_and_the_load_succeeds_once_there_is_room(
    small: Lakehouse, disk: Disk
) -> None:
    files = [small.folder / "a.csv"]
    for number, step in enumerate(STEPS, 1):
        first = ROWS * number + 1
        files.append(orders(small.folder / f"{step}.csv", ROWS, first, broken=[first + 5]))
        with at_step(step, lambda: fill(small, disk)):
            said = told(small, contract(), files[-1])
        disk.make_room()
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
def test_a_lake_on_a_full_disk_is_not_made_and_not_read_but_told(
    small: Lakehouse, disk: Disk
) -> None:
    new = replace(small.settings, home=small.settings.home.with_name("new"))
    fill(small, disk)
    with pytest.raises(LakeError, match=r"^[^\n]*/disk/home[^\n]*; make room on that disk[^\n]*$"):
        Session(small.lake)
    with pytest.raises(LakeError, match=r"^[^\n]*/disk/new[^\n]*(make room on|No space)[^\n]*$"):
        Lake(new).create()
    disk.make_room()
    Lake(new).create()
    with Lake(new).connect() as connection:
        assert connection.execute("from lake.ops.ledger").fetchall() == []
    holds(small, [small.folder / "a.csv"])
