"""The made-up month: the same each time, and broken where it says so."""

from __future__ import annotations

import csv
import gzip
import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from infra.demo import shop
from infra.demo.month import BROKEN, HEADER, write_month

if TYPE_CHECKING:
    from pathlib import Path

# Of all CSV files in the order of their names: any Python makes the same month.
ORDERS_SHA256 = "ec253c2c71df3b481bcd1890817a2dc4434ce0a9bd80b282f469ebc6e0a32166"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_files_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    write_month(tmp_path / "one")
    write_month(tmp_path / "two")
    write_month(tmp_path / "two")  # over the first ones
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_every_python_makes_the_same_orders(tmp_path: Path) -> None:
    month = write_month(tmp_path)
    digest = hashlib.sha256()
    for name, data in contents(month.orders).items():
        plain = name.endswith(".csv")
        digest.update(data if plain or month.unreadable.name == name else gzip.decompress(data))
    assert digest.hexdigest() == ORDERS_SHA256


def test_there_is_a_file_for_each_day_and_one_of_payments(tmp_path: Path) -> None:
    month = write_month(tmp_path)
    days = sorted(file.name.split(".")[0] for file in month.orders.iterdir())
    assert days == [f"2026-03-{day:02}" for day in range(1, shop.DAYS + 1)]
    assert [file.name for file in month.payments.iterdir()] == ["2026-03.parquet"]


def test_the_month_counts_its_own_rows(tmp_path: Path) -> None:
    month = write_month(tmp_path)
    lines = 0
    for name, data in contents(month.orders).items():
        if name == month.unreadable.name:
            continue
        text = (data if name.endswith(".csv") else gzip.decompress(data)).decode()
        header, *rows = text.splitlines()
        assert header == HEADER
        lines += len(rows)
    payments = pq.read_metadata(month.payments / "2026-03.parquet").num_rows
    assert month.rows == lines + payments


def test_the_unreadable_file_is_no_gzip(tmp_path: Path) -> None:
    month = write_month(tmp_path)
    assert month.unreadable.suffix == ".gz"
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(month.unreadable.read_bytes())


@pytest.mark.parametrize("day", BROKEN)
def test_a_broken_line_stands_in_its_days_file(day: int, tmp_path: Path) -> None:
    month = write_month(tmp_path)
    lines = (month.orders / f"2026-03-{day:02}.csv").read_text().splitlines()
    assert lines.count(BROKEN[day]) == 1
    assert lines.index(BROKEN[day]) not in (0, 1)


def test_each_payment_is_what_its_order_costs(tmp_path: Path) -> None:
    totals = {order.id: order.total for day in shop.orders().values() for order in day}
    month = write_month(tmp_path)
    *good, refund, lost = pq.read_table(month.payments / "2026-03.parquet").to_pylist()
    assert all(payment["amount"] == totals[payment["order_id"]] for payment in good)
    assert refund["amount"] < 0
    assert lost["order_id"] is None


def test_prices_are_written_with_a_decimal_comma(tmp_path: Path) -> None:
    month = write_month(tmp_path)
    with (month.orders / "2026-03-01.csv").open(newline="") as file:
        prices = {row["PRICE"] for row in csv.DictReader(file, delimiter=";")}
    assert {Decimal(price.replace(",", ".")) for price in prices} <= set(shop.TEAS.values())
    assert all("," in price for price in prices)
