"""Snapshots say who changed what, when, and by how many rows."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from catalog.snapshots import Snapshot, newest
from tests.lake_help import contract, on_sqlite, orders

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"


def listed(lakehouse: Lakehouse, limit: int = 100, table: str | None = None) -> list[Snapshot]:
    with lakehouse.lake.connect(read_only=True) as connection:
        return newest(connection, limit, table)


def test_a_snapshot_says_who_what_when_and_how_many_rows(lakehouse: Lakehouse) -> None:
    before = datetime.now(UTC)
    file = orders(lakehouse.folder / "it's\nodd.csv", 12, broken=[3])
    lakehouse.load(contract(), file, command="ingest by hand")
    lakehouse.load(contract(), orders(file, 5, first=50))
    lakehouse.load(contract(), file)
    nothing, second, first, made, empty = listed(lakehouse)
    assert (first.author, first.command, first.tables) == (
        getpass.getuser(),
        "ingest by hand",
        ("bronze.shop_order",),
    )
    assert first.message == f"11 rows into bronze.shop_order from {file}"
    assert (
        second.message == f"5 rows into bronze.shop_order from {file}, in place of 11 earlier rows"
    )
    assert [first.rows, second.rows, nothing.rows] == [11, -6, 0]
    assert (nothing.message, nothing.tables) == ("nothing new for bronze.shop_order", ())
    assert before <= first.at <= second.at <= nothing.at <= datetime.now(UTC)
    assert {one.run for one in (first, second, nothing)} == {
        run for (run,) in lakehouse.sql("select id from ops.run")
    }
    assert [(one.message, one.run, one.rows) for one in (made, empty)] == [
        ("the lake was made", None, 0)
    ] * 2


@on_sqlite
def test_the_newest_come_first_and_a_table_may_be_asked_for(lakehouse: Lakehouse) -> None:
    for at, name in enumerate(("order", "it's", "order")):
        lakehouse.load(contract(name=name), orders(lakehouse.folder / f"{at}.csv", 2, first=at * 9))
    assert [one.id for one in listed(lakehouse)] == [4, 3, 2, 1, 0]
    assert [one.id for one in listed(lakehouse, limit=2)] == [4, 3]
    assert [one.id for one in listed(lakehouse, table="bronze.shop_order")] == [4, 2]
    assert [one.id for one in listed(lakehouse, table="bronze.shop_it's")] == [3]
    assert listed(lakehouse, table="bronze.none") == []


@on_sqlite
def test_a_snapshot_that_somebody_else_made_is_listed_too(lakehouse: Lakehouse) -> None:
    with lakehouse.lake.connect() as connection:
        connection.execute("create table bronze.mine (a bigint)")
    newest_one = listed(lakehouse)[0]
    assert (newest_one.author, newest_one.message, newest_one.tables, newest_one.rows) == (
        None,
        None,
        (),
        0,
    )


def test_a_snapshot_is_json_for_programs() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    one = Snapshot(7, at, "ann", "3 rows", "run", "ingest", ("bronze.t",), 3)
    assert one.as_json() == {
        "snapshot": 7,
        "at": "2026-03-01T12:00:00+00:00",
        "author": "ann",
        "message": "3 rows",
        "run": "run",
        "command": "ingest",
        "tables": ["bronze.t"],
        "rows": 3,
        "pins": [],
    }
