"""From the paths that a person gives to the inputs they mean: files and members of zips."""

from __future__ import annotations

import glob
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from catalog.errors import printable
from orchestration.connectors.files.folders import HIDDEN, files_below
from orchestration.connectors.files.remote import Remote, is_remote, remotes
from orchestration.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from data_contracts.contract import Format

SUFFIXES: dict[str, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt", ".psv", ".dat"),
    "excel": (".xlsx", ".xlsm"),
    "parquet": (".parquet", ".pq"),
    "json": (".json",),
    "ndjson": (".ndjson", ".jsonl", ".json", ".txt"),
}
UNREAD = {  # workbooks that no reader of ours keeps every cell of
    ".xls": "save it as .xlsx",
    ".xlsb": "save it as .xlsx",
    ".ods": "save it as .xlsx or .csv",
}


@dataclass(frozen=True, slots=True)
class Input:
    """One file, or one member of a zip.

    Attributes:
        url: that the file was fetched by, as it may be shown.
        kept: opens the lake's own copy of its unpacked bytes, which is read in its place.
    """

    path: Path
    member: str | None = None
    url: str | None = None
    kept: Callable[[], AbstractContextManager[IO[bytes]]] | None = None

    @property
    def name(self) -> str:
        """Whole path, with forward slashes, or URL; ``path!member`` in a zip."""
        path = self.url or os.fsencode(self.path).decode("utf-8", "backslashreplace")
        return f"{path}!{self.member}" if self.member else path

    @property
    def is_plain(self) -> bool:
        """Whether every library can read the file where it lies: not packed, its path UTF-8."""
        is_packed = self.member is not None or self.is_gzip or self.kept is not None
        return not is_packed and (self.url is not None or self.name == str(self.path))

    @property
    def is_gzip(self) -> bool:
        """Whether the bytes are packed by gzip."""
        return (self.member or self.path.name).lower().endswith(".gz")


@dataclass(frozen=True, slots=True)
class Found:
    """What paths mean: inputs, files left out, and files that cannot be read with the reason.

    Attributes:
        remotes: files that are fetched one after the other, when it is their turn.
    """

    inputs: list[Input] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)
    failed: list[tuple[Path, str]] = field(default_factory=list)
    remotes: list[Remote] = field(default_factory=list)


def discover(paths: Sequence[str], format_: Format) -> Found:
    """Find the inputs of a contract's format.

    A folder is searched with the folders in it; other files there, and in zips, are left out, and
    told. A file that is named is always an input, whatever its name.

    Raises:
        InputError: a path or a folder of S3 does not exist, or a pattern matches nothing.
    """
    if format_ == "table":
        raise InputError("the contract is of a database's table; lakehouse sync URL reads it")
    found = Found()
    named: dict[Path, bool] = {}
    for given in paths:
        if is_remote(given):
            for remote in remotes(given):
                if remote.is_named or _fits(remote.file_name, format_) or _is_zip(remote.file_name):
                    found.remotes.append(remote)
                else:
                    found.ignored.append(Path(remote.name))
            continue
        for path in _meant(given):
            if path.is_dir():
                for file in files_below(path, found.failed):
                    named.setdefault(file, False)
            else:
                named[path] = True
    for path, is_named in named.items():
        _look(path, format_, found, is_named=is_named)
    return found


def fetched(path: Path, url: str, format_: Format) -> Found:
    """What a file means that was fetched by a URL, as it may be shown."""
    found = Found()
    _look(path, format_, found, is_named=True, url=url)
    return found


def _look(
    path: Path, format_: Format, found: Found, *, is_named: bool, url: str | None = None
) -> None:
    if _is_zip(path.name):
        _members(path, format_, found, url)
    elif format_ == "excel" and (suffix := path.suffix.lower()) in UNREAD:
        found.failed.append((path, f"{suffix} is not read; {UNREAD[suffix]}"))
    elif is_named or _fits(path.name, format_):
        found.inputs.append(Input(path, url=url))
    else:
        found.ignored.append(path)


def _meant(given: str) -> list[Path]:
    """The files and folders of a path or pattern; links stay as given."""
    path = Path(given).expanduser()
    try:
        is_there = path.exists() or path.is_symlink()
    except OSError as error:
        said = f"{given}: cannot be looked at: {(error.strerror or '').lower()}"
        raise InputError(said) from error
    if is_there:
        matched = [str(path)]
    elif glob.has_magic(given):
        matched = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - whatever it begins with
    else:
        raise InputError(f"{given}: there is no such file or folder")
    if not matched:
        raise InputError(f"{given}: no file matches")
    return [Path(os.path.abspath(one)) for one in matched]  # noqa: PTH100


def _members(path: Path, format_: Format, found: Found, url: str | None) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile) as error:
        found.failed.append((path, f"is no readable zip: {error}"))
        return
    names = [name for name in names if not Path(name).name.startswith(HIDDEN)]
    fitting = [name for name in names if _fits(name, format_)]
    if not fitting:
        has = printable(", ".join(names[:5])) or "none"
        found.failed.append((path, f"the zip has no {format_} file; it has {has}"))
    elif len(set(fitting)) < len(fitting):
        found.failed.append((path, "the zip has two members of one name; which is meant?"))
    else:
        found.inputs.extend(Input(path, name, url) for name in fitting)
        found.ignored.extend(Path(f"{url or path}!{name}") for name in names if name not in fitting)


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def _fits(name: str, format_: Format) -> bool:
    return name.lower().removesuffix(".gz").endswith(SUFFIXES[format_])
