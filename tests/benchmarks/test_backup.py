"""Backup against a plain copy of the same files, both onto the disk itself.

What it takes longer are the hashes: SHA-256 of 400 MB is 0.26 s of one core, the copy 0.11 s. Both
are spread over the cores while the disk writes: 1.15 where two cores are free, up to 1.9 where other
programs want both of them.
"""

from __future__ import annotations

import itertools
import os
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.backup import backup
from catalog.lake import Lake
from catalog.settings import Settings
from tests.benchmarks.measure import ratio

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.bench

FILES, ROWS = 12, 4_000_000  # of 32 MB each, which no compression makes smaller


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(Settings(home=tmp_path / "home"))
    lake.create()
    numbers = np.random.default_rng(1).integers(0, 1 << 62, ROWS)
    pq.write_table(pa.table({"n": numbers}), tmp_path / "n.parquet")
    with lake.connect() as connection:
        connection.execute("create table bronze.big (n bigint)")
        for _ in range(FILES):
            connection.execute(f"insert into bronze.big from '{tmp_path / 'n.parquet'}'")
    return lake


def test_a_first_backup_takes_little_longer_than_a_copy_of_the_files(
    lake: Lake, tmp_path: Path
) -> None:
    targets = (tmp_path / f"copy{number}" for number in itertools.count())

    def ours() -> None:
        place = next(targets)
        assert backup(lake, str(place)).files == FILES
        shutil.rmtree(place)

    def plain() -> None:
        place = next(targets)
        shutil.copytree(lake.settings.home / "data", place)
        os.sync()
        shutil.rmtree(place)

    ratio("backup / copy and sync", ours, plain, 2.0)


def test_a_next_backup_of_what_is_there_takes_next_to_nothing(lake: Lake, tmp_path: Path) -> None:
    first = (tmp_path / f"first{number}" for number in itertools.count())
    backup(lake, str(tmp_path / "there"))
    ratio(
        "the next backup / the first",
        lambda: backup(lake, str(tmp_path / "there")),
        lambda: backup(lake, str(next(first))),
        0.15,
    )
