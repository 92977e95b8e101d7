"""The lake: made once, opened wherever it is moved to, read as it was, never with a password told."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb
import psycopg
import pytest

from catalog import extensions
from catalog.errors import LakeError, LakeMissingError
from catalog.lake import Lake
from catalog.settings import Settings
from tests.lake_help import REPOSITORY, Lakehouse, contract, on_postgres, on_sqlite, orders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Server

pytest_plugins = "tests.lake_help"

ODD_NAMES = ("my lake", "Anna's", 'a "b"', "50%#1?x=y;z", "Größe", "line\nbreak")
CREATE = """
import sys
from catalog.lake import Lake
from catalog.settings import load
sys.stdin.readline()
Lake(load()).create()
"""


def environment(settings: Settings) -> dict[str, str]:
    return {"LAKEHOUSE_HOME": str(settings.home), "LAKEHOUSE_CATALOG": settings.catalog or "sqlite"}


def test_two_processes_at_once_make_one_lake(fresh_settings: Settings) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE], cwd=REPOSITORY, env=environment(fresh_settings),
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in processes:
        process.stdin.write("go\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
    assert [process.communicate(timeout=60)[1] for process in processes] == ["", ""]
    with Lake(fresh_settings).connect() as connection:
        assert connection.execute("from lake.ops.run").fetchall() == []
        snapshots = connection.execute("select count(*) from lake.snapshots()").fetchone()
    assert snapshots == (2,)  # the empty lake, and its tables


def test_making_a_lake_that_is_there_changes_nothing(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3))
    before = (lakehouse.state(), lakehouse.snapshots())
    lakehouse.lake.create()
    (lakehouse.settings.home / "lake.json").unlink()  # as if killed before it was written
    lakehouse.lake.create()
    assert (lakehouse.state(), lakehouse.snapshots()) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD_NAMES)
@on_sqlite
def test_a_home_may_have_any_name(tmp_path: Path, name: str, catalog: str) -> None:
    lake = Lake(Settings(home=tmp_path / name, threads=2))
    lake.create()
    with lake.connect() as connection:
        connection.execute("create table bronze.t as select range as a from range(100)")
    with lake.connect(read_only=True) as connection:
        assert connection.execute("select count(*) from bronze.t").fetchone() == (100,)


def test_a_home_that_is_moved_still_opens(lakehouse: Lakehouse) -> None:
    file = orders(lakehouse.folder / "a.csv", 30)
    lakehouse.load(contract(), file)
    before = lakehouse.state()
    lakehouse.close()
    moved = lakehouse.settings.home.rename(lakehouse.settings.home.with_name("moved 'home'"))
    lakehouse.settings = replace(lakehouse.settings, home=moved)
    assert lakehouse.state() == before
    report = lakehouse.load(contract(), file, orders(lakehouse.folder / "b.csv", 30, first=100))
    assert [o.status for o in report.outcomes] == ["already_loaded", "loaded"]
    assert len(lakehouse.ids()) == 60


def test_the_data_may_be_in_a_folder_of_its_own(fresh_settings: Settings, tmp_path: Path) -> None:
    settings = replace(fresh_settings, data=tmp_path / "other disk" / "data")
    lakehouse = Lakehouse(settings, tmp_path / "files")
    lakehouse.lake.create()
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30))
    assert len(lakehouse.ids()) == 30
    assert list(lakehouse.data.rglob("*.parquet"))
    assert not list(lakehouse.settings.home.rglob("*.parquet"))
    lakehouse.settings = replace(settings, data=None)  # the home remembers
    assert lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30)).ok
    lakehouse.close()
    with pytest.raises(LakeError, match=r"asks for .*elsewhere; take the setting off"):
        Lake(replace(settings, data=tmp_path / "elsewhere"))


def test_another_catalog_than_the_homes_is_refused_in_one_line(lake_settings: Settings) -> None:
    others = {"sqlite": "sqlite", "embedded": "embedded", "postgres": "postgresql://u:hunter2@h/d"}
    del others["postgres" if lake_settings.catalog else "sqlite"]
    for kind, asked in others.items():
        with pytest.raises(
            LakeError, match=rf"^[^\n]+ asks for {kind}; take the setting off$"
        ) as refused:
            Lake(replace(lake_settings, catalog=asked))
        assert "hunter2" not in str(refused.value)


@on_postgres
def test_a_postgres_of_ones_own_needs_its_url(lake_settings: Settings) -> None:
    with pytest.raises(LakeError, match="give LAKEHOUSE_CATALOG its URL"):
        Lake(replace(lake_settings, catalog=None))


@on_sqlite
def test_no_lake_is_told_and_not_made(fresh_settings: Settings) -> None:
    with pytest.raises(
        LakeMissingError, match=r"there is no lake in .*lakehouse ingest CONTRACT PATH"
    ):
        Lake(fresh_settings).connect()
    assert not fresh_settings.home.exists()


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ('{"format": "2.0", "catalog": "sqlite"}', "is of format 2.0, this software of 1.0"),
        ('{"format": "1.0"}', "cannot be read"),
        ("[]", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_newer_or_spoiled_lake_is_refused(tmp_path: Path, marker: str, told: str) -> None:
    (tmp_path / "lake.json").write_text(marker)
    with pytest.raises(LakeError, match=told):
        Lake(Settings(home=tmp_path))


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(LakeError, match=r"file.*: the lake cannot be made: "):
            Lake(Settings(home=home)).create()


def test_a_snapshot_is_read_by_its_number_or_its_time(lakehouse: Lakehouse) -> None:
    first = lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3)).snapshot
    lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", 4, first=10))
    taken = lakehouse.one(f"select snapshot_time from lake.snapshots() where snapshot_id = {first}")
    for at in (first, str(first), taken.isoformat(), str(taken + timedelta(microseconds=1))):
        with lakehouse.lake.connect(at=at) as then:
            assert then.execute("select count(*) from bronze.shop_order").fetchone() == (3,)
            with pytest.raises(duckdb.Error, match="read-only"):
                then.execute("delete from bronze.shop_order")


@on_sqlite
@pytest.mark.parametrize(
    ("at", "told"),
    [
        (99, "there is no snapshot 99; `lakehouse snapshots` lists them"),
        ("2020-01-01", "there is no snapshot 2020-01-01"),
        ("yesterday", "'yesterday' is neither a snapshot's number nor a time"),
        ("-1", "'-1' is neither"),
        ("²", "'²' is neither"),
        ("9" * 30, "is neither"),
        ("", "'' is neither"),
        ("1'); drop table x; --", "is neither"),
    ],
)
def test_an_unknown_snapshot_is_told(lake_settings: Settings, at: int | str, told: str) -> None:
    with pytest.raises(LakeError) as refused:
        Lake(lake_settings).connect(at=at)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@127.0.0.1:1/d",
        "postgresql://127.0.0.1:1/d?user=u&password=hunter2",
        "postgresql://u:x@127.0.0.1:1/d?pasword=hunter2",
        "postgresql://u:hun%zzter2@127.0.0.1:1/d",
        "postgresql://u:hunter2@127.0.0.1:99999/d",
        "postgresql://u:a hunter2@127.0.0.1:1/d",
        'postgresql://u:a"hunter2@127.0.0.1:1/d',
        "postgresql://u:a'hunter2@127.0.0.1:1/d",
    ],
)
def test_a_password_is_never_in_an_error(tmp_path: Path, url: str) -> None:
    lake = Lake(Settings(home=tmp_path, catalog=url))
    with pytest.raises(LakeError) as made:
        lake.create()
    (tmp_path / "lake.json").write_text(json.dumps({"format": "1.0", "catalog": "postgres"}))
    with pytest.raises(LakeError) as opened:
        lake.connect()
    for refused in (made, opened):
        assert "ter2" not in str(refused.value)
        assert "\n" not in str(refused.value)


@on_postgres
def test_a_wrong_password_or_database_is_one_plain_line(
    tmp_path: Path, catalog: str, server: Server
) -> None:
    lake = Lake(Settings(home=tmp_path, catalog=server.url("no_such_database")))
    with pytest.raises(LakeError, match=r'^[^\n]*database "no_such_database" does not exist$'):
        lake.create()


def test_a_connection_reads_in_utc_and_loads_nothing_unsigned(tmp_path: Path) -> None:
    lake = Lake(Settings(home=tmp_path, memory="1GB", threads=1))
    lake.create()
    with lake.connect() as connection:
        names = ("TimeZone", "allow_unsigned_extensions", "autoload_known_extensions", "threads")
        said = dict(
            connection.execute(
                f"select name, value from duckdb_settings() where name in {names}"
            ).fetchall()
        )
        unsigned = tmp_path / "ours.duckdb_extension"
        signed = extensions.file_of("sqlite_scanner").read_bytes()
        unsigned.write_bytes(signed[:-256] + bytes(256))
        with pytest.raises(duckdb.Error, match="missing or invalid"):
            connection.execute(f"load '{unsigned}'")
        with pytest.raises(duckdb.Error, match="allow_unsigned_extensions"):
            connection.execute("set allow_unsigned_extensions = true")
    assert said == dict(zip(names, ("UTC", "false", "false", "1"), strict=True))


@pytest.mark.slow
def test_numbers_are_unique_and_rise_however_many_ask_at_once(lakehouse: Lakehouse) -> None:
    lake = lakehouse.lake

    def ask(_: int) -> list[int]:
        with lake.connect() as connection, lake.lock("one"):
            return [lake.next_ids(connection, "batch", 3) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        asked = list(pool.map(ask, range(3)))
    if lake.on_sqlite:  # the next after what the ledger holds, which is nothing yet
        assert asked == [[1, 1, 1]] * 3
        return
    assert all(numbers == sorted(numbers) for numbers in asked)
    taken = {first + at for numbers in asked for first in numbers for at in range(3)}
    assert taken == set(range(1, 28))


def test_loads_of_several_tables_share_one_count(lakehouse: Lakehouse) -> None:
    for at, name in enumerate(("order", "other", "order", "other")):
        lakehouse.load(contract(name=name), orders(lakehouse.folder / f"{at}.csv", 2, first=at * 9))
    batches = [row[0] for row in lakehouse.sql("select batch from ops.ledger order by loaded_at")]
    assert batches == sorted(set(batches))
    receipts = [row[0] for row in lakehouse.sql("select id from ops.receipt order by received_at")]
    assert receipts == sorted(set(receipts))


@on_postgres
def test_numbers_go_on_after_those_of_a_catalog_that_was_moved(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 2))
    before = lakehouse.one("select max(batch) from ops.ledger")
    lakehouse.close()
    with psycopg.connect(str(lakehouse.settings.catalog), autocommit=True) as session:
        session.execute("drop sequence lakehouse_batch")
    lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", 2, first=9))
    assert lakehouse.one("select max(batch) from ops.ledger") > before
