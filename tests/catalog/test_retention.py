"""Rows whose age cannot be told are kept or let go as the contract means it, and told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from data_contracts.retention import Retention
from orchestration.reload import reload
from tests.catalog.upkeep_help import keep_up
from tests.e2e.test_undo import assert_the_ledger_counts_what_is_there
from tests.lake_help import ID, PRICE, QUANTITY, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = [pytest.mark.slow, pytest.mark.in_turn]

PLACED = replace(QUANTITY, name="placed", source="placed", logical_type="date", type="DATE")
WEEK = Retention(1, "week", "placed")


@on_sqlite
def test_a_retention_by_a_column_that_is_not_there_yet_is_told_and_the_rest_is_done(
    lakehouse: Lakehouse,
) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3))
    done = keep_up(lakehouse, contract(ID, QUANTITY, PRICE, PLACED, retention=WEEK))
    why = "its retention is by placed, which is no date or time of the table yet"
    assert done.unheld == {"shop_order": why}
    assert done.tables
    assert lakehouse.count("bronze.shop_order") == 3


@on_sqlite
def test_a_row_without_a_date_is_as_old_as_its_load(lakehouse: Lakehouse) -> None:
    held_to = contract(ID, PLACED, PRICE, retention=WEEK)
    lines = ("a,,1", "b,2999-01-01,1")
    lakehouse.load(held_to, write_csv(lakehouse.folder / "a.csv", *lines, header="id,placed,price"))
    assert keep_up(lakehouse, held_to).rows == {}
    with lakehouse.lake.connect() as connection:
        connection.execute("update ops.ledger set loaded_at = loaded_at - interval 9 days")
    assert keep_up(lakehouse, held_to).rows == {"shop_order": (1, 0)}
    assert lakehouse.ids() == ["b"]


@on_sqlite
@pytest.mark.parametrize("keep_raw", [True, False])
def test_rows_that_left_do_not_come_back_by_a_reload(lakehouse: Lakehouse, keep_raw: bool) -> None:
    held_to = contract(ID, PLACED, PRICE, retention=WEEK, keep_raw=keep_raw)
    lines = ("a,2001-01-01,1", "b,2999-01-01,1", "c,never,1")
    lakehouse.load(held_to, write_csv(lakehouse.folder / "a.csv", *lines, header="id,placed,price"))
    keep_up(lakehouse, held_to)
    for _ in range(2):
        reload(lakehouse.settings, held_to)
        assert lakehouse.ids() == ["b"]
        assert_the_ledger_counts_what_is_there(lakehouse)
        lakehouse.close()
    assert not keep_up(lakehouse, held_to).rows
