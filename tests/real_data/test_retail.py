"""A hundred days of a real retailer's invoice lines."""

from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.real_data.twice import check_counts, check_second_changes_nothing, load_twice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.real_data.twice import Twice

pytestmark = pytest.mark.real_data
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def lines(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    home = tmp_path_factory.mktemp("retail")
    found = load_twice(home, "retail.invoice_line", real_data / "erp/online_retail")
    yield found
    found.connection.close()


@pytest.fixture(scope="module")
def truth(real_data: Path) -> list[tuple[str, int, list[str]]]:
    """File, number and fields of every line, read by Python's csv."""
    found = []
    for path in sorted((real_data / "erp/online_retail").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
        found += [(str(path), at, row) for at, row in enumerate(rows[1:], 1)]
    return found


def test_every_line_of_a_hundred_files_is_read_and_kept(lines: Twice) -> None:
    check_counts(lines, files=100, read=148_117)


def test_the_second_load_changes_nothing(lines: Twice) -> None:
    check_second_changes_nothing(lines)


def test_every_field_is_the_files(lines: Twice, truth: list[tuple[str, int, list[str]]]) -> None:
    found = lines.in_order(
        "_source", "_position", "invoice_no", "stock_code", "description", "quantity",
        "epoch_us(invoiced_at)", "unit_price", "customer_id", "country",
    )  # fmt: skip
    expected = [
        (
            path, at, invoice, stock, description or None, int(quantity),
            int(datetime.fromisoformat(when).replace(tzinfo=LONDON).timestamp()) * 1_000_000,
            Decimal(price), customer or None, country,
        )
        for path, at, (
            invoice, stock, description, quantity, when, price, customer, country
        ) in truth
    ]  # fmt: skip
    assert found == expected


def test_totals_are_those_of_the_files(
    lines: Twice, truth: list[tuple[str, int, list[str]]]
) -> None:
    rows = [row for _, _, row in truth]
    assert lines.figures(
        "sum(quantity)", "sum(quantity * unit_price)", "count(distinct invoice_no)",
        "count(distinct customer_id)", "count(*) filter (customer_id is null)",
        "count(*) filter (quantity < 0)", "max(unit_price)", "count(_rescued)",
    ) == (
        sum(int(row[3]) for row in rows),
        sum(int(row[3]) * Decimal(row[5]) for row in rows),
        len({row[0] for row in rows}),
        len({row[6] for row in rows if row[6]}),
        sum(not row[6] for row in rows),
        sum(int(row[3]) < 0 for row in rows),
        max(Decimal(row[5]) for row in rows),
        0,
    )  # fmt: skip


def test_the_turnover_is_the_known_one(lines: Twice) -> None:
    assert lines.figures("sum(quantity * unit_price)") == (Decimal("2592263.0900"),)


def test_rules_of_a_load_were_checked_of_every_file(lines: Twice) -> None:
    found = lines.sql('select rule, passed, count(*) from ops."check" group by all order by all')
    assert [(passed, count) for _, passed, count in found] == [(True, 100), (True, 100)]
