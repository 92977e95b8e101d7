"""Customers of a telephone company."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.real_data.twice import check_counts, check_second_changes_nothing, load_twice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.real_data.twice import Twice

pytestmark = pytest.mark.real_data
YES_NO = {"Yes": True, "No": False, "1": True, "0": False}


@pytest.fixture(scope="module")
def customers(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    path = real_data / "churn/telco.csv"
    found = load_twice(tmp_path_factory.mktemp("churn"), "churn.telco_customer", path)
    yield found
    found.connection.close()


@pytest.fixture(scope="module")
def truth(real_data: Path) -> list[dict[str, str]]:
    with (real_data / "churn/telco.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_customer_is_read_and_kept(customers: Twice) -> None:
    check_counts(customers, files=1, read=5_634)


def test_the_second_load_changes_nothing(customers: Twice) -> None:
    check_second_changes_nothing(customers)


def test_every_field_is_the_files(customers: Twice, truth: list[dict[str, str]]) -> None:
    columns = customers.contract.columns
    casts: dict[str, Callable[[str], Any]] = {
        "VARCHAR": str,
        "BOOLEAN": YES_NO.__getitem__,
        "BIGINT": int,
        "DECIMAL(18,2)": lambda text: Decimal(text) if text.strip() else None,
    }
    expected = [tuple(casts[c.type](row[c.source]) for c in columns) for row in truth]
    assert customers.in_order(*(column.name for column in columns)) == expected


def test_blank_charges_are_null_and_only_those_of_new_customers(customers: Twice) -> None:
    found = customers.sql(
        "select tenure_months, count(*) from {} where total_charges is null group by 1"
    )
    assert found == [(0, 11)]


def test_totals_are_those_of_the_file(customers: Twice, truth: list[dict[str, str]]) -> None:
    assert customers.figures(
        "sum(monthly_charges)", "sum(total_charges)", "count(distinct customer_id)",
        "count(*) filter (churned)",
    ) == (
        sum(Decimal(row["MonthlyCharges"]) for row in truth),
        sum(Decimal(row["TotalCharges"]) for row in truth if row["TotalCharges"].strip()),
        5_634,
        1_491,
    )  # fmt: skip
