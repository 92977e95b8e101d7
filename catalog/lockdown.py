"""A connection that can do nothing but read the lake."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from catalog import parse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake

SPILL = 16_000_000_000  # bytes of disk that a connection may take where memory does not suffice


def locked(lake: Lake, at: int | str | None = None) -> DuckDBPyConnection:
    """Attach the lake read only, then take away all else for good.

    What it still reaches, the data files, no query can name: see catalog.guard.
    """
    connection = lake.connect(read_only=True, at=at)
    folders, files = lake.readable_paths
    spill = min(SPILL, shutil.disk_usage(lake.settings.home).free // 2)  # others need some, too
    connection.execute(
        f"""
        set max_temp_directory_size = '{spill}B';
        set allowed_directories = [{", ".join(map(parse.text, folders))}];
        set allowed_paths = [{", ".join(map(parse.text, files))}];
        set enable_external_access = false;
        set lock_configuration = true;
        """
    )
    return connection
