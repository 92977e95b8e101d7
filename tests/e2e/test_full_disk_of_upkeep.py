"""Upkeep on a disk that is full or read-only: told in one line, nothing lost, and done later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from catalog.verify import verify
from tests.catalog.upkeep_help import AGED, NOW, answers, keep_up, wear
from tests.chaos.faults import at_step, refusal
from tests.chaos.test_kills_of_upkeep import STEPS
from tests.e2e.test_undo import assert_the_ledger_counts_what_is_there

if TYPE_CHECKING:
    from tests.disk_help import Disk
    from tests.lake_help import Lakehouse, Prepared

pytest_plugins = ("tests.lake_help", "tests.disk_help")

# All on SQLite, which is on the disk too; on Postgres those after which files are written.
CASES = [("sqlite", step) for step in STEPS] + [
    ("postgres", f"maintain-{name}") for name in ("flush", "rewrite")
]


@pytest.fixture
def worn(
    lakehouse: Lakehouse, prepared: Prepared, request: pytest.FixtureRequest, disk: Disk
) -> Lakehouse:
    """A lake on a disk of its own, with something for each step of upkeep to do."""
    prepared.copy_to(lakehouse, request, wear)
    disk.take(lakehouse)
    return lakehouse


def kept(lakehouse: Lakehouse) -> list[Any]:
    young = "where day > date '2020-01-01'"
    return lakehouse.sql(f"select id from bronze.shop_order {young} order by 1")


def is_kept_up_at_last(lakehouse: Lakehouse, pinned: int, before: object, ids: list[Any]) -> None:
    """What the fault left answers as before; once it is over, upkeep does all there is to do."""
    assert answers(lakehouse, pinned) == before
    assert kept(lakehouse) == ids
    keep_up(lakehouse, AGED, history=NOW)
    assert answers(lakehouse, pinned) == before
    assert kept(lakehouse) == ids
    assert lakehouse.count("bronze.shop_order") == len(ids)
    assert_the_ledger_counts_what_is_there(lakehouse)
    assert verify(lakehouse.lake, lambda _: True) == []
    lakehouse.close()


@pytest.mark.parametrize(("catalog", "step"), CASES, indirect=["catalog"])
def test_upkeep_on_a_disk_that_is_full_at_any_step_is_told_and_done_once_there_is_room(
    worn: Lakehouse, disk: Disk, step: str
) -> None:
    pinned = worn.one("select snapshot from ops.pin")
    before, ids = answers(worn, pinned), kept(worn)
    with at_step(step, disk.fill):
        said = refusal(lambda: keep_up(worn, AGED, history=NOW))
    # After its last commit upkeep deletes files, which makes room.
    assert said or step == "maintain-sweep" or not worn.lake.on_sqlite
    if said:
        assert str(worn.settings.home) in said
        assert "No space left" in said or "make room on that disk" in said
    disk.make_room()
    is_kept_up_at_last(worn, pinned, before, ids)


def test_upkeep_of_a_lake_on_a_disk_that_may_not_be_written_is_told_and_done_later(
    worn: Lakehouse, disk: Disk
) -> None:
    pinned = worn.one("select snapshot from ops.pin")
    before, ids = answers(worn, pinned), kept(worn)
    worn.close()
    disk.may_be_written(False)
    try:
        said = refusal(lambda: keep_up(worn, AGED, history=NOW))
        first = refusal(lambda: keep_up(worn, AGED, history=NOW, dry_run=True))
    finally:
        disk.may_be_written(True)
    assert str(disk.folder) in said
    assert "permission to write there" in said
    assert (first == "") is not worn.lake.on_sqlite
    is_kept_up_at_last(worn, pinned, before, ids)
