"""DuckDB's extensions, loaded from the packages that the lock file names; nothing is downloaded."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from catalog.errors import LakeError

if TYPE_CHECKING:
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


def load(connection: DuckDBPyConnection, *names: str) -> None:
    """Load extensions into a connection."""
    for name in names:
        connection.execute(f"load '{file_of(name)}'")
