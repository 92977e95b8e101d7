"""A catalog moves to another kind or place: same answers, no data rewritten, nothing lost or split."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from catalog.backup import backup
from catalog.errors import LakeError, LakeMissingError
from catalog.lake import Lake
from catalog.move import move
from catalog.postgres import EmbeddedPostgres
from catalog.restore import restore
from catalog.session import Session
from catalog.verify import verify
from orchestration.keeping import keeps_raw
from tests.chaos.faults import at_step
from tests.e2e.rich_lake import answers, fill, wider
from tests.e2e.test_undo import take_back
from tests.lake_help import Lakehouse, contract, on_postgres, on_sqlite, orders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lake_help import Server

pytest_plugins = "tests.lake_help"


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """The URL of a database without a lake."""
    name = server.database()
    yield server.url(name)
    server.drop(name)


def go(lakehouse: Lakehouse, to: str) -> None:
    """Move, and use the lake where it is then."""
    lakehouse.close()
    move(lakehouse.settings, to)
    catalog = to if "://" in to else None
    lakehouse.settings = replace(lakehouse.settings, catalog=catalog)


def data_files(lakehouse: Lakehouse) -> dict[Path, int]:
    files = (path for path in lakehouse.data.rglob("*") if path.is_file())
    return {path: path.stat().st_mtime_ns for path in files}


@on_sqlite
def test_a_catalog_moved_there_and_back_answers_the_same_at_every_snapshot_and_goes_on(
    lakehouse: Lakehouse, database: str
) -> None:
    fill(lakehouse)
    before, files = answers(lakehouse.lake), data_files(lakehouse)
    for number, to in enumerate((database, "sqlite")):
        go(lakehouse, to)
        assert answers(lakehouse.lake) == before
        assert data_files(lakehouse) == files
        again = lakehouse.load(
            wider(),
            lakehouse.folder / "d.csv",
            orders(lakehouse.folder / f"e{number}.csv", 2, 501 + 10 * number),
        )
        assert [o.status for o in again.outcomes] == ["already_loaded", "loaded"]
        [(batches, different)] = lakehouse.sql(
            "select count(batch), count(distinct batch) from ops.ledger"
        )
        assert batches == different
        with lakehouse.lake.connect() as connection:
            connection.execute("insert into bronze.kinds select * from bronze.kinds")
            connection.execute("update bronze.kinds set b = true")
            connection.execute("delete from bronze.parted where n < 20")
        before, files = answers(lakehouse.lake), data_files(lakehouse)
    take_back(lakehouse, lakehouse.one("select max(batch) from ops.ledger"), wider())
    assert verify(lakehouse.lake, keeps_raw(lakehouse.settings)) == []


@on_postgres
def test_a_catalog_moves_from_one_postgres_to_another(lakehouse: Lakehouse, database: str) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30, broken=(4,)))
    old, before = lakehouse.settings, answers(lakehouse.lake)
    go(lakehouse, database)
    assert answers(lakehouse.lake) == before
    with pytest.raises(LakeError, match=r"^[^\n]*the lake's catalog is not where it was; [^\n]*$"):
        Lake(old).connect()
    assert lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", 2, 101)).ok


@on_sqlite
@pytest.mark.slow
def test_a_catalog_moves_to_a_postgres_of_the_home_which_commands_start(
    lakehouse: Lakehouse, database: str
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30, broken=(4,)))
    before, postgres = answers(lakehouse.lake), EmbeddedPostgres(lakehouse.settings.home)
    try:
        go(lakehouse, "embedded")
        postgres.stop()
        assert answers(lakehouse.lake) == before
        go(lakehouse, database)
        assert answers(lakehouse.lake) == before
        go(lakehouse, "embedded")
        assert answers(lakehouse.lake) == before
    finally:
        postgres.remove()


@pytest.mark.parametrize("catalog", ["sqlite", "postgres"], indirect=True)
def test_a_load_that_waits_for_a_move_is_told_and_is_loaded_when_it_is_run_again(
    lakehouse: Lakehouse, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = orders(lakehouse.folder / "a.csv", 30)
    lakehouse.load(contract(), file)
    said: list[str] = []
    waits, lock = threading.Event(), Lake.lock

    def load() -> None:
        try:
            lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", 3, 101))
        except LakeError as error:
            said.append(str(error))

    writer = threading.Thread(target=load)
    reader = Session(lakehouse.lake)

    def come(lake: Lake, *which: Any, **how: Any) -> Any:
        if threading.current_thread() is writer:
            waits.set()
        return lock(lake, *which, **how)

    def start() -> None:
        writer.start()
        assert waits.wait(60)  # it has opened the catalog that is moved, and waits for the move

    monkeypatch.setattr(Lake, "lock", come)
    with at_step("move-checked", start):
        go(lakehouse, database if lakehouse.lake.on_sqlite else "sqlite")
    writer.join()
    [told] = said
    assert "was moved meanwhile" in told or "is not where it was" in told
    assert told.endswith("run it again")
    assert "\n" not in told
    with (
        reader,
        pytest.raises(LakeError, match=r"^the lake's catalog is not where it was; .*again$"),
    ):
        reader.sql("select count(*) from bronze.shop_order").fetchall()
    assert lakehouse.load(contract(), lakehouse.folder / "b.csv").ok
    assert len(lakehouse.ids()) == 33


@on_sqlite
def test_a_catalog_that_would_answer_otherwise_is_not_moved(
    lakehouse: Lakehouse, database: str
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30))
    lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", 3, 101))
    before = answers(lakehouse.lake)

    def spoil() -> None:
        with sqlite3.connect(lakehouse.settings.home / "desk" / "catalog.sqlite") as connection:
            for (table,) in connection.execute(
                "select name from sqlite_master where name glob 'ducklake_inlined_data_[0-9]*'"
            ).fetchall():
                connection.execute(f"update {table} set row_id = row_id, end_snapshot = 3")
        connection.close()

    with (
        at_step("move-taken", spoil),
        pytest.raises(LakeError, match=r"at snapshot 3 answers otherwise .*; nothing is moved$"),
    ):
        move(lakehouse.settings, database)
    assert answers(lakehouse.lake) == before
    go(lakehouse, database)
    assert answers(lakehouse.lake) == before


def test_a_move_to_where_there_is_a_lake_is_refused(
    lakehouse: Lakehouse, postgres_template: tuple[Path, str], server: Server, tmp_path: Path
) -> None:
    before = answers(lakehouse.lake)
    with pytest.raises(LakeError, match=r"the lake's catalog is (sqlite|postgres) already"):
        move(lakehouse.settings, lakehouse.lake.catalog)
    taken = server.url(server.database(postgres_template[1]))
    with pytest.raises(LakeError, match="there is a lake in that Postgres already; give another"):
        move(lakehouse.settings, taken)
    if not lakehouse.lake.on_sqlite:
        (lakehouse.settings.home / "catalog.sqlite").write_bytes(b"may be all that is left")
        with pytest.raises(LakeError, match="may be a lake; move it away"):
            move(lakehouse.settings, "sqlite")
    assert answers(lakehouse.lake) == before
    with pytest.raises(LakeMissingError, match="there is no lake in"):
        move(replace(lakehouse.settings, home=tmp_path / "none"), "sqlite")


@on_sqlite
def test_a_moved_lake_is_backed_up_and_restored(
    lakehouse: Lakehouse, database: str, tmp_path: Path
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 30, broken=(4,)))
    place = str(tmp_path / "backups")
    backup(lakehouse.lake, place)
    go(lakehouse, database)
    assert backup(lakehouse.lake, place).files == 0
    settings = replace(lakehouse.settings, home=tmp_path / "again", catalog="sqlite")
    restore(settings, place)
    assert answers(Lake(settings)) == answers(lakehouse.lake)
    assert json.loads((lakehouse.settings.home / "lake.json").read_text())["catalog"] == "postgres"
