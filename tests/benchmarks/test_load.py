"""Loading against raw DuckDB: the same casts and lineage columns, into one Parquet file."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import pytest

from catalog.lake import Lake
from catalog.settings import Settings
from data_contracts.find import find
from orchestration.ingest import ingest
from tests.benchmarks.measure import DATA, needs_data, ratio, report, tenfold

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Contract

pytestmark = [pytest.mark.bench, needs_data]

CSV_TYPES = {
    "InvoiceNo": "VARCHAR",
    "StockCode": "VARCHAR",
    "Description": "VARCHAR",
    "Quantity": "BIGINT",
    "InvoiceDate": "TIMESTAMP",
    "UnitPrice": "DECIMAL(12,4)",
    "CustomerID": "VARCHAR",
    "Country": "VARCHAR",
}
LINEAGE = "'{source}' as _source, 1::bigint as _batch, 'I' as _op, null::json as _rescued"
homes = itertools.count()


def by_rows(name: str) -> Contract:
    """A contract without its rules of a whole delivery, which ten copies of a month would break."""
    contract = find(name)
    columns = tuple(replace(column, unique=False, rules=()) for column in contract.columns)
    return replace(contract, columns=columns, rules=(), duplicates="keep")


def fresh_lake(folder: Path) -> Settings:
    settings = Settings(home=folder / f"home{next(homes)}")
    Lake(settings).create()
    return settings


def test_parquet_into_bronze_against_raw_duckdb(tmp_path: Path) -> None:
    files = sorted((DATA / "fraud").glob("*.parquet"))
    big = tmp_path / "transactions-2018-04.parquet"
    duckdb.sql(
        f"copy (select t.* from read_parquet({[str(f) for f in files]}) t, range(10)) to '{big}'"
    )
    contract = by_rows("cards.transaction")
    values = ", ".join(f'"{c.source}"::{c.type} as "{c.name}"' for c in contract.columns)
    raw = tmp_path / "raw.parquet"

    def ours() -> None:
        said = ingest(fresh_lake(tmp_path), contract, [str(big)]).as_json()
        assert (said["loaded"], said["quarantined"]) == (11_697_230, 0)

    def other() -> None:
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(
                f"copy (select {values}, file_row_number + 1 as _position, "
                f"{LINEAGE.format(source=big)} from read_parquet('{big}', file_row_number = true)) "
                f"to '{raw}'"
            )

    ratio("Parquet to bronze / raw DuckDB", ours, other, 1.5)


def test_csv_into_bronze_against_raw_read_csv(tmp_path: Path) -> None:
    big = tenfold(tmp_path, sorted((DATA / "erp" / "online_retail").glob("*.csv")))
    contract = by_rows("retail.invoice_line")
    raw = tmp_path / "raw.parquet"

    def ours() -> None:
        assert ingest(fresh_lake(tmp_path), contract, [str(big)]).as_json()["loaded"] == 1_481_170

    def other() -> None:
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(
                "copy (select * replace (timezone('Europe/London', InvoiceDate) as InvoiceDate), "
                f"{LINEAGE.format(source=big)} from read_csv('{big}', header = true, "
                f"auto_detect = false, columns = {CSV_TYPES})) to '{raw}'"
            )

    ratio("CSV to bronze / raw read_csv", ours, other, 1.5)


def test_refused_duplicates_against_a_table_ten_times_the_load(tmp_path: Path) -> None:
    load, table, raw = (tmp_path / f"{name}.parquet" for name in ("load", "table", "raw"))
    rows = "select range::varchar as id, range % 1000 as amount from range({}, {})"
    duckdb.sql(f"copy ({rows.format(0, 1_000_000)}) to '{load}'")
    duckdb.sql(f"copy ({rows.format(1_000_000, 11_000_000)}) to '{table}'")
    contract_file = tmp_path / "order.odcs.yaml"
    contract_file.write_text(
        "apiVersion: v3.1.0\nkind: DataContract\nid: bench.order\nversion: 1.0.0\nstatus: active\n"
        "domain: bench\nschema:\n  - name: order\n    logicalType: object\n    customProperties:\n"
        "      - {property: format, value: parquet}\n"
        "      - {property: duplicates, value: refuse}\n    properties:\n"
        "      - {name: id, logicalType: string, primaryKey: true}\n"
        "      - {name: amount, logicalType: integer}\n"
    )
    contract = find(str(contract_file))
    full = fresh_lake(tmp_path)
    assert ingest(full, contract, [str(table)]).ok
    copies = itertools.count()

    def prepared() -> Settings:
        home = tmp_path / f"copy{next(copies)}"
        shutil.copytree(full.home, home)
        return replace(full, home=home)

    settings = iter([prepared() for _ in range(6)])

    def ours() -> None:
        assert ingest(next(settings), contract, [str(load)]).ok

    def other() -> None:
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select *, file_row_number + 1 as _position, {LINEAGE.format(source=load)} "
                f"from read_parquet('{load}', file_row_number = true)) to '{raw}'"
            )

    ratio("Parquet with a refused key, table of ten loads / raw DuckDB", ours, other, 3)


def test_ten_times_the_data_in_flat_memory(tmp_path: Path) -> None:
    sources = sorted((DATA / "erp" / "online_retail").glob("*.csv"))
    seconds, memory = [], []
    for times in (4, 40):
        file = tenfold(tmp_path, sources, times)
        settings = fresh_lake(tmp_path)
        start = time.perf_counter()
        peak = subprocess.run(
            [sys.executable, "-c", PEAK, str(settings.home), str(file)],
            check=True,
            capture_output=True,
            text=True,
        )
        seconds.append(time.perf_counter() - start)
        memory.append(int(peak.stdout))
    report("ten times the CSV: time", seconds[1] / seconds[0], 10, f"{seconds[1]:.1f} s")
    report("ten times the CSV: memory", memory[1] / memory[0], 1.5, f"{memory[1] >> 10} MB")


PEAK = """
import resource, sys
from pathlib import Path
from catalog.settings import Settings
from orchestration.ingest import ingest
from tests.benchmarks.test_load import by_rows
assert ingest(Settings(home=Path(sys.argv[1])), by_rows("retail.invoice_line"), [sys.argv[2]]).ok
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
