"""A lake made again from a backup, in a home that has none."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import duckdb

from catalog import transfer
from catalog.backups import Backup, Backups, check_apart, mode_of
from catalog.copying import File, copy, copy_all, hash_of
from catalog.errors import LakeError, said_of
from catalog.home import FORMAT, SEALED, UNENCRYPTED, marker
from catalog.lake import TABLES, Lake
from catalog.steps import step
from catalog.storage import Folder, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from threading import Event

    from catalog.settings import Settings

BEGUN = "restore.json"  # in the home: a restore that is not through


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        catalog: of which kind the lake's is.
        files: that were copied, beside those that were there.
        bytes: that were copied.
    """

    backup: Backup
    catalog: str
    files: int
    bytes: int
    seconds: float


def restore(
    settings: Settings,
    place: str,
    *,
    at: int | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Restored:
    """Make a lake again from the newest backup in a place; killed and run again it goes on.

    Every file is held against its hash.

    Args:
        settings: of the home, which has no lake; without a catalog it is of the backup's kind.
        place: of the backups.
        at: the snapshot of the backup that is meant.
        progress: is told how many bytes are done, and of how many.

    Raises:
        LakeError: there is a lake already, no such backup, a file of it is spoiled, or something
            cannot be written.
    """
    backups, started = Backups(place), time.perf_counter()
    try:
        backup = backups.newest(at)
        lake = _lake(settings, backup)
        check_apart(lake, backups)
        # No more open than the backup is, whose folder had that from the lake.
        settings.home.mkdir(mode_of(backups.storage), parents=True, exist_ok=True)
        with lake.lock("create", whole=True):
            _check_free(lake)
            done = _Restoring(lake, backups, backup, progress).run()
    except OSError as error:
        where = error.filename or settings.home
        raise LakeError(f"{where}: the lake cannot be restored: {said_of(error)}") from error
    except duckdb.Error as error:
        raise LakeError(f"the lake cannot be restored: {lake.reason(error)}") from error
    return Restored(backup, lake.kind, *done, time.perf_counter() - started)


def _lake(settings: Settings, backup: Backup) -> Lake:
    if backup.format != FORMAT or backup.tables > TABLES:
        raise LakeError(
            f"the backup is of format {backup.format} and tables of version {backup.tables}, this "
            f"software of {FORMAT} and {TABLES}; use the newer software"
        )
    if settings.catalog is None and backup.kind == "postgres":
        raise LakeError(
            "the lake's catalog was a Postgres of your own; give LAKEHOUSE_CATALOG the URL of an "
            "empty database, or sqlite, or embedded"
        )
    _check_marker(settings.home)
    if settings.encrypted not in (None, backup.encrypted):
        told = UNENCRYPTED if settings.encrypted else SEALED
        raise LakeError(f"the backup is not as LAKEHOUSE_ENCRYPTED asks: {told}")
    kind = settings.catalog or backup.kind
    return Lake(replace(settings, catalog=kind, encrypted=backup.encrypted))


def _check_marker(home: Path) -> None:
    if marker(home).exists():
        raise LakeError(f"{home}: there is a lake already; LAKEHOUSE_HOME names another home")


def _check_free(lake: Lake) -> None:
    """Refuse a home with a lake, or with what may be catalog or data of one, even of this one.

    Two lakes over the same data would each take what the other one writes for a leftover.
    """
    _check_marker(lake.settings.home)
    if (lake.settings.home / BEGUN).exists():
        return
    if lake.on_sqlite and lake.sqlite.exists():
        raise LakeError(f"{lake.sqlite}: is there already, and may be a lake; move it away")
    if any(next(lake.data.files(below), None) for below in ("tables", "raw")):
        raise LakeError(
            f"{lake.data.url}: has files of a lake; give LAKEHOUSE_DATA a place of its own"
        )


class _Restoring:
    def __init__(
        self, lake: Lake, backups: Backups, backup: Backup, progress: Callable[[int, int], None]
    ) -> None:
        self._lake = lake
        self._from = backups.storage
        self._backup = backup
        self._progress = progress

    def run(self) -> tuple[int, int]:
        """How many files and bytes were copied."""
        lake, backup = self._lake, self._backup
        token = self._begin()
        lake.data.make()
        done = self._files()
        lake.data.settle(backup.files)
        with transfer.desk(lake) as desk:
            file = desk / "catalog.sqlite"
            copy(self._from, backup.catalog_path, Folder(desk), file.name, backup.catalog)
            with closing(sqlite3.connect(file)) as connection:
                # These were of the other home, and are not in the backup.
                connection.execute("delete from ducklake_files_scheduled_for_deletion")
                where = "update ducklake_metadata set value = ? where key = 'data_path'"
                connection.execute(where, [lake.data.at("tables/")])
                connection.commit()
            step("restore-catalog")
            if lake.on_sqlite:
                transfer.put(file, lake)
            else:
                self._into_postgres(file, token)
        step("restore-mark")
        lake.mark(backup.tables)
        step("restore-end")
        self._end()
        return done

    def _begin(self) -> str:
        """Write down that a restore is at work; its token, the earlier one's if it goes on."""
        file = self._lake.settings.home / BEGUN
        if file.exists():
            return str(json.loads(file.read_text(encoding="utf-8"))["token"])
        token = secrets.token_hex(8)
        put(file, json.dumps({"token": token}) + "\n")
        return token

    def _end(self) -> None:
        if not self._lake.on_sqlite:
            with transfer.postgres(self._lake) as session:
                transfer.comment(session, None)
        (self._lake.settings.home / BEGUN).unlink()

    def _files(self) -> tuple[int, int]:
        """Copy what is not there; how many files and bytes that were."""
        there = {file.path: file.size for file in self._lake.data.files()}
        for path in [path for path in there if path.endswith(".partial")]:
            self._lake.data.delete(path)  # a restore that was killed has left it
        files, done = self._backup.files, 0
        total = sum(file.size for file in files.values())
        copied: dict[str, File] = {}

        def settle(path: str, stop: Event) -> int:
            known = files[path]
            is_there = there.get(path) == known.size
            is_there = is_there and hash_of(self._lake.data, path, stop) == known
            if not is_there:
                step("restore-file")
                copied[path] = copy(self._from, f"data/{path}", self._lake.data, path, known, stop)
            return known.size

        def told(size: int) -> None:
            nonlocal done
            done += size
            self._progress(done, total)

        copy_all(files, settle, told)
        return len(copied), sum(file.size for file in copied.values())

    def _into_postgres(self, file: Path, token: str) -> None:
        told = f"a restore: {token}"
        with transfer.postgres(self._lake) as session:
            if transfer.comment_of(session) == told:
                return  # it was killed after that
            if transfer.tables_of(session):
                raise LakeError(transfer.TAKEN)
        transfer.fill(self._lake, file)
        step("restore-activate")
        with transfer.postgres(self._lake) as session:
            transfer.activate(session, told)
