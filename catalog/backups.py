"""A folder of backups: the catalogs of some moments, and the files of them all.

catalogs/<name>.sqlite    a catalog, which DuckLake itself can open
backups/<name>.json       what belongs to it; written last, so that there is no half backup
data/tables, data/raw     the files; none is written twice, since none is ever changed
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from catalog.copying import File, settled
from catalog.errors import LakeError, SettingError
from catalog.lease import lease
from catalog.locks import file_lock
from catalog.settings import S3
from catalog.steps import step
from catalog.storage import Folder, storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.lake import Lake
    from catalog.storage import Storage

LAYOUT = 1


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
        """Nothing is opened yet.

        Raises:
            SettingError: the place is a URL, and none of S3.
        """
        if "://" in place and not S3.fullmatch(place):
            # What was given is not shown: it may hold a key.
            raise SettingError(
                "a place of backups is a folder or a URL s3://bucket/prefix; keys are "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        self.place = place
        self.storage: Storage = storage(place)
        self._check: Callable[[], None] = lambda: None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait for whoever backs up to the same place."""
        lock = (
            file_lock(self.storage.path / "lock", "the backup")
            if isinstance(self.storage, Folder)
            else lease(self.storage, f"the place of backups {self.place}")
        )
        with lock as self._check:
            yield

    @property
    def all(self) -> list[Backup]:
        """The backups that are there, the newest first.

        Raises:
            LakeError: one of them cannot be read.
        """
        return [self._read(name) for name in self._names]

    @property
    def last(self) -> Backup | None:
        """The newest backup; None where there is none.

        Raises:
            LakeError: it cannot be read.
        """
        return self._read(self._names[0]) if self._names else None

    @cached_property
    def _names(self) -> list[str]:
        """The backups' names, newest first: each file of one names every file of the lake."""
        paths = (file.path for file in self.storage.files("backups"))
        names = (path.removeprefix("backups/") for path in paths if path.endswith(".json"))
        return sorted((name.removesuffix(".json") for name in names), reverse=True)

    def newest(self, snapshot: int | None = None) -> Backup:
        """The newest backup, or the newest of a snapshot.

        Raises:
            LakeError: there is none.
        """
        for name in self._names:
            if snapshot in (None, _snapshot(name)):
                return self._read(name)
        if not self._names:
            raise LakeError(f"{self.place}: holds no backup; lakehouse backup makes one")
        known = ", ".join(dict.fromkeys(str(_snapshot(name)) for name in self._names[:10]))
        raise LakeError(f"{self.place}: holds no backup of snapshot {snapshot}, but of {known}")

    def tidy(self) -> dict[str, int]:
        """Delete what a backup that was killed has left half done; sizes of the files of data."""
        self._delete("catalogs", {f"catalogs/{name}.sqlite" for name in self._names})
        for file in list(self.storage.files("backups")):
            if file.path.endswith(".partial"):
                self.storage.delete(file.path)
        sizes = {file.path.removeprefix("data/"): file.size for file in self.storage.files("data")}
        for path in [path for path in sizes if path.endswith(".partial")]:
            self.storage.delete(f"data/{path}")
        return sizes

    def add(self, backup: Backup) -> None:
        """Write down a backup whose files are all there.

        Raises:
            LakeError: they are not any more, or others are at work here by now.
        """
        self._check_there(backup)
        self.storage.settle([backup.catalog_path, *(f"data/{path}" for path in backup.files)])
        about = json.dumps({"layout": LAYOUT, **asdict(backup)}) + "\n"
        with self.storage.write(f"backups/{backup.name}.json") as stream:
            stream.write(about.encode())
            settled(stream)
        self.storage.settle([f"backups/{backup.name}.json"])
        self.__dict__.pop("_names", None)
        try:
            self._check()
        except LakeError:  # others may have taken its files for what a killed one has left
            self.storage.delete(f"backups/{backup.name}.json")
            raise

    def _check_there(self, backup: Backup) -> None:
        self._check()
        sizes = {file.path: file.size for folder in ("catalogs", "data")
                 for file in self.storage.files(folder)}  # fmt: skip
        wanted = {f"data/{path}": file.size for path, file in backup.files.items()}
        wanted[backup.catalog_path] = backup.catalog.size
        for path, size in wanted.items():
            if sizes.get(path) != size:
                raise LakeError(
                    f"{self.storage.at(path)}: was taken away while the backup was made; run it "
                    "again"
                )

    def keep(self, count: int) -> None:
        """Delete all but the newest backups, and the files that none of these names."""
        kept = [self._read(name) for name in self._names[:count]]
        for name in reversed(self._names[count:]):
            self._check()
            self.storage.delete(f"backups/{name}.json")
            step("backup-forget")
        # Else a restore after a power cut might find the names of files that are gone.
        self.storage.settle(["backups/"])
        self._delete("catalogs", {one.catalog_path for one in kept})
        self._delete("data", {f"data/{path}" for one in kept for path in one.files})

    def _delete(self, folder: str, kept: set[str]) -> None:
        """Delete the files of a folder that are not kept."""
        for file in list(self.storage.files(folder)):
            if file.path not in kept:
                self._check()
                self.storage.delete(file.path)

    def _read(self, name: str) -> Backup:
        path = f"backups/{name}.json"
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


def mode_of(place: Storage) -> int:
    """Who may use a place, as bits, its owner in any case; of S3 and of what is not there all."""
    if isinstance(place, Folder) and place.path.is_dir():
        return place.path.stat().st_mode & 0o777 | 0o700
    return 0o777


def check_apart(lake: Lake, backups: Backups) -> None:
    """Refuse a place of backups in the lake's home or data, or that these are in.

    Raises:
        LakeError: it is there.
    """
    home, data, place = lake.settings.home.resolve(), lake.data, backups.storage
    if isinstance(place, Folder):
        there = place.path.resolve()
        ours = [home] + ([data.path.resolve()] if isinstance(data, Folder) else [])
        inside = any(there.is_relative_to(one) for one in ours)
        around = any(one.is_relative_to(there) for one in ours)
    else:
        ends = [f"{one.url.rstrip('/')}/" for one in (place, data)]
        inside, around = ends[0].startswith(ends[1]), ends[1].startswith(ends[0])
    if inside or around:
        raise LakeError(
            f"{place.url}: is part of the lake, or holds it; a backup belongs elsewhere"
        )


def _snapshot(name: str) -> int | None:
    """The newest snapshot of a backup, by its name."""
    number = name.rpartition("-")[2]
    return int(number) if number.isdecimal() else None
