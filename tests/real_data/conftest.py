"""What the tests on real files share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection


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
