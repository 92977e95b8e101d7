"""Northwind, a SQLite file as they come: read to the last row and digit, against Python's sqlite3."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from data_contracts.find import files_in
from data_contracts.odcs import read
from orchestration.cli.app import app
from tests.lake_help import Lakehouse

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.settings import Settings
    from data_contracts.contract import Column

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
SALES = 1_265_793.04  # sum of UnitPrice * Quantity * (1 - Discount), as SOURCES.md says


def run(*arguments: str) -> dict[str, Any]:
    said = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    result: dict[str, Any] = json.loads(said.stdout)
    return result


def expected(value: Any, column: Column) -> Any:
    """What Python's sqlite3 gives, as the contract types it."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.hex().upper()
    if column.type.startswith("DECIMAL"):
        return Decimal(repr(value) if isinstance(value, float) else str(value))
    if column.type == "DOUBLE":
        return float(value)
    if column.logical_type in ("date", "timestamp"):
        return value[:10]
    return value


def test_northwind_is_read_to_the_last_row_and_digit(
    real_data: Path, settings: Settings, tmp_path: Path
) -> None:
    file, folder = real_data / "erp" / "northwind.db", tmp_path / "contracts"
    written = run("contracts", "init", str(file), "--out", str(folder))["contracts"]
    assert len(written) == 13
    first = run("sync", str(file), "--contracts", str(folder))
    assert first["tables"] == {"loaded": 13, "already_loaded": 0, "failed": 0}
    assert first["quarantined"] == 0
    lakehouse = Lakehouse(settings, tmp_path)
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source:
        rows = 0
        for contract in (c for f in files_in([folder]) if folder in f.parents for c in read(f)):
            columns = contract.columns
            names = ", ".join(f'"{column.source}"' for column in columns)
            truth = [
                tuple(map(expected, row, columns))
                for row in source.execute(f'select {names} from "{contract.source}"')
            ]
            shown = ", ".join(
                f"{c.name}::date::varchar" if c.logical_type in ("date", "timestamp") else c.name
                for c in columns
            )
            key = ", ".join(column.name for column in contract.key)
            found = lakehouse.sql(f"select {shown} from silver.{contract.table} order by {key}")
            assert sorted(found, key=repr) == sorted(truth, key=repr), contract.table
            rows += len(truth)
    assert rows == first["read"] == first["loaded"] == 3310
    sales = lakehouse.one(
        "select sum(unit_price * quantity * (1 - discount)) from silver.northwind_order_details"
    )
    assert round(sales, 2) == SALES
    lakehouse.close()
    again = run("sync", str(file), "--contracts", str(folder))
    assert (again["read"], again["loaded"]) == (0, 0)
    assert again["tables"] == {"loaded": 0, "already_loaded": 13, "failed": 0}
