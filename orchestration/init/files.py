"""The files of a source: on disk, in gzip, and as members of a zip."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from orchestration.connectors.files.discover import SUFFIXES, UNREAD
from orchestration.init.errors import InitError

if TYPE_CHECKING:
    from collections.abc import Iterator

KNOWN = frozenset(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
REMEDIES = {
    **UNREAD,
    ".db": "it is a database, not a file of rows",
    ".sqlite": "it is a database, not a file of rows",
}
BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError)
Stream = IO[bytes] | gzip.GzipFile


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of rows, a member of a zip where `member` says so.

    Attributes:
        url: that the file was fetched by, as it may be shown.
    """

    path: Path
    member: str | None = None
    url: str | None = None

    @property
    def name(self) -> str:
        """The name that the loader gives it: the posix path or URL, `path!member` in a zip."""
        return (self.url or self.path.as_posix()) + (f"!{self.member}" if self.member else "")

    @property
    def inner(self) -> PurePosixPath:
        """The name of what is inside, without folders of the zip's own and without .gz."""
        inner = PurePosixPath(self.member or self.path.name)
        return inner.with_suffix("") if inner.suffix.lower() == ".gz" else inner

    @property
    def suffix(self) -> str:
        """The suffix that tells the format, in lower case."""
        return self.inner.suffix.lower()

    @property
    def folder(self) -> Path:
        """The folder that it is in; of a zip's member, the folder inside too."""
        return self.path.parent / PurePosixPath(self.member or "").parent

    @contextmanager
    def open(self) -> Iterator[Stream]:
        """Its bytes, unpacked as they are read.

        Raises:
            InitError: it cannot be opened, or breaks off while it is read.
        """
        try:
            with self._packed() as packed:
                is_gzip = PurePosixPath(self.member or self.path.name).suffix.lower() == ".gz"
                yield gzip.GzipFile(fileobj=packed) if is_gzip else packed
        except BROKEN as error:
            reason = getattr(error, "strerror", None) or str(error).rstrip(".") or "it breaks off"
            raise InitError(f"{self.name}: cannot be read: {reason}") from error

    @contextmanager
    def _packed(self) -> Iterator[Stream]:
        if self.member is None:
            with self.path.open("rb") as file:
                yield file
            return
        with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as member:
            yield member


def find(source: Path) -> tuple[list[SourceFile], list[str]]:
    """The readable files of a file or folder, in order, and a line on each that is left out.

    Raises:
        InitError: there is no such file or folder.
    """
    if source.is_file():
        return unpacked(source, asked_for=True)
    if not source.is_dir():
        raise InitError(f"{source}: there is no such file or folder; check the path")
    files: list[SourceFile] = []
    skipped: list[str] = []
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        parts = path.relative_to(source).parts
        if any(part.startswith(".") for part in parts) or path.name.startswith("~$"):
            continue
        found, left = unpacked(path, asked_for=False)
        files += found
        skipped += left
    return files, skipped


def unpacked(
    path: Path, *, asked_for: bool, url: str | None = None
) -> tuple[list[SourceFile], list[str]]:
    """The readable files of a file that is there: itself, or the members of a zip.

    Args:
        path: of the file.
        asked_for: whether a person named it, and not only its folder.
        url: that it was fetched by, as it may be shown.
    """
    if path.suffix.lower() != ".zip":
        return sorted_out([SourceFile(path, url=url)], asked_for=asked_for)
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
    except BROKEN as error:
        return [], [f"{url or path}: is no readable zip: {error}"]
    named = [name for name in names if not re.match(r"(.*/)?(\.|~\$)", name)]
    members = [SourceFile(path, name, url) for name in named]
    return sorted_out(members, asked_for=False)


def sorted_out(found: list[SourceFile], *, asked_for: bool) -> tuple[list[SourceFile], list[str]]:
    """The files that are read, by their names, and a line on each that is not."""
    files, skipped = [], []
    for file in found:
        if file.suffix in REMEDIES:
            skipped.append(f"{file.name}: {file.suffix} is not read; {REMEDIES[file.suffix]}")
        elif file.suffix in KNOWN or asked_for:
            files.append(file)
        else:
            what = f"{file.suffix} is" if file.suffix else "files without a suffix are"
            skipped.append(f"{file.name}: {what} not read; give CSV, JSON, Excel or Parquet")
    return files, skipped
