"""A lake on Postgres is asked in the same way, and tells as little."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from catalog.errors import LakeError, QueryRefusedError
from catalog.failure import failure
from catalog.postgres import EmbeddedPostgres
from catalog.session import Session
from catalog.settings import Settings
from tests.catalog.query_help import made_lake

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    home = tmp_path_factory.mktemp("postgres") / "home"
    try:
        with Session(made_lake(home, catalog="embedded")) as session:
            yield session
    finally:
        EmbeddedPostgres(home).remove()


def test_a_query_runs_on_postgres(session: Session) -> None:
    result = session.sql("select count(*), sum(amount)::varchar from bronze.shop_order")
    assert result.fetchall() == [(1000, "625625.00")]
    assert result.snapshot
    assert result.tables == {"bronze.shop_order"}


@pytest.mark.parametrize(
    "sql",
    [
        "from __ducklake_metadata_lake.ducklake_table",
        "from postgres_query('__ducklake_metadata_lake', 'select 1')",
        "from postgres_scan('host=/tmp', 'public', 'ducklake_table')",
        "call postgres_execute('__ducklake_metadata_lake', 'drop table ducklake_table')",
        "from duckdb_databases()",
    ],
)
def test_the_catalogs_database_cannot_be_asked(session: Session, sql: str) -> None:
    with pytest.raises(QueryRefusedError):
        session.sql(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "copy (select 1) to '/tmp/lakehouse-test.csv'",
        "from read_text('/etc/passwd')",
        "insert into bronze.shop_order select * from bronze.shop_order",
        "set enable_external_access = true",
    ],
)
def test_behind_the_guard_the_connection_can_do_no_harm(session: Session, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        session.connection.execute(sql).fetchall()


def test_a_connection_string_is_never_shown() -> None:
    said = (
        "IO Error: Unable to connect to Postgres at host=/run/x user=lakehouse password='s3cret' "
        "dbname=postgres: postgresql://ann:s3cret@db/lake refused"
    )
    shown = failure(duckdb.IOException(said), Settings(home=Path("/h")))
    assert isinstance(shown, LakeError)
    assert "s3cret" not in str(shown)
    assert "/run/x" not in str(shown)


def test_a_server_that_is_gone_is_told_without_its_address_and_found_again(
    session: Session,
) -> None:
    server = EmbeddedPostgres(session.lake.settings.home)
    server.stop()
    try:
        with pytest.raises(LakeError, match="the lake cannot answer") as lost:
            session.sql("select count(*) from bronze.shop_order").fetchall()
    finally:
        server.ensure()
    assert str(server.socket) not in str(lost.value)
    assert session.sql("select count(*) from bronze.shop_order").fetchall() == [(1000,)]
