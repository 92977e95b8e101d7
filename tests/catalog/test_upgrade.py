"""A lake of an earlier version says so, and is brought up with every row and snapshot in place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from catalog.errors import LakeError
from catalog.lake import TABLES
from catalog.quarantine import discard
from catalog.runs import Run
from catalog.upgrade import upgrade
from tests.lake_help import contract, orders

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

NEW = ("of_load", "operation", "discarded")


def make_old(lakehouse: Lakehouse) -> None:
    """Make the lake one of version 1."""
    with lakehouse.lake.connect() as connection:
        connection.execute(
            f"begin; create temp table old as select * exclude ({', '.join(NEW)}) from ops.ledger;"
            "drop table ops.ledger; create table ops.ledger as from temp.old; drop table ops.pin; commit"
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
    assert upgrade(lakehouse.lake, Run("upgrade", lakehouse.settings)) == (1, TABLES)
    assert lakehouse.state() == before
    assert lakehouse.lake.tables == TABLES


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
