"""A database that goes away, or has something that cannot be read."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.open import open_source
from orchestration.contracts_of import contracts_of
from orchestration.errors import UnreachableError
from orchestration.sync import sync
from tests.lake_help import on_postgres, on_sqlite
from tests.orchestration.databases.source_help import Source, drafted, sums, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse, Server

pytest_plugins = ("tests.lake_help", "tests.orchestration.databases.source_help")
pytestmark = pytest.mark.slow
TABLES = (
    "create table a (id integer primary key, x integer)", "insert into a values (1, 1)",
    "create table b (id integer primary key, x integer)", "insert into b values (1, 1)",
)  # fmt: skip


@on_sqlite
@pytest.mark.parametrize("source", ["postgres"], indirect=True)
def test_a_database_that_goes_away_is_one_line_and_the_next_sync_is_exact(
    lakehouse: Lakehouse, source: Source, server: Server, tmp_path: Path
) -> None:
    source.execute(*TABLES)
    folder = drafted(source, tmp_path / "c")
    address = address_of(source.url)
    lake, contracts = lakehouse.lake, contracts_of(folder, address.domain)
    with lake.connect() as connection, closing(open_source(address, connection)) as connector:
        name = address.database
        server.execute(
            f"alter database {name} allow_connections false",
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        )
        with pytest.raises(UnreachableError, match="cannot be reached") as told:
            sync(lake, connector, contracts, Asked(), connection=connection)
        assert "\n" not in str(told.value)
    server.execute(f"alter database {name} allow_connections true")
    assert sums(synced(lakehouse, source, folder)) == (2, 2, 0, 0, 0)


@on_postgres
@pytest.mark.parametrize("source", ["postgres"], indirect=True)
def test_a_source_on_postgres_goes_into_a_lake_whose_catalog_is_on_postgres_too(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(*TABLES)
    folder = drafted(source, tmp_path / "c")
    assert sums(synced(lakehouse, source, folder)) == (2, 2, 0, 0, 0)
    source.execute("update a set x = 2", "delete from b")
    assert sums(synced(lakehouse, source, folder, accept=True)) == (1, 1, 0, 0, 1)
