"""The European Central Bank's reference rates."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.real_data.twice import check_counts, check_second_changes_nothing, load_twice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.real_data.twice import Twice

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def rates(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    path = real_data / "market/eurofxref-hist.csv"
    found = load_twice(tmp_path_factory.mktemp("rates"), "market.ecb_rate", path)
    yield found
    found.connection.close()


@pytest.fixture(scope="module")
def truth(real_data: Path) -> list[list[str]]:
    """The header and the rows, read by Python's csv."""
    path = real_data / "market/eurofxref-hist.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_every_day_is_read_and_kept(rates: Twice) -> None:
    check_counts(rates, files=1, read=6_983)


def test_the_second_load_changes_nothing(rates: Twice) -> None:
    check_second_changes_nothing(rates)


def test_every_currency_of_the_file_has_its_column(rates: Twice, truth: list[list[str]]) -> None:
    sources = [column.source for column in rates.contract.columns]
    assert [*sources, ""] == truth[0]


def test_every_rate_is_the_files_and_not_available_is_null(
    rates: Twice, truth: list[list[str]]
) -> None:
    found = rates.in_order(*(column.name for column in rates.contract.columns))
    expected = [
        (
            date.fromisoformat(day),
            *(None if text == "N/A" else Decimal(text) for text in fields[:-1]),
        )
        for day, *fields in truth[1:]
    ]
    assert found == expected
    assert sum(value is None for row in found for value in row) == 68_748


def test_a_rate_keeps_all_its_digits(rates: Twice, truth: list[list[str]]) -> None:
    longest = max(
        (text for row in truth[1:] for text in row[1:]), key=lambda t: len(t.partition(".")[2])
    )
    assert len(longest.partition(".")[2]) == 6
    where = " or ".join(f"{c.name} = {longest}" for c in rates.contract.columns[1:])
    assert rates.sql(f"select count(*) > 0 from {{}} where {where}") == [(True,)]


def test_the_empty_last_column_leaves_no_trace(rates: Twice) -> None:
    assert rates.figures("count(_rescued)") == (0,)
