"""Where the lake's own files are: a folder, or a prefix in a bucket of S3, behind one interface.

Paths are relative to it, with forward slashes: ``tables/...`` are the tables' files, ``raw/...``
the bytes of deliveries. What goes wrong is an OSError whose `filename` and `strerror` are telling.
"""

from __future__ import annotations

import os
import secrets
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is there.

    Attributes:
        path: relative to the storage.
        size: in bytes.
        modified: when it was last written, in UTC by the clock of whoever stores it.
    """

    path: str
    size: int
    modified: datetime


class Storage(ABC):
    """A place of files.

    Attributes:
        url: of the place, as DuckDB reads it: an absolute path or ``s3://bucket/prefix``.
    """

    url: str
    extensions: tuple[str, ...] = ()  # of DuckDB, that it reads this by
    file_size: str | None = None  # that a file of rows is to have at most, about

    def at(self, path: str) -> str:
        """A file or folder as DuckDB reads it."""
        return f"{self.url}/{path}"

    @abstractmethod
    def make(self, mode: int = 0o777) -> None:
        """Make sure of the place, and that files can be put there.

        Args:
            mode: bits that a folder has at most where it is made.
        """

    @abstractmethod
    def files(self, below: str = "") -> Iterator[Stored]:
        """Every file below a folder, in any order; none where there is no such folder."""

    @abstractmethod
    def size(self, path: str) -> int | None:
        """Bytes of a file; None where there is none."""

    @abstractmethod
    def read(self, path: str) -> IO[bytes]:
        """A stream of a file, which can seek, to be closed."""

    @abstractmethod
    def write(self, path: str) -> AbstractContextManager[IO[bytes]]:
        """A stream whose bytes are the file's when the block has ended well, and never in part.

        It takes an earlier one's place. Whoever is given the stream may close it.
        """

    @abstractmethod
    def delete(self, path: str) -> None:
        """Delete a file; one that is gone is well."""

    def settle(self, paths: Iterable[str]) -> None:  # noqa: B027 - of S3 what is written stays
        """Have the names of files on the disk itself; their bytes are there already."""

    def prepare(self, connection: DuckDBPyConnection) -> None:  # noqa: B027 - a folder needs nothing
        """Let a connection read and write here; its extensions are loaded."""

    def reason(self, said: str) -> str | None:  # noqa: ARG002
        """What to do where a driver says such a thing of this storage; None where that is open."""
        return None

    def share(self, mode: int, below: str) -> None:  # noqa: B027 - only folders have modes
        """Open the folders that this user has made here to others.

        Args:
            mode: bits that they are to have, at least.
            below: a folder of a table; besides all in it, those of tables and schemas are opened.
        """


def storage(url: str) -> Storage:
    """The storage at an absolute path or an ``s3://`` URL. Nothing is opened until it is used."""
    if url.startswith("s3://"):
        from catalog.s3 import Bucket

        return Bucket(url)
    return Folder(Path(url))


def settle(place: Path) -> None:
    """Have a file's bytes, or the names in a folder, on the disk itself."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put(file: Path, text: str) -> None:
    """Write a small file anew, whole or not at all."""
    partial = file.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    settle(partial)
    partial.replace(file)


def _about(entry: os.DirEntry[str]) -> os.stat_result | None:
    """What is known of a file; None where it is gone meanwhile."""
    try:
        return entry.stat()
    except FileNotFoundError:
        return None


class Folder(Storage):
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = str(path)

    def make(self, mode: int = 0o777) -> None:
        """Make the folder and those above it."""
        self.path.mkdir(mode, parents=True, exist_ok=True)

    def files(self, below: str = "") -> Iterator[Stored]:
        """Every file below a folder, links to files among them."""
        folders = [below]
        while folders:
            folder = folders.pop()
            # A folder that is not there has none, and what goes meanwhile is not there.
            with suppress(FileNotFoundError), os.scandir(self.path / folder) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}".lstrip("/")
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(path)
                    elif entry.is_file() and (about := _about(entry)):
                        modified = datetime.fromtimestamp(about.st_mtime, UTC)
                        yield Stored(path, about.st_size, modified)

    def size(self, path: str) -> int | None:
        """Bytes of a file."""
        file = self.path / path
        return file.stat().st_size if file.is_file() else None

    def read(self, path: str) -> IO[bytes]:
        """The file, opened."""
        return (self.path / path).open("rb")

    @contextmanager
    def write(self, path: str) -> Iterator[IO[bytes]]:
        """A file beside it, which is renamed in the end."""
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{secrets.token_hex(8)}.partial")  # others may write it too
        try:
            with partial.open("wb") as stream:
                yield stream
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def delete(self, path: str) -> None:
        """Delete a file."""
        (self.path / path).unlink(missing_ok=True)

    def settle(self, paths: Iterable[str]) -> None:
        """Settle the folders that the files are in, and those above."""
        for folder in {above for path in paths for above in PurePosixPath(path).parents}:
            settle(self.path / folder)

    def share(self, mode: int, below: str) -> None:
        """Give the folders of this user these bits, too."""
        above = (f for depth in ("", "/*", "/*/*") for f in self.path.glob(f"tables{depth}"))
        for place in (*map(str, above), *(inner for inner, _, _ in os.walk(self.path / below))):
            about = os.stat(place)  # noqa: PTH116 - a Path for each folder takes twice the time
            if about.st_uid == os.geteuid() and about.st_mode & mode != mode:
                os.chmod(place, about.st_mode | mode)  # noqa: PTH101
