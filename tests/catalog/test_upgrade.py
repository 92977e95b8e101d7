"""A lake of an earlier version says so, and is brought up with every row and snapshot in place."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.backup import backup
from catalog.errors import LakeError
from catalog.lake import TABLES, Lake
from catalog.quarantine import discard
from catalog.restore import restore
from catalog.runs import Run
from catalog.transfer import postgres
from catalog.upgrade import upgrade
from tests.lake_help import contract, on_sqlite, orders

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

NEW = ("of_load", "operation", "discarded")


def make_old(lakehouse: Lakehouse) -> None:
    """Make the lake one of version 1."""
    with lakehouse.lake.connect() as connection:
        connection.execute(
            f"begin; create temp table old as select * exclude ({', '.join(NEW)}) from ops.ledger;"
            "drop table ops.ledger; create table ops.ledger as from temp.old; drop table ops.pin; "
            "drop table ops.delivery; drop table ops.mention; commit"
        )
    lakehouse.lake.mark(1)
    lakehouse.close()


@pytest.mark.slow
def test_an_old_lake_is_upgraded_and_goes_on(lakehouse: Lakehouse) -> None:
    file = orders(lakehouse.folder / "a.csv", 5, broken=(2,))
    snapshot = lakehouse.load(contract(), file).snapshot
    before = lakehouse.state()
    make_old(lakehouse)
    with pytest.raises(LakeError, match=r"are of version 1, .* run lakehouse upgrade$"):
        lakehouse.load(contract(), file)
    with pytest.raises(LakeError, match=r"needs a backup .* was never made; run lakehouse backup"):
        upgrade(lakehouse.lake, Run("upgrade", lakehouse.settings))
    assert lakehouse.lake.tables == 1
    place = str(lakehouse.folder / "backups")
    assert backup(lakehouse.lake, place).backup.tables == 1
    assert upgrade(lakehouse.lake, Run("upgrade", lakehouse.settings)) == (1, TABLES)
    assert lakehouse.state() == before
    assert [o.status for o in lakehouse.load(contract(), file).outcomes] == ["already_loaded"]
    assert lakehouse.load(contract(), orders(lakehouse.folder / "b.csv", 2, 7)).ok
    with lakehouse.lake.connect(at=snapshot) as then:
        assert then.execute("select count(*) from bronze.shop_order").fetchone() == (4,)
    assert upgrade(lakehouse.lake, Run("upgrade", lakehouse.settings)) == (TABLES, TABLES)


def test_an_upgrade_that_was_done_already_forgets_nothing(lakehouse: Lakehouse) -> None:
    """By another home of the catalog, or by one that was killed before it wrote that down."""
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 5, broken=(2,)))
    discard(lakehouse.lake, ["1"], Run("quarantine discard", lakehouse.settings))
    before = lakehouse.state()
    lakehouse.lake.mark(1)
    run = Run("upgrade", lakehouse.settings)
    assert upgrade(lakehouse.lake, run, without_backup=True) == (1, TABLES)
    assert lakehouse.state() == before
    assert lakehouse.lake.tables == TABLES


@on_sqlite
def test_an_upgrade_needs_a_backup_that_is_there_and_as_new_as_the_lake(
    lakehouse: Lakehouse,
) -> None:
    place = lakehouse.folder / "backups"
    backup(lakehouse.lake, str(place))
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 5))
    make_old(lakehouse)
    with pytest.raises(
        LakeError, match=r"an upgrade needs a backup .* the last one is of snapshot 1"
    ):
        upgrade(lakehouse.lake, Run("upgrade", lakehouse.settings))
    newest = backup(lakehouse.lake, str(place)).backup
    place.rename(place.with_name("gone"))
    with pytest.raises(LakeError, match="holds no backup"):
        upgrade(lakehouse.lake, Run("upgrade", lakehouse.settings))
    place.with_name("gone").rename(place)
    upgrade(lakehouse.lake, Run("upgrade", lakehouse.settings))
    old = replace(lakehouse.settings, home=lakehouse.settings.home.with_name("again"))
    assert restore(old, str(place)).backup == newest
    with pytest.raises(LakeError, match=r"are of version 1, .* run lakehouse upgrade$"):
        Lake(old).connect()


def test_a_lake_of_another_format_of_ducklake_is_told_in_one_line(lakehouse: Lakehouse) -> None:
    for format_ in ("1.1", "0.3"):
        change = f"update {{}}ducklake_metadata set value = '{format_}' where key = 'version'"
        if lakehouse.lake.on_sqlite:
            with closing(sqlite3.connect(lakehouse.lake.sqlite)) as connection, connection:
                connection.execute(change.format(""))
        else:
            with postgres(lakehouse.lake) as session:
                session.execute(change.format("public."))
        with pytest.raises(LakeError, match=f"is of format {format_}, this software of 1.0; use "):
            lakehouse.lake.connect()


def test_a_newer_lake_is_refused(lakehouse: Lakehouse) -> None:
    marker = lakehouse.settings.home / "lake.json"
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"tables": TABLES + 1}))
    for use in (
        lakehouse.lake.connect,
        lambda: upgrade(lakehouse.lake, Run("", lakehouse.settings)),
    ):
        with pytest.raises(
            LakeError, match=rf"are of version {TABLES + 1}, .* use the newer software$"
        ):
            use()
