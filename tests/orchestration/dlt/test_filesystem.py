"""dlt's filesystem on files of JSON lines and Parquet: each file once, the rows what is in it."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.lake_help import on_sqlite
from tests.orchestration.dlt.dlt_help import drafted, order, sums, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help", "tests.orchestration.dlt.dlt_help")
pytestmark = [
    on_sqlite, pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning"),
]  # fmt: skip


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.setenv("SOURCES__FILESYSTEM__BUCKET_URL", folder.as_uri())
    return folder


def put(file: Path, numbers: range, at: int) -> None:
    """A file of orders, that was written at a time."""
    if file.suffix == ".jsonl":
        rows = [order(number, "2026-01-01", f"{number}.10") for number in numbers]
        file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    else:
        prices = [Decimal(f"{number}.10") for number in numbers]
        nested = [{"amount": Decimal("1234567890123456.78")} for _ in numbers]
        table = pa.table(
            {
                "id": list(numbers),
                "price": pa.array(prices, pa.decimal128(18, 2)),
                "customer": pa.array(nested, pa.struct([("amount", pa.decimal128(18, 2))])),
            }
        )
        pq.write_table(table, file)
    os.utime(file, (at, at))


@pytest.mark.parametrize(("name", "suffix"), [("lines", "jsonl"), ("tables", "parquet")])
def test_each_file_is_loaded_once_with_its_rows_and_digits(
    lakehouse: Lakehouse, files: Path, tmp_path: Path, name: str, suffix: str
) -> None:
    put(files / f"1.{suffix}", range(1, 16), 1_700_000_000)
    put(files / f"2.{suffix}", range(16, 21), 1_700_000_000)
    folder = drafted(name, tmp_path / "c")
    assert sums(synced(lakehouse, name, folder)) == (20, 20, 0, 0, 0)
    assert synced(lakehouse, name, folder).as_json()["tables"]["already_loaded"] == 1
    put(files / f"3.{suffix}", range(21, 23), 1_700_000_100)
    assert sums(synced(lakehouse, name, folder)) == (2, 2, 0, 0, 0)
    rows = (
        f"select id, price::varchar, customer.amount::varchar from bronze.{name}_{name} order by 1"
    )
    assert lakehouse.sql(rows) == [(n, f"{n}.10", "1234567890123456.78") for n in range(1, 23)]
