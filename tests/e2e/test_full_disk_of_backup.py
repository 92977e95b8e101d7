"""A backup onto a disk that is full: told in one line, the earlier ones whole, the next one too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.backup import backup
from catalog.backups import Backups
from catalog.lake import Lake
from catalog.restore import restore
from tests.chaos.faults import at_step, refusal
from tests.chaos.test_kills_of_backups import bronze, filled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.disk_help import Disk
    from tests.lake_help import Lakehouse, Prepared

pytest_plugins = ("tests.lake_help", "tests.disk_help")

BACKUP = ("backup-catalog", "backup-file", "backup-file:2", "backup-manifest", "backup-forget")


@pytest.mark.parametrize("step", BACKUP)
@pytest.mark.parametrize("catalog", ["sqlite"], indirect=True)
def test_a_backup_onto_a_disk_that_is_full_at_any_step_is_told_and_the_earlier_ones_stay_whole(
    lakehouse: Lakehouse,
    prepared: Prepared,
    request: pytest.FixtureRequest,
    disk: Disk,
    tmp_path: Path,
    step: str,
) -> None:
    prepared.copy_to(lakehouse, request, lambda house: filled(house, "a"))
    place = disk.folder / "backups"
    backup(lakehouse.lake, str(place))
    [first] = Backups(str(place)).all
    then = bronze(lakehouse.lake)
    filled(lakehouse, "b", "c")
    with at_step(step, disk.fill):
        said = refusal(lambda: backup(lakehouse.lake, str(place), keep=1))
    if step == "backup-forget":  # whose backup is whole
        assert said == ""
    else:
        assert str(disk.folder) in said
        assert "make room on that disk" in said
        assert Backups(str(place)).all == [first]
        again = replace(lakehouse.settings, home=tmp_path / "first")
        restore(again, str(place))  # from the disk that is still full
        assert bronze(Lake(again)) == then
    disk.make_room()
    backup(lakehouse.lake, str(place), keep=1)
    [last] = Backups(str(place)).all
    named = {last.catalog_path, f"backups/{last.name}.json", "lock"}
    named |= {f"data/{path}" for path in last.files}
    assert {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()} == named
    restored = replace(lakehouse.settings, home=tmp_path / "again")
    restore(restored, str(place))
    assert bronze(Lake(restored)) == bronze(lakehouse.lake)
