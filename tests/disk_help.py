"""A disk of a few megabytes, to be filled or made read-only; root's to mount, else the test is skipped.

A test module gets the fixtures by `pytest_plugins`, together with those of tests.lake_help.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lake_help import Lakehouse

MB = 6


@dataclass(frozen=True)
class Disk:
    """A disk of its own."""

    folder: Path

    def fill(self) -> None:
        """Take all the room that is left."""
        with (self.folder / "filler").open("ab", buffering=0) as filler:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        filler.write(bytes(size))
                except OSError:
                    continue

    def make_room(self) -> None:
        (self.folder / "filler").unlink(missing_ok=True)

    def may_be_written(self, may: bool) -> None:
        """Mount it anew, read-only or not."""
        how = f"remount,{'rw' if may else 'ro'}"
        subprocess.run(["mount", "-o", how, str(self.folder)], check=True)

    def take(self, lakehouse: Lakehouse) -> None:
        """Have a lake's home on this disk."""
        lakehouse.close()
        home = lakehouse.settings.home.rename(self.folder.with_name("moved"))
        shutil.copytree(home, self.folder / "home")
        lakehouse.settings = replace(lakehouse.settings, home=self.folder / "home")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk that is thrown away afterwards."""
    made = Disk(tmp_path / "disk")
    made.folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MB}m", "tmpfs", str(made.folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a disk that can be filled is root's to mount")
    try:
        yield made
    finally:
        subprocess.run(["umount", "--lazy", str(made.folder)], check=True)
