"""Queries run on a locked connection, on one snapshot, and fail in one plain line."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pyarrow
import pytest

import catalog
from catalog.errors import LakeError, LakeMissingError, QueryRefusedError
from catalog.lake import Lake
from catalog.query import run
from catalog.session import Session
from catalog.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = "tests.catalog.query_help"

SUM = "select count(*), sum(amount) from bronze.shop_order"


def test_one_function_runs_a_query_on_a_lake_or_a_session(lake: Lake, session: Session) -> None:
    expected = [(1000, Decimal("625625.00"))]
    assert run(lake, SUM, identity="ann").fetchall() == expected
    assert run(session, SUM).fetchall() == expected
    with pytest.raises(ValueError, match="a session has its identity"):
        run(session, SUM, at=1)


def test_a_query_reads_the_snapshot_or_the_time_that_is_asked_for(lake: Lake) -> None:
    with lake.connect() as connection:
        snapshots = dict(
            connection.execute("select snapshot_id, snapshot_time from lake.snapshots()").fetchall()
        )
    newest = max(snapshots)
    assert run(lake, SUM).snapshot == newest
    before = run(lake, SUM, at=newest - 1)
    assert (before.fetchall()[0][0], before.snapshot) == (900, newest - 1)
    by_time = run(lake, SUM, at=snapshots[newest - 1].isoformat())
    assert by_time.fetchall()[0][0] == 900
    assert run(lake, "select 1").snapshot is None


@pytest.mark.parametrize("at", [999, "1999-01-01", "yesterday", ""])
def test_a_snapshot_that_does_not_exist_is_named(lake: Lake, at: int | str) -> None:
    with pytest.raises(LakeError, match=rf"there is no snapshot {at}|'{at}' is neither a snapshot"):
        run(lake, SUM, at=at)


def test_a_session_sees_what_is_newest_and_a_result_tells_which_snapshot(tmp_path: Path) -> None:
    lake = Lake(Settings(home=tmp_path, threads=2))
    lake.create()
    with lake.connect() as writer, Session(lake) as session:
        writer.execute("create table bronze.t as select 1 as a")
        result = session.sql("from bronze.t")
        assert result.fetchall() == [(1,)]
        first = result.snapshot
        assert first is not None
        writer.execute("insert into bronze.t values (2)")
        assert result.fetchall() == [(1,), (2,)]
        assert result.snapshot == first + 1


def test_a_result_is_bound_to_its_snapshot_before_its_rows_are_read(tmp_path: Path) -> None:
    lake = Lake(Settings(home=tmp_path, threads=2))
    lake.create()
    with lake.connect() as writer, Session(lake) as session:
        writer.execute("create table bronze.t as select 1 as a")
        result = session.sql("from bronze.t")
        writer.execute("insert into bronze.t values (2)")
        assert result.fetchall() == [(1,)]


def test_where_there_is_no_lake_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LakeMissingError, match="lakehouse ingest"):
        catalog.connect(settings=Settings(home=tmp_path / "none"))


def test_the_environment_says_which_lake_is_meant(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_HOME", str(lake.settings.home))
    session = catalog.connect(at=1)
    with session, pytest.raises(QueryRefusedError, match="shop_order does not exist"):
        session.sql(SUM)
    with pytest.raises(LakeError, match="is closed"):
        session.sql("select 1")


def test_importing_catalog_is_cheap() -> None:
    code = "import sys, catalog; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"duckdb", "pyarrow", "pandas", "polars", "sqlglot"} & set(done.stdout.split())


def test_a_query_needs_neither_pandas_nor_arrow_nor_another_parser(lake: Lake) -> None:
    code = f"""
import sys
from pathlib import Path
import catalog
from catalog.settings import Settings
with catalog.connect(settings=Settings(home=Path({str(lake.settings.home)!r}))) as lake:
    result = lake.sql({SUM!r})
    assert result.fetchall() and list(result.csv()) and list(result.json())
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "pyarrow", "sqlglot", "numpy"} & set(done.stdout.split())


WALLS = {
    "write a file": "copy (select 1) to '{tmp}/x.csv'",
    "read a file": "from read_text('/etc/passwd')",
    "list files": "from glob('/etc/*')",
    "attach": "attach '{tmp}/x.db'",
    "load": "load '{tmp}/x.duckdb_extension'",
    "install": "install httpfs",
    "unlock": "set enable_external_access = true",
    "more memory": "set memory_limit = '1TB'",
    "another time zone": "set timezone = 'Europe/London'",
    "insert": "insert into bronze.shop_order select * from bronze.shop_order",
    "drop": "drop table bronze.shop_order",
    "create": "create table bronze.x (a int)",
    "a variable of Python": "from frame",
}


@pytest.mark.parametrize("sql", WALLS.values(), ids=list(WALLS))
def test_behind_the_guard_the_connection_itself_can_do_no_harm(
    session: Session, tmp_path: Path, sql: str
) -> None:
    frame = pyarrow.table({"a": [1]})
    assert frame.num_rows
    with pytest.raises(duckdb.Error):
        session.connection.execute(sql.format(tmp=tmp_path)).fetchall()
    assert not list(tmp_path.iterdir())


def test_times_are_utc_whatever_the_zone_of_the_machine(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with Session(lake) as session:
        sql = "select min(ordered_at)::varchar, date_trunc('day', min(ordered_at))::varchar"
        [row] = session.sql(f"{sql} from bronze.shop_order").fetchall()
    assert row == ("2026-01-01 01:00:00+00", "2026-01-01 00:00:00+00")


ERRORS = {
    "column": ("select nope from bronze.shop_order", 'Referenced column "nope" not found'),
    "table": ("from bronze.shop_ordr", "shop_ordr does not exist! Did you mean .*shop_order"),
    "types": ("select sum(customer) from bronze.shop_order", "No function matches .*sum"),
    "value": ("select customer::int from bronze.shop_order", "Could not convert string 'customer"),
    "line break": ("select 'a\nb'::int", "Could not convert string 'a b' to INT32"),
    "bell": ("select 'a\a'::int", r"Could not convert string 'a\?' to INT32"),
    "snapshot": ("from bronze.shop_order at (version => 99)", "No snapshot found at version 99"),
    "group by": ("select id, count(*) from bronze.shop_order", 'column "id" must appear'),
}


@pytest.mark.parametrize(("sql", "said"), ERRORS.values(), ids=list(ERRORS))
def test_what_is_wrong_is_said_in_one_plain_line(session: Session, sql: str, said: str) -> None:
    with pytest.raises(QueryRefusedError, match=said) as refused:
        session.sql(sql).fetchall()
    line = str(refused.value)
    assert line.isprintable()
    assert "LINE" not in line
    assert "Error:" not in line
    assert session.sql("select 1").fetchall() == [(1,)]


def test_a_hint_never_names_what_cannot_be_queried(session: Session) -> None:
    for name in ("tables", "duckdb_table", "ducklake_table", "pg_class"):
        with pytest.raises(QueryRefusedError, match="does not exist") as refused:
            session.sql(f"from ops.{name}")
        assert "Did you mean" not in str(refused.value)


def test_a_lost_file_is_named_from_the_lakes_folder_on(tmp_path: Path) -> None:
    lake = Lake(Settings(home=tmp_path / "home", threads=2))
    lake.create()
    with lake.connect() as connection:
        connection.execute("create table bronze.t as select i from range(1000) n(i)")
    for file in lake.settings.home.rglob("*.parquet"):
        file.unlink()
    with pytest.raises(LakeError, match=r"the lake cannot answer: .*tables/bronze/t/") as lost:
        run(lake, "select sum(i) from bronze.t").fetchall()
    assert str(tmp_path) not in str(lost.value)
    assert not isinstance(lost.value, QueryRefusedError)
