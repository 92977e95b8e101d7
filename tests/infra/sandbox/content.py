"""What a database of the made-up group has, to compare."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def content(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Rows by table, in one order."""
    with closing(sqlite3.connect(file)) as database:
        named = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        return {
            name: sorted(database.execute(f"select * from {name}").fetchall(), key=repr)
            for (name,) in named
        }
