"""A catalog attached to a connection of DuckDB, over a lake's data."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import duckdb

from catalog import extensions
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from catalog.settings import Settings
    from catalog.storage import Storage

ENCRYPTING = ("httpfs",)  # has the only cryptography that DuckDB writes by
_numbers = count()  # of folders to spill to: DuckDBs that share one overwrite each other and crash


def attached(
    place: str,
    options: Iterable[str],
    settings: Settings,
    data: Storage,
    *,
    encrypted: bool,
    also: Iterable[str] = (),
) -> DuckDBPyConnection:
    """A connection on which a catalog is attached as `lake` and in use, its time zone UTC.

    Args:
        place: ``sqlite:PATH`` or ``postgres:URL``.
        options: of DuckLake's attach.
        settings: what the connection may use.
        data: where the files are.
        encrypted: whether they are.
        also: extensions of DuckDB beside those that it takes.

    Raises:
        duckdb.Error: it cannot be attached.
    """
    on_sqlite = place.startswith("sqlite:")
    connection = extensions.connect(
        (
            "ducklake",
            "sqlite_scanner" if on_sqlite else "postgres_scanner",
            *dict.fromkeys((*data.extensions, *(ENCRYPTING if encrypted else ()), *also)),
        ),
        {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": settings.memory,
            "threads": str(settings.threads),
            "temp_file_encryption": str(encrypted).lower(),
            "temp_directory": str(settings.home / f"spill-{os.getpid()}-{next(_numbers)}"),
        },
    )
    connection.execute("set timezone = 'UTC'; set enable_progress_bar = false")
    data.prepare(connection)
    said = [f"data_path {literal(data.at('tables'))}", "override_data_path true", *options]
    if on_sqlite:
        said.append("meta_journal_mode 'WAL'")
    try:
        # In one transaction, since each looks for the newest snapshot: on SQLite a scan of them
        # all, which with 10,000 took 12 ms of 36.
        connection.execute(
            f"begin; attach {literal(f'ducklake:{place}')} as lake ({', '.join(said)}); "
            "use lake; commit"
        )
    except duckdb.Error:
        connection.close()
        raise
    return connection
