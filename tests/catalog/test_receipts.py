"""The ledger says what each load was; a receipt says what became of each input, whatever that was."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from data_contracts.contract import Reading
from tests.lake_help import contract, orders, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

BY_DAY = contract(
    reading=Reading(path=r"(?P<year>\d{4})/(?P<day>\d\d)\.csv$"),
    delivery_key=("year", "day"),
    version="2.1.0",
)


def test_the_ledger_says_what_a_load_was(lakehouse: Lakehouse) -> None:
    before = datetime.now(UTC)
    file = orders(lakehouse.folder / "2026" / "07.csv", 5, broken=[2])
    lakehouse.load(BY_DAY, file)
    [row] = lakehouse.sql("select * exclude (run, loaded_at), loaded_at from ops.ledger")
    assert row[:-1] == (
        1, 1, "load", "shop_order", str(file), "2026/07", hashlib.sha256(file.read_bytes()).hexdigest(),
        "shop.order", "2.1.0", "d" * 64, 5, 4, 1, 0, [],
    )  # fmt: skip
    assert before <= row[-1] <= datetime.now(UTC)
    assert lakehouse.sql("select distinct _source, _batch, _op from bronze.shop_order") == [
        (str(file), 1, "I")
    ]


def test_a_quarantined_row_says_where_it_stood_and_why(lakehouse: Lakehouse) -> None:
    file = write_csv(lakehouse.folder / "a.csv", "a,1,1", "", "b,x,y", ",3,3")
    lakehouse.load(contract(), file)
    rows = lakehouse.sql(
        "select * exclude (quarantined_at, payload) from ops.quarantine order by position"
    )
    assert rows == [
        ("1-2", "shop_order", str(file), 2, [
            "quantity: 'x' is not an integer",
            "price: 'y' is not a decimal(18,2) without losing digits",
        ], 1),
        ("1-3", "shop_order", str(file), 3, ["id: is missing and required"], 1),
    ]  # fmt: skip


def test_every_input_has_a_receipt_each_time(lakehouse: Lakehouse) -> None:
    good = orders(lakehouse.folder / "good.csv", 2)
    bad = lakehouse.folder / "bad.csv.gz"
    bad.write_bytes(b"no gzip")
    for _ in range(2):
        lakehouse.load(contract(), good, bad)
    rows = lakehouse.sql(
        "select source, delivery_key, status, batch is null, reason is null, content_hash is null "
        "from ops.receipt order by id"
    )
    names = str(good), str(bad)
    assert rows == [
        (names[0], names[0], "loaded", False, True, False),
        (names[1], names[1], "failed", True, False, True),
        (names[0], names[0], "already_loaded", False, True, False),
        (names[1], names[1], "failed", True, False, True),
    ]
    assert lakehouse.one("select count(distinct run) from ops.receipt") == 2


def test_a_name_that_moved_has_a_row_of_no_rows(lakehouse: Lakehouse) -> None:
    first, second = (orders(lakehouse.folder / f"{n}.csv", 2, first=n * 9) for n in (1, 2))
    lakehouse.load(contract(), first, second)
    first.write_bytes(second.read_bytes())
    lakehouse.load(contract(), first)
    assert lakehouse.sql(
        "select source, read, loaded, quarantined, replaced from ops.ledger order by batch desc limit 1"
    ) == [(str(first), 0, 0, 0, [1])]
    assert (
        lakehouse.one(
            "select sum(loaded) from ops.ledger where batch in (select _batch from bronze.shop_order)"
        )
        == 2
    )
