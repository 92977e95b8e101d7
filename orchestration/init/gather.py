"""The files of what a person names: those of a path where they lie, those of a URL fetched first.

What is fetched lies as it lies at its source, in folders of the same names: they name datasets.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from catalog.delivery import DeliveryError
from orchestration.connectors.files.remote import is_remote, is_s3, remotes
from orchestration.errors import InputError
from orchestration.init import names
from orchestration.init.errors import InitError
from orchestration.init.files import SourceFile, find, sorted_out, unpacked
from orchestration.init.survey import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orchestration.connectors.files.remote import Remote

FETCHED = 20  # files of one folder, name and suffix: as many as are sampled of one dataset
LONGEST = 100  # characters of a name here

Gathered = tuple[list[SourceFile], list[str]]


@contextmanager
def gathered(source: Path | str, tell: Callable[[str], None]) -> Iterator[Gathered]:
    """The readable files of a file, a folder or a URL, and a line on each that is left out.

    Args:
        source: a path, or a URL of http, https or s3.
        tell: is given a line on what is being fetched.

    Raises:
        InitError: there is no such file or folder, or it cannot be fetched.
    """
    if not is_remote(str(source)):
        yield find(Path(source))
        return
    with tempfile.TemporaryDirectory(prefix="lakehouse-") as folder:
        yield _fetched(str(source), Path(folder), tell)


def _fetched(url: str, folder: Path, tell: Callable[[str], None]) -> Gathered:
    try:
        meant = list(remotes(url))
    except InputError as error:
        raise InitError(str(error)) from error
    files: list[SourceFile] = []
    skipped: list[str] = []
    fitting = [one for one in meant if _is_read(one, skipped)]
    families: dict[tuple[object, ...], list[Remote]] = {}
    for remote in fitting:
        place = _place(remote)
        families.setdefault((place.parent, names.stem(place.name), place.suffix), []).append(remote)
    for family in families.values():
        for remote in spread(family, FETCHED):
            try:
                path = _fetch(remote, folder, tell)
            except DeliveryError as error:
                skipped.append(f"{remote.name}: {error}")
                continue
            found, left = unpacked(path, asked_for=remote.is_named, url=remote.name)
            files += found
            skipped += left
        if (more := len(family) - FETCHED) > 0:
            skipped.append(f"{more:,} files that are named like {family[0].name}")
    return files, skipped


def _is_read(remote: Remote, skipped: list[str]) -> bool:
    """Whether a file is worth fetching, by its name."""
    if remote.file_name.lower().endswith(".zip"):
        return True
    file = SourceFile(Path(remote.file_name), url=remote.name)
    found, left = sorted_out([file], asked_for=remote.is_named)
    skipped += left
    return bool(found)


def _fetch(remote: Remote, folder: Path, tell: Callable[[str], None]) -> Path:
    come = 0

    def told(size: int) -> None:
        nonlocal come
        come += size
        tell(f"fetching {remote.name}: {come / 1e6:,.1f} MB")

    tell(f"fetching {remote.name}")
    path = remote.fetch(folder / "coming", told)
    place = folder / _place(remote)
    place.parent.mkdir(parents=True, exist_ok=True)
    path.rename(place)
    path.parent.rmdir()
    return place


def _place(remote: Remote) -> PurePosixPath:
    """Where a file lies: host or bucket, folders, name; none of it leads out of the folder."""
    if is_s3(remote.url):
        host, path = "", remote.url[5:]
    else:
        parts = urlsplit(remote.url)
        host, path = parts.hostname or "", unquote(parts.path)
    folders = [part for part in (host, *path.split("/")[:-1]) if part not in ("", ".", "..")]
    cut = ["".join(c if c.isprintable() else "?" for c in part)[-LONGEST:] for part in folders]
    # Where they name nothing the dataset is called so, and not like the folder above.
    return PurePosixPath("data", "data", *cut, remote.file_name)
