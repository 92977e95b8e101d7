"""From the paths that a person gives to the inputs they mean: files and members of zips."""

from __future__ import annotations

import glob
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from data_contracts.contract import Format

SUFFIXES: dict[str, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt", ".psv", ".dat"),
    "excel": (".xlsx", ".xlsm"),
    "parquet": (".parquet", ".pq"),
    "json": (".json",),
    "ndjson": (".ndjson", ".jsonl", ".json", ".txt"),
}


@dataclass(frozen=True, slots=True)
class Input:
    """One file, or one member of a zip."""

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        """Whole path, with forward slashes; ``path!member`` in a zip."""
        path = self.path.as_posix()
        return f"{path}!{self.member}" if self.member else path

    @property
    def is_gzip(self) -> bool:
        """Whether the bytes are packed by gzip."""
        return (self.member or self.path.name).lower().endswith(".gz")


@dataclass(frozen=True, slots=True)
class Found:
    """What paths mean: inputs, files left out, and files that cannot be read with the reason."""

    inputs: list[Input]
    ignored: list[Path]
    failed: list[tuple[Path, str]]


def discover(paths: Sequence[str], format_: Format) -> Found:
    """Find the inputs of a contract's format.

    A folder is searched with the folders in it; other files there are left out, and told. A file
    that is named is always an input, whatever its name.

    Raises:
        InputError: a path does not exist, or a pattern matches nothing.
    """
    found, seen = Found([], [], []), set()
    for given in paths:
        for path, named in _files(given):
            if path in seen:
                continue
            seen.add(path)
            if path.name.lower().endswith(".zip"):
                _members(path, format_, found)
            elif named or _fits(path.name, format_):
                found.inputs.append(Input(path))
            else:
                found.ignored.append(path)
    return found


def _files(given: str) -> Iterator[tuple[Path, bool]]:
    path = Path(os.path.abspath(Path(given).expanduser()))  # noqa: PTH100 - links stay as given
    if path.is_dir():
        yield from ((file, False) for file in _walk(path))
    elif path.exists() or path.is_symlink():
        yield path, True
    elif glob.has_magic(given):
        matched = sorted(glob.glob(str(path), recursive=True))
        if not matched:
            raise InputError(f"{given}: no file matches")
        for one in matched:
            if Path(one).is_dir():
                yield from ((file, False) for file in _walk(Path(one)))
            else:
                yield Path(one), True
    else:
        raise InputError(f"{given}: there is no such file or folder")


def _walk(folder: Path) -> Iterator[Path]:
    """Files below a folder in order; hidden ones and editors' own are not data."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith((".", "~$")):
                yield Path(parent) / name


def _members(path: Path, format_: Format, found: Found) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except (OSError, zipfile.BadZipFile) as error:
        found.failed.append((path, f"is no readable zip: {error}"))
        return
    fitting = [name for name in names if _fits(Path(name).name, format_)]
    if not fitting:
        found.failed.append((path, f"the zip has no {format_} file; it has {', '.join(names[:5]) or 'none'}"))
    found.inputs.extend(Input(path, name) for name in fitting)


def _fits(name: str, format_: Format) -> bool:
    bare = name.lower().removesuffix(".gz")
    return bare.endswith(SUFFIXES[format_]) and not name.startswith((".", "~$"))
