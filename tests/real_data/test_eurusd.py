"""Ticks and bars of EURUSD, a zip a day, the day in the file's name only."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.real_data.twice import check_counts, check_second_changes_nothing, load_twice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from tests.real_data.twice import Twice

pytestmark = pytest.mark.real_data
KINDS = {"minute": ("eurusd_minute_bar", 9_590), "second": ("eurusd_second_bar", 161_508),
         "tick": ("eurusd_tick", 675_401)}  # fmt: skip


def rows_of(folder: Path) -> Iterator[tuple[str, date, int, list[str]]]:
    """Source, day, number and fields of every row, read by Python's csv."""
    for path in sorted(folder.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            (member,) = archive.namelist()
            text = archive.read(member).decode()
        day = datetime.strptime(member[:8], "%Y%m%d").date()
        for at, row in enumerate(csv.reader(io.StringIO(text, newline="")), 1):
            yield f"{path}!{member}", day, at, row


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


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


def test_every_day_is_that_of_its_files_name(quotes: Twice, kind: str, real_data: Path) -> None:
    counts: dict[tuple[str, date], int] = {}
    for source, day, _, _ in rows_of(real_data / "market/eurusd_2014" / kind):
        counts[source, day] = counts.get((source, day), 0) + 1
    found = quotes.sql(
        "select _source, trade_date, count(*), min(_position), max(_position) from {} "
        "group by all order by all"
    )
    assert found == [(*key, count, 1, count) for key, count in counts.items()]


def test_every_price_is_the_files_to_the_digit(quotes: Twice, kind: str, real_data: Path) -> None:
    columns = [column.name for column in quotes.contract.columns[1:]]
    rows = [row for *_, row in rows_of(real_data / "market/eurusd_2014" / kind)]
    expected = [tuple(sum(map(Decimal, column)) for column in zip(*rows, strict=True))]
    assert (
        quotes.sql(f"select {', '.join(f'sum({name})' for name in columns)} from {{}}") == expected
    )
    found = quotes.connection.execute(
        f"select {', '.join(columns)} from {quotes.table} order by _source, _position"
    ).fetchmany(20_000)
    assert found == [tuple(map(Decimal, row)) for row in rows[:20_000]]
