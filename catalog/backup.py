"""A lake copied elsewhere while loads run: its catalog first, then the files that it names."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from catalog import transfer
from catalog.backups import Backup, Backups, check_apart, mode_of
from catalog.copying import copy, copy_all, hash_of
from catalog.errors import LakeError, LakeMissingError, said_of
from catalog.home import FORMAT
from catalog.steps import step
from catalog.storage import Folder, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from threading import Event

    from catalog.copying import File
    from catalog.lake import Lake

LAST = "backup.json"  # in the home: the last backup
FILES = """
with files as (
    select table_id, path, file_size_bytes from ducklake_data_file
    union all
    select table_id, path, file_size_bytes from ducklake_delete_file
)

select s.path || t.path || files.path, max(files.file_size_bytes)
from files
inner join ducklake_table as t on files.table_id = t.table_id
inner join ducklake_schema as s on t.schema_id = s.schema_id
group by 1
"""
ABOUT = """
select (select schema_uuid from ducklake_schema where schema_id = 0), max(snapshot_id)
from ducklake_snapshot
"""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup did.

    Attributes:
        files: that were copied, beside those that were there.
        bytes: that were copied.
    """

    backup: Backup
    files: int
    bytes: int
    seconds: float


def backup(
    lake: Lake,
    place: str,
    *,
    keep: int | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> BackedUp:
    """Copy a lake to a folder or an ``s3://`` URL, beside the earlier backups that are there.

    Loads and queries go on; upkeep waits before it deletes files.

    Args:
        lake: to copy, of whatever version its tables are.
        place: of the backups.
        keep: how many backups to keep there; all where None.
        progress: is told how many bytes are copied, and of how many.

    Raises:
        LakeError: the place is part of the lake or of another one's, or something cannot be read
            or written.
    """
    if not lake.exists:
        raise LakeMissingError(f"there is no lake in {lake.settings.home}")
    backups = Backups(place)
    check_apart(lake, backups)
    started = time.perf_counter()
    try:
        # No more open than the lake is: others could read there what they cannot read here.
        backups.storage.make(mode_of(Folder(lake.settings.home)) & mode_of(lake.data))
        with lake.keep_files(), backups.alone():
            done = _Backing(lake, backups, progress).run()
            if keep:
                backups.keep(keep)
            _remember(lake, place, done[0])
    except OSError as error:
        where = error.filename or place
        raise LakeError(f"{where}: the backup cannot be made: {said_of(error)}") from error
    return BackedUp(*done, time.perf_counter() - started)


def last_of(lake: Lake) -> tuple[str, int] | None:
    """Where the last backup of a lake was made to, and of which snapshot."""
    file = lake.settings.home / LAST
    if not file.exists():
        return None
    about = json.loads(file.read_text(encoding="utf-8"))
    return about["place"], about["snapshot"]


class _Backing:
    def __init__(self, lake: Lake, backups: Backups, progress: Callable[[int, int], None]) -> None:
        self._lake = lake
        self._backups = backups
        self._to = backups.storage
        self._progress = progress
        self._last = backups.last

    def run(self) -> tuple[Backup, int, int]:
        """The new backup, and how many files and bytes of it were copied."""
        at = datetime.now(UTC)
        there = self._backups.tidy()
        with transfer.desk(self._lake) as desk:
            copied = desk / "catalog.sqlite"
            transfer.take(self._lake, copied)
            step("backup-catalog")
            identity, snapshot, sizes = _read(copied)
            self._check_same(identity)
            name = f"{at:%Y%m%dT%H%M%S%f}-{snapshot}"
            about = copy(Folder(desk), copied.name, self._to, f"catalogs/{name}.sqlite")
        for file in self._lake.data.files("raw"):
            if not file.path.endswith(".partial"):
                sizes[file.path] = file.size
        files, count, size = self._files(sizes, there)
        step("backup-manifest")
        backup = Backup(
            name, identity, snapshot, at.isoformat(timespec="seconds"), FORMAT,
            self._lake.tables, self._lake.kind,
            self._lake.encrypted, about, files,
        )  # fmt: skip
        self._backups.add(backup)
        step("backup-done")
        return backup, count, size + about.size

    def _check_same(self, identity: str) -> None:
        if self._last and self._last.lake != identity:
            raise LakeError(f"{self._backups.place}: holds backups of another lake")

    def _files(
        self, sizes: dict[str, int], there: dict[str, int]
    ) -> tuple[dict[str, File], int, int]:
        """Copy what is not there yet; every file, and how many files and bytes were copied."""
        last = self._last.files if self._last else {}
        files = {path: file for path, file in last.items() if path in sizes}
        files = {path: file for path, file in files.items() if there.get(path) == sizes[path]}
        missing = [path for path, size in sizes.items() if there.get(path) != size]
        total, done = sum(sizes[path] for path in missing), 0

        def settle(path: str, stop: Event) -> int:
            if there.get(path) == sizes[path]:
                # A backup that was killed, or is not kept, has left it, whole.
                files[path] = hash_of(self._to, f"data/{path}", stop)
                return 0
            step("backup-file")
            files[path] = copy(self._lake.data, path, self._to, f"data/{path}", stop=stop)
            if files[path].size != sizes[path]:
                raise LakeError(
                    f"{self._lake.data.at(path)}: is {files[path].size:,} bytes and was "
                    f"written with {sizes[path]:,}; lakehouse verify says what is lost"
                )
            return files[path].size

        def told(size: int) -> None:
            nonlocal done
            done += size
            self._progress(done, total)

        copy_all([path for path in sizes if path not in files], settle, told)
        return files, len(missing), total


def _read(catalog: Path) -> tuple[str, int, dict[str, int]]:
    """Of a catalog's copy: the lake's identity, the newest snapshot, and the sizes of its files."""
    with closing(sqlite3.connect(catalog)) as connection:
        identity, snapshot = connection.execute(ABOUT).fetchone()
        files = dict(connection.execute(FILES).fetchall())
    return identity, snapshot, {f"tables/{path}": size for path, size in files.items()}


def _remember(lake: Lake, place: str, backup: Backup) -> None:
    about = {"place": place, "snapshot": backup.snapshot, "at": backup.at}
    put(lake.settings.home / LAST, json.dumps(about) + "\n")
