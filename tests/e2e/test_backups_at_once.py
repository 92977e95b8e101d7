"""Backups of two lakes to one place of S3, at once, killed or stopped between: neither spoils the other."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog import lease
from catalog.backup import backup
from catalog.backups import Backups
from catalog.lake import Lake
from catalog.restore import restore
from tests.chaos.test_kills_of_amendments import environment
from tests.chaos.test_kills_of_backups import bronze, filled
from tests.lake_help import REPOSITORY, Lakehouse, on_sqlite

if TYPE_CHECKING:
    from pathlib import Path

    from tests.s3_help import TestBucket

pytest_plugins = ("tests.lake_help", "tests.s3_help")
pytestmark = on_sqlite

STALE, LONG = 3.0, 120.0  # seconds
PROGRAM = """
import signal, sys
from catalog import lease
lease.RENEWED, lease.STALE, lease.POLL = 0.3, float(sys.argv.pop(1)), 0.1
if sys.argv.pop(1) == "stop":
    signal.SIGKILL = signal.SIGSTOP
from orchestration.cli import main
main()
"""


@pytest.fixture
def twins(lakehouse: Lakehouse, tmp_path: Path) -> tuple[Lakehouse, Lakehouse]:
    """A lake and a copy of it, each with a load of its own; they share their identity."""
    filled(lakehouse, "a")
    other = Lakehouse(replace(lakehouse.settings, home=tmp_path / "other"), tmp_path / "files2")
    shutil.copytree(lakehouse.settings.home, other.settings.home)
    filled(lakehouse, "b")
    filled(other, "c")
    return lakehouse, other


def begun(
    house: Lakehouse,
    place: str,
    *options: str,
    step: str = "",
    fault: str = "kill",
    stale: float = STALE,
) -> subprocess.Popen[str]:
    """A backup in a process of its own, killed or stopped at a step."""
    command = [sys.executable, "-c", PROGRAM, str(stale), fault, "backup", place, *options]
    there = os.environ | environment(house) | {"PYTHONPATH": str(REPOSITORY)}
    if step:
        there["LAKEHOUSE_KILL_AT"] = step
    return subprocess.Popen(command, env=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip


def stands(process: subprocess.Popen[str]) -> None:
    """Wait until a process has been stopped."""
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)


def restored(house: Lakehouse, place: str, home: Path) -> object:
    """What the newest backup answers, once it is a lake again."""
    again = replace(house.settings, home=home)
    restore(again, place)
    return bronze(Lake(again))


def test_two_backups_at_once_to_one_place_of_s3_are_both_whole(
    twins: tuple[Lakehouse, Lakehouse], bucket: TestBucket, tmp_path: Path
) -> None:
    place = f"{bucket.url}/backups"
    one, other = twins
    with begun(one, place, step="backup-manifest", fault="stop", stale=LONG) as first:
        stands(first)  # its catalog is there, and nothing names it yet
        with begun(other, place, "--json", stale=LONG) as second:
            assert second.stderr is not None
            said = second.stderr.readline()
            assert said.startswith(f"lakehouse: waits for the place of backups {place}, which ")
            assert f"process {first.pid} on " in said
            assert second.poll() is None
            first.send_signal(signal.SIGCONT)
            assert second.communicate()[1] == ""
        assert first.communicate()[1] == ""
    assert (first.returncode, second.returncode) == (0, 0)
    last, earlier = Backups(place).all
    assert restored(other, place, tmp_path / "r2") == bronze(other.lake)
    (bucket.folder / "backups" / "backups" / f"{last.name}.json").unlink()
    assert Backups(place).all == [earlier]
    assert restored(one, place, tmp_path / "r1") == bronze(one.lake)
    assert not list((bucket.folder / "backups" / "locks").glob("*"))


def test_a_backup_to_s3_that_is_killed_holds_the_next_one_up_for_a_time_and_spoils_nothing(
    twins: tuple[Lakehouse, Lakehouse],
    bucket: TestBucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = f"{bucket.url}/backups"
    one, other = twins
    for name, seconds in (("RENEWED", 0.3), ("STALE", STALE), ("POLL", 0.1)):
        monkeypatch.setattr(lease, name, seconds)
    with begun(one, place, "--keep", "1", step="backup-manifest") as first:
        first.communicate()
    assert first.returncode == -signal.SIGKILL
    assert Backups(place).all == []
    started = time.monotonic()
    backup(other.lake, place, keep=1)
    assert time.monotonic() - started > STALE / 2
    [last] = Backups(place).all
    named = {last.catalog_path, f"backups/{last.name}.json"} | {f"data/{p}" for p in last.files}
    root = bucket.folder / "backups"
    assert {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()} == named
    assert restored(other, place, tmp_path / "again") == bronze(other.lake)


def test_a_backup_to_s3_that_stood_still_too_long_is_told_and_spoils_nothing(
    twins: tuple[Lakehouse, Lakehouse], bucket: TestBucket, tmp_path: Path
) -> None:
    place = f"{bucket.url}/backups"
    one, other = twins
    with begun(one, place, "--keep", "1", step="backup-manifest", fault="stop") as first:
        stands(first)
        with begun(other, place, "--keep", "1") as second:
            second.communicate()
        assert second.returncode == 0
        [last] = Backups(place).all
        first.send_signal(signal.SIGCONT)
        said = first.communicate()[1]
    assert first.returncode == 1
    assert said == (
        f"lakehouse: the place of backups {place}: its lock was lost, as this process stood still "
        "or the network did; run it again\n"
    )
    assert Backups(place).all == [last]
    assert restored(other, place, tmp_path / "again") == bronze(other.lake)
    backup(one.lake, place, keep=1)
    assert restored(one, place, tmp_path / "first") == bronze(one.lake)
