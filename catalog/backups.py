"""A folder of backups: the catalogs of some moments, and the files of them all.

catalogs/<name>.sqlite    a catalog, which DuckLake itself can open
backups/<name>.json       what belongs to it; written last, so that there is no half backup
data/tables, data/raw     the files; none is written twice, since none is ever changed
"""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from io import UnsupportedOperation
from typing import IO, TYPE_CHECKING, Any

from catalog.errors import LakeError
from catalog.steps import step
from catalog.storage import storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from catalog.storage import Storage

LAYOUT = 1
BLOCK = 1 << 20  # bytes
WORKERS = 4  # that copy files: two for each core keep a disk and the hashes busy


@dataclass(frozen=True, slots=True)
class File:
    """A file of a backup.

    Attributes:
        hash: SHA-256, in hex. The bytes pass by anyway when they are copied, and without it a
            restore could not tell a file that rotted.
    """

    size: int
    hash: str


@dataclass(frozen=True, slots=True)
class Backup:
    """One moment of a lake.

    Attributes:
        name: of its files in the folder.
        lake: which lake it is of.
        snapshot: the newest one in it; all earlier ones that the lake had are in it, too.
        at: when it was begun (ISO 8601, UTC).
        format: of DuckLake.
        tables: version of the tables of ``ops``.
        kind: of the lake's catalog: sqlite, embedded or postgres.
        encrypted: whether its files are; the keys are in the catalog.
        catalog: the catalog's own file.
        files: by their paths in the data.
    """

    name: str
    lake: str
    snapshot: int
    at: str
    format: str
    tables: int
    kind: str
    encrypted: bool
    catalog: File
    files: dict[str, File]

    @property
    def catalog_path(self) -> str:
        """Its catalog in the folder."""
        return f"catalogs/{self.name}.sqlite"

    @property
    def bytes(self) -> int:
        """Of all of its files."""
        return self.catalog.size + sum(file.size for file in self.files.values())


class Backups:
    """The backups in one place, a folder or an ``s3://`` URL."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.storage: Storage = storage(place)

    @cached_property
    def all(self) -> list[Backup]:
        """The backups that are there, the newest first.

        Raises:
            LakeError: one of them cannot be read.
        """
        names = sorted((file.path for file in self.storage.files("backups")), reverse=True)
        return [self._read(name) for name in names if name.endswith(".json")]

    def newest(self, snapshot: int | None = None) -> Backup:
        """The newest backup, or the newest of a snapshot.

        Raises:
            LakeError: there is none.
        """
        for one in self.all:
            if snapshot in (None, one.snapshot):
                return one
        if not self.all:
            raise LakeError(f"{self.place}: holds no backup; lakehouse backup makes one")
        known = ", ".join(dict.fromkeys(str(one.snapshot) for one in self.all[:10]))
        raise LakeError(f"{self.place}: holds no backup of snapshot {snapshot}, but of {known}")

    def tidy(self) -> dict[str, int]:
        """Delete what a backup that was killed has left half done; sizes of the files of data."""
        named = {one.catalog_path for one in self.all}
        for file in list(self.storage.files("catalogs")):
            if file.path not in named:
                self.storage.delete(file.path)
        sizes = {file.path.removeprefix("data/"): file.size for file in self.storage.files("data")}
        for path in [path for path in sizes if path.endswith(".partial")]:
            self.storage.delete(f"data/{path}")
        return sizes

    def add(self, backup: Backup) -> None:
        """Write down a backup whose files are all there."""
        about = json.dumps({"layout": LAYOUT, **asdict(backup)}) + "\n"
        with self.storage.write(f"backups/{backup.name}.json") as stream:
            stream.write(about.encode())
            _settle(stream)

    def keep(self, count: int) -> None:
        """Delete all but the newest backups, and the files that none of these names."""
        kept, gone = self.all[:count], self.all[count:]
        for one in reversed(gone):
            self.storage.delete(f"backups/{one.name}.json")
            step("backup-forget")
        named = {one.catalog_path for one in kept}
        named |= {f"data/{path}" for one in kept for path in one.files}
        for folder in ("catalogs", "data"):
            for file in list(self.storage.files(folder)):
                if file.path not in named:
                    self.storage.delete(file.path)

    def _read(self, path: str) -> Backup:
        with self.storage.read(path) as stream:
            try:
                about: dict[str, Any] = json.loads(stream.read())
                layout = about.pop("layout")
                if layout == LAYOUT:
                    files = {name: File(**file) for name, file in about.pop("files").items()}
                    return Backup(**about | {"catalog": File(**about["catalog"]), "files": files})
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise LakeError(f"{self.storage.at(path)}: is spoiled: {error!r}") from error
        raise LakeError(
            f"{self.storage.at(path)}: is of layout {layout}, this software's is {LAYOUT}"
        )


def copy_all(
    paths: Iterable[str], copy: Callable[[str], int], progress: Callable[[int], None]
) -> None:
    """Copy files, several at once; the first that fails ends it.

    Args:
        paths: of the files.
        copy: copies one, and returns its bytes.
        progress: is told of bytes as they are done.
    """
    with ThreadPoolExecutor(WORKERS) as workers:
        copies = [workers.submit(copy, path) for path in paths]
        try:
            for one in copies:
                progress(one.result())
        except BaseException:
            workers.shutdown(cancel_futures=True)
            raise


def copy(source: Storage, path: str, target: Storage, to: str, known: File | None = None) -> File:
    """Copy one file, whole or not at all, onto the disk itself.

    Args:
        source: that has it.
        path: of it there.
        target: that is to have it.
        to: its path there.
        known: what it has to be.

    Raises:
        LakeError: it is something else.
    """
    with source.read(path) as stream, target.write(to) as out:
        about = _pass(stream, out)
        if known not in (None, about):
            raise LakeError(
                f"{source.at(path)}: is spoiled: it is not what was backed up; nothing is restored"
            )
        _settle(out)
    return about


def hash_of(source: Storage, path: str) -> File:
    """Size and hash of a file."""
    with source.read(path) as stream:
        return _pass(stream)


def _pass(stream: IO[bytes], out: IO[bytes] | None = None) -> File:
    digest, size, block = hashlib.sha256(), 0, bytearray(BLOCK)
    view = memoryview(block)
    while count := stream.readinto(block):  # type: ignore[attr-defined]
        digest.update(view[:count])
        size += count
        if out:
            out.write(view[:count])
    return File(size, digest.hexdigest())


def _settle(stream: IO[bytes]) -> None:
    """Have a file's bytes on the disk before anything says that they are there."""
    with suppress(UnsupportedOperation, AttributeError):
        stream.flush()
        os.fsync(stream.fileno())
