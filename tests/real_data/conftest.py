"""The folder of real files; the tests are skipped, saying so, where it is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

BESIDE = Path(__file__).parents[3] / "shared" / "data"  # of the checkout


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that LAKEHOUSE_REAL_DATA names, else ../shared/data beside the checkout."""
    folder = Path(os.environ.get("LAKEHOUSE_REAL_DATA") or BESIDE)
    if not folder.is_dir():
        pytest.skip(f"no real files: {folder} is missing; LAKEHOUSE_REAL_DATA names their folder")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _quick_extensions() -> Iterator[None]:
    """Load DuckDB's extensions without hashing them for every connection, a third of the time."""
    connect = duckdb.connect

    def connected(
        database: str = ":memory:", read_only: bool = False, config: dict[str, str] | None = None
    ) -> DuckDBPyConnection:
        options: dict[str, str | bool | int | float | list[str]] = {**(config or {})}
        return connect(database, read_only, options | {"allow_unsigned_extensions": "true"})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", connected)
        yield
