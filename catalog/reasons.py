"""What drivers and disks say, as one line with place and remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog import home
from catalog.errors import catalog_gone, plain
from catalog.home import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.storage import Storage

FULL = "make room on that disk and run it again"
CLOSED = "that needs permission to write there, and where SQLite is the catalog even reading does"
REMEDIES = {
    "no space left": FULL,
    "disk is full": FULL,
    "disk i/o error": FULL,  # of SQLite, which cannot make its memory of who reads
    "quota exceeded": FULL,
    "file too large": FULL,
    "permission denied": CLOSED,
    "readonly database": CLOSED,
    "read-only file system": CLOSED,
    "unable to open database file": CLOSED,
}


@dataclass(frozen=True, slots=True)
class Reasons:
    """Of one lake.

    Attributes:
        home: its folder.
        catalog: ``sqlite``, ``embedded`` or a URL, whose password is told to nobody.
        sqlite: the catalog's file, where it is one.
        data: where its files are.
    """

    home: Path
    catalog: str
    sqlite: Path
    data: Storage

    def of(self, error: Exception) -> str:
        """What a driver says; where a disk or a permission is the reason, with place and remedy."""
        if told := catalog_gone(error, self.sqlite):
            return told
        said = plain(error, self.catalog)
        of_files = any(words in str(error) for words in ("IO Error", "HTTP Error"))
        if of_files and (told := self.data.reason(str(error))):
            return f"{self.data.url}: {told}"
        for words, remedy in REMEDIES.items():
            if words in said.lower():
                on_sqlite = self.catalog == "sqlite"
                place = self.sqlite if on_sqlite else "the catalog's Postgres"
                named = said if '"/' in said else f"{place}: {said}"
                return f"{named}; {remedy}"
        return said

    def of_opening(self, error: Exception, at: Any) -> str:
        """Why a lake cannot be opened.

        Args:
            error: of the driver.
            at: the snapshot or time that was asked for.
        """
        if at is not None and "snapshot" in str(error).lower():
            return f"there is no snapshot {at}; `lakehouse snapshots` lists them"
        if at is not None and "Failed to cast" in str(error):
            return f"{str(at)!r} is neither a snapshot's number nor a time such as 2026-03-01 12:00"
        if found := re.search(r"catalog version is (\S+), but", str(error)):
            return (
                f"{self.home}: the lake is of format {found[1]}, this software of {FORMAT}; use "
                "software of that format"
            )
        if "requested an encrypted database" in str(error):
            return f"{self.home}: {home.UNENCRYPTED}"
        return f"{self.home}: the lake cannot be opened: {self.of(error)}"
