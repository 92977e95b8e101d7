"""What the paths of files say: a date in their names, and partition folders (year=2018)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from orchestration.init import names
from orchestration.init.property import Property, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PARTITION = re.compile(r"(?:^|/)([A-Za-z_]\w*)=[^/=]+(?=/)")
DATES = (  # group, Java pattern, the same for strptime; a pattern that ISO needs not is None
    (r"(?<![0-9])(?P<file_date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9])", None, "%Y-%m-%d"),
    (r"(?<![0-9])(?P<file_date>[0-9]{8})(?![0-9])", "yyyyMMdd", "%Y%m%d"),
    (r"(?<![0-9])(?P<file_date>[0-9]{4}_[0-9]{2}_[0-9]{2})(?![0-9])", "yyyy_MM_dd", "%Y_%m_%d"),
)
YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Groups:
    """A pattern over the path, and the properties that its groups fill."""

    path: str | None = None
    properties: tuple[Property, ...] = ()
    tells_apart: bool = False  # no two of the files have the same date

    @property
    def key(self) -> list[str]:
        """The groups that name a delivery: files of the same content are several of them then."""
        return [item.name for item in self.properties] if self.tells_apart else []


def groups_of(paths: Sequence[str], taken: Iterable[str], *, dated: bool) -> Groups:
    """What every one of the paths says.

    Args:
        paths: as the loader names them, `path!member` in a zip.
        taken: names of the columns that there are already.
        dated: whether the rows hold a date or time, so that the file's needs not be one.
    """
    known = set(taken)
    found = _partitions(paths, known)
    if found is None and not dated and "file_date" not in known:
        found = _dates(paths)
    return found or Groups()


def _partitions(paths: Sequence[str], known: set[str]) -> Groups | None:
    each = [set(PARTITION.findall(path)) for path in paths]
    keys = [key for key in PARTITION.findall(paths[0]) if all(key in found for found in each)]
    named = {key: names.identifier(key, "part") for key in keys}
    parts = {key: name for key, name in named.items() if name not in known}
    if not parts:
        return None
    pattern = ".*".join(f"(?:^|/){key}=(?P<{name}>[^/]+)" for key, name in parts.items())
    type_ = Type(remarks=("from the folder's name",))
    return Groups(pattern, tuple(_property(name, type_) for name in parts.values()))


def _dates(paths: Sequence[str]) -> Groups | None:
    for expression, java, form in DATES:
        # Of the file's own name only: a folder above may carry another date.
        whole = f"{expression}[^/]*$"
        if all(_is_date(re.search(whole, path), form) for path in paths):
            type_ = Type("date", format=java, remarks=("from the file's name",))
            # Of partitions it would not be a key: those get more files.
            days = {match[1] for path in paths if (match := re.search(whole, path))}
            return Groups(whole, (_property("file_date", type_),), len(days) == len(paths))
    return None


def _property(name: str, type_: Type) -> Property:
    return Property(name, f"{{{name}}}", type_, 1.0)


def _is_date(found: re.Match[str] | None, form: str) -> bool:
    if found is None:
        return False
    try:
        return datetime.strptime(found["file_date"], form).year in YEARS
    except ValueError:
        return False
