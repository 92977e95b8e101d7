"""The finished Tryton database, every row and digit against Python's own reading of the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.odcs import read
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.open import open_source
from orchestration.sync import sync
from tests.lake_help import on_sqlite
from tests.tryton_help import CONTRACTS, TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Column
    from tests.lake_help import Lakehouse

pytest_plugins = ["tests.lake_help"]
pytestmark = pytest.mark.real_data
DEBIT = Decimal("4077565.39")  # as the database's own documentation says


def expected(column: Column, value: Any) -> Any:
    """A value of the file as the lake has it."""
    if value is None:
        return None
    text = value.decode() if isinstance(value, bytes) else str(value)
    if column.type.startswith("DECIMAL"):
        return Decimal(text)
    if column.logical_type == "timestamp":
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    kinds: dict[str, Any] = {
        "string": str, "date": date.fromisoformat, "integer": int, "number": float,
        "boolean": lambda said: bool(int(said)),
    }  # fmt: skip
    return kinds[column.logical_type](text)


@on_sqlite
def test_every_row_and_digit_is_the_files(lakehouse: Lakehouse, real_data: Path) -> None:
    file = real_data / "erp" / "tryton.sqlite"
    contracts = [read(CONTRACTS / f"{table}.odcs.yaml")[0] for table in TABLES]
    with (
        lakehouse.lake.connect() as connection,
        closing(open_source(address_of(str(file)), connection)) as connector,
    ):
        report = sync(lakehouse.lake, connector, contracts, connection=connection)
    assert report.ok
    compared = 0
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as database:
        for contract in contracts:
            names = ", ".join(f'"{column.source}"' for column in contract.columns)
            rows = database.execute(f'select {names} from "{contract.source}" order by id')
            truth = [
                tuple(expected(*pair) for pair in zip(contract.columns, row, strict=True))
                for row in rows
            ]
            named = ", ".join(f'"{column.name}"' for column in contract.columns)
            query = f"select {named} from silver.{contract.table} order by id::bigint"
            assert lakehouse.sql(query) == truth, contract.table
            compared += len(truth)
    assert compared == report.as_json()["loaded"] > 6000
    [sums] = lakehouse.sql("select sum(debit), sum(credit) from silver.tryton_account_move_line")
    assert sums == (DEBIT, DEBIT)
