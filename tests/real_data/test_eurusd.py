"""Ticks and bars of EURUSD, a zip a day, the day in the file's name only."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.real_data.twice import check_counts, check_second_changes_nothing, load_twice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.real_data.twice import Twice

pytestmark = pytest.mark.real_data
Row = tuple[str, date, list[str]]
KINDS = {"minute": ("eurusd_minute_bar", 9_590), "second": ("eurusd_second_bar", 161_508),
         "tick": ("eurusd_tick", 675_401)}  # fmt: skip


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def truth(kind: str, real_data: Path) -> list[Row]:
    """Source, day and fields of every row, read by Python's csv."""
    rows: list[Row] = []
    for path in sorted((real_data / "market/eurusd_2014" / kind).glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            (member,) = archive.namelist()
            text = archive.read(member).decode()
        day = datetime.strptime(member[:8], "%Y%m%d").date()
        source = f"{path}!{member}"
        rows += [(source, day, row) for row in csv.reader(io.StringIO(text, newline=""))]
    return rows


@pytest.fixture(scope="module")
def quotes(kind: str, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    name, _ = KINDS[kind]
    path = real_data / "market/eurusd_2014" / kind
    found = load_twice(tmp_path_factory.mktemp(kind), f"market.{name}", path)
    yield found
    found.connection.close()


def test_every_row_of_eight_days_is_read_and_kept(quotes: Twice, kind: str) -> None:
    check_counts(quotes, files=8, read=KINDS[kind][1])


def test_the_second_load_changes_nothing(quotes: Twice) -> None:
    check_second_changes_nothing(quotes)


def test_every_day_is_that_of_its_files_name(quotes: Twice, truth: list[Row]) -> None:
    counts = Counter((source, day) for source, day, _ in truth)
    found = quotes.sql(
        "select _source, trade_date, count(*), min(_position), max(_position) from {} "
        "group by all order by all"
    )
    assert found == [(*key, count, 1, count) for key, count in counts.items()]


def test_every_sum_is_that_of_the_files_to_the_digit(quotes: Twice, truth: list[Row]) -> None:
    names = [column.name for column in quotes.contract.columns[1:]]
    columns = zip(*(fields for _, _, fields in truth), strict=True)
    expected = tuple(sum(map(Decimal, column)) for column in columns)
    assert quotes.figures(*(f"sum({name})" for name in names)) == expected


def test_the_first_rows_are_those_of_the_files(quotes: Twice, truth: list[Row]) -> None:
    names = ", ".join(column.name for column in quotes.contract.columns[1:])
    query = f"select {names} from {quotes.table} order by _source, _position limit 20000"
    expected = [tuple(map(Decimal, fields)) for _, _, fields in truth[:20_000]]
    assert quotes.sql(query) == expected
