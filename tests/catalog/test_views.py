"""Views and macros that a lake holds reach no further than a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.errors import QueryRefusedError
from catalog.session import Session
from tests.catalog.query_help import made_lake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catalog.lake import Lake

GOOD = {
    "of_a_table": "from bronze.shop_order",
    "in_full": "from lake.bronze.shop_order",
    "of_a_view": "select count(*) from bronze.of_a_table",
    "with_a_with": "with a as (from bronze.shop_order) from a",
}
BAD = {
    "settings": "from duckdb_settings()",
    "databases": "from duckdb_databases()",
    "the_catalogs_tables": "from __ducklake_metadata_lake.ducklake_data_file",
    "the_catalogs_file": "from read_blob('{home}/catalog.sqlite')",
    "the_lakes_files": "from glob('{home}/data/tables/**')",
    "a_setting": "select current_setting('temp_directory')",
    "beyond": "from bronze.settings",
    "Farther": "from bronze.of_a_table, bronze.beyond",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = made_lake(tmp_path_factory.mktemp("views") / "home")
    with lake.connect() as writer:
        for name, body in (GOOD | BAD).items():
            said = body.format(home=lake.settings.home)
            writer.execute(f"create view bronze.{name} as {said}")
    return lake


@pytest.fixture(scope="module")
def session(lake: Lake) -> Iterator[Session]:
    with Session(lake) as session:
        yield session


@pytest.mark.slow
@pytest.mark.parametrize("view", GOOD)
def test_a_view_that_could_be_a_query_is_read(session: Session, view: str) -> None:
    assert session.sql(f"from bronze.{view}").fetchall()


@pytest.mark.parametrize("view", BAD)
def test_a_view_that_reaches_further_is_refused(session: Session, view: str) -> None:
    said = r"^the view bronze\.\w+ cannot be read: .+ (not allowed|none of the lake's tables)"
    with pytest.raises(QueryRefusedError, match=said):
        session.sql(f"select count(*) from bronze.shop_order, BRONZE.{view}")


def test_a_view_is_known_as_soon_as_it_is_made(lake: Lake, session: Session) -> None:
    assert session.sql("from bronze.shop_order").fetchall()
    with lake.connect() as writer:
        writer.execute("create view bronze.late as from duckdb_settings()")
    with pytest.raises(QueryRefusedError, match=r"the view bronze\.late cannot be read"):
        session.sql("from bronze.late")


HOSTILE = "from duckdb_settings()"
PAST = [
    "from bronze.gone at (version => {at})",
    "from lake.Bronze.GONE at (version => {at})",
    "from (from bronze.gone at (timestamp => timestamptz '{time}'))",
    "from bronze.gone at (version => ({at} + 0))",
    "from bronze.changed at (version => {at})",
    "from bronze.above at (version => {at})",
    "from bronze.pinned",
    "with a as (from bronze.pinned) from bronze.shop_order, a",
]


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, int, str]:
    """A lake without hostile views, and when it had some."""
    lake = made_lake(tmp_path_factory.mktemp("mended") / "home")
    with lake.connect() as writer:
        for view in ("gone", "changed"):
            writer.execute(f"create view bronze.{view} as {HOSTILE}")
        writer.execute("create view bronze.above as from bronze.changed")
        newest = "select snapshot_id, snapshot_time::varchar from lake.snapshots() order by 1 desc"
        at, moment = writer.execute(newest).fetchall()[0]
        writer.execute("drop view bronze.gone")
        writer.execute("create or replace view bronze.changed as from bronze.shop_order")
        writer.execute(f"create view bronze.pinned as from bronze.gone at (version => {at})")
    return lake, at, moment


@pytest.mark.slow
@pytest.mark.parametrize("sql", PAST)
def test_a_hostile_view_is_not_reached_by_time_travel(
    mended: tuple[Lake, int, str], sql: str
) -> None:
    lake, at, moment = mended
    query = sql.format(at=at, time=moment)
    with lake.connect() as trusting:
        assert "TimeZone" in str(trusting.execute(query).fetchall())
    for connected_at in (None, at, moment, at + 1, 1):
        if "pinned" in sql and connected_at:
            continue
        refused = pytest.raises(QueryRefusedError, match=r"cannot be read: the table .+ not allow")
        with Session(lake, at=connected_at) as session, refused:
            session.sql(query)
    for when in (at, moment):
        with Session(lake, at=when) as session:
            for view in ("gone", "changed", "above"):
                with pytest.raises(QueryRefusedError, match="cannot be read"):
                    session.sql(f"from bronze.{view}")


def test_what_was_mended_is_read_as_it_is_now(mended: tuple[Lake, int, str]) -> None:
    with Session(mended[0]) as session:
        for view in ("changed", "above"):
            assert session.sql(f"select count(*) from bronze.{view}").fetchall() == [(1000,)]


def test_a_session_of_an_older_snapshot_knows_what_was_made_since(tmp_path: Path) -> None:
    lake = made_lake(tmp_path / "home")
    query = "from bronze.late at (version => {})"
    with lake.connect() as writer:
        [(at,)] = writer.execute("select max(snapshot_id) from lake.snapshots()").fetchall()
        with Session(lake, at=at) as session:
            with pytest.raises(QueryRefusedError, match="does not exist"):
                session.sql(query.format(at))
            writer.execute(f"create view bronze.late as {HOSTILE}")
            with pytest.raises(QueryRefusedError, match=r"bronze\.late as it was cannot be read"):
                session.sql(query.format(at + 1))


def test_a_view_that_was_always_good_is_read_at_any_snapshot(tmp_path: Path) -> None:
    lake = made_lake(tmp_path / "home")
    with lake.connect() as writer:
        writer.execute("create view bronze.counted as select count(*) as n from bronze.shop_order")
        [(at,)] = writer.execute("select max(snapshot_id) from lake.snapshots()").fetchall()
        writer.execute("insert into bronze.shop_order from bronze.shop_order")
    with Session(lake) as session:
        for past, rows in ((at, 1000), (at + 1, 2000)):
            sql = f"from bronze.counted at (version => {past})"
            assert session.sql(sql).fetchall() == [(rows,)]


@pytest.mark.parametrize(
    ("macro", "query"),
    [
        (
            "upper(x) as (select max(path) from __ducklake_metadata_lake.ducklake_data_file)",
            "upper",
        ),
        ("range(x) as table from duckdb_settings()", "range"),
    ],
    ids=["of a value", "of a table"],
)
def test_a_macro_does_not_stand_in_for_a_function(tmp_path: Path, macro: str, query: str) -> None:
    lake = made_lake(tmp_path / "home")
    with lake.connect() as writer:
        writer.execute(f"create macro lake.main.{macro}")
    with Session(lake) as session:
        for sql in ("select 1", "select count(*) from bronze.shop_order"):
            with pytest.raises(QueryRefusedError, match=f"the lake's macro {query} hides a func"):
                session.sql(sql)


def test_a_macro_of_another_name_is_refused_by_its_name(tmp_path: Path) -> None:
    lake = made_lake(tmp_path / "home")
    with lake.connect() as writer:
        writer.execute("create macro lake.main.mine() as table from duckdb_settings()")
    with Session(lake) as session:
        with pytest.raises(QueryRefusedError, match="the table function mine is not allowed"):
            session.sql("from mine()")
        assert session.sql("select 1").fetchall() == [(1,)]
