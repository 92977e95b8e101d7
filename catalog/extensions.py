"""DuckDB's extensions, loaded from the packages that the lock file names; nothing is downloaded."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from catalog.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection


@cache
def file_of(name: str) -> Path:
    """The file of an extension for this DuckDB.

    Raises:
        LakeError: its package is not installed, or is of another version.
    """
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    version = f"v{duckdb.__version__}"
    if spec and spec.submodule_search_locations:
        folder = Path(spec.submodule_search_locations[0]) / "extensions" / version
        file = folder / f"{name}.duckdb_extension"
        if file.exists():
            return file
    package = f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}"
    raise LakeError(f"DuckDB's extension {name} is missing; install {package} (`make setup`)")


def connect(names: Sequence[str], config: Mapping[str, str]) -> DuckDBPyConnection:
    """A connection to a database of its own in memory, in which extensions are loaded.

    DuckDB is spared to check their signatures, 0.09 s each: their packages are held to the hashes
    of the lock file when they are installed, as this file is. From then on it takes signed ones.
    """
    connection = duckdb.connect(config={**config, "allow_unsigned_extensions": "true"})
    for name in names:
        connection.execute(f"load '{file_of(name)}'")
    connection.execute("set allow_unsigned_extensions = false")
    return connection
