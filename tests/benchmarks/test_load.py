"""Loading against raw DuckDB: the same casts and lineage columns, into one Parquet file."""

from __future__ import annotations

import itertools
import os
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
from tests.benchmarks.measure import DATA, RUNS, needs_data, ratio, report, tenfold

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
LINEAGE = "'{source}' as _source, 1::bigint as _batch, 'I' as _op, null::varchar as _origin, null::json as _rescued"
homes = itertools.count()


def by_rows(name: str) -> Contract:
    """A contract's types and bounds alone: what raw DuckDB is to do too, and into one file.

    Without rules of a whole delivery, which ten copies of a month would break, patterns (50 ns a
    value) and partitions (they double the time, of raw DuckDB as well).
    """
    contract = find(name)
    columns = tuple(
        replace(
            column,
            unique=False,
            rules=(),
            options={name: said for name, said in column.options.items() if name != "pattern"},
        )
        for column in contract.columns
    )
    return replace(contract, columns=columns, rules=(), duplicates="keep", partition=())


def raw_copy(contract: Contract, source: Path, target: Path) -> None:
    """Raw DuckDB doing the same: casts and lineage columns, into one Parquet file."""
    values = ", ".join(f'"{c.source}"::{c.type} as "{c.name}"' for c in contract.columns)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            f"copy (select {values}, file_row_number + 1 as _position, "
            f"{LINEAGE.format(source=source)} "
            f"from read_parquet('{source}', file_row_number = true)) to '{target}'"
        )


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
    lakes = iter([fresh_lake(tmp_path) for _ in range(RUNS + 1)])

    def ours() -> None:
        said = ingest(next(lakes), contract, [str(big)]).as_json()
        assert (said["loaded"], said["quarantined"]) == (11_697_230, 0)

    raw = tmp_path / "raw.parquet"
    ratio("Parquet to bronze / raw DuckDB", ours, lambda: raw_copy(contract, big, raw), 1.5)


def test_csv_into_bronze_against_raw_read_csv(tmp_path: Path) -> None:
    big = tenfold(tmp_path, sorted((DATA / "erp" / "online_retail").glob("*.csv")))
    contract = by_rows("retail.invoice_line")
    raw = tmp_path / "raw.parquet"
    lakes = iter([fresh_lake(tmp_path) for _ in range(RUNS + 1)])

    def ours() -> None:
        assert ingest(next(lakes), contract, [str(big)]).as_json()["loaded"] == 1_481_170

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
    """The range of the keys, as texts, covers the table's: no part of that can be passed over."""
    files = sorted((DATA / "fraud").glob("*.parquet"))
    rows = (
        "copy (select t.* replace (n * 10_000_000 + TRANSACTION_ID as TRANSACTION_ID) "
        "from read_parquet({}) t, range({}, {}) r(n)) to '{}'"
    )
    load, table = (tmp_path / f"transactions-2018-0{month}.parquet" for month in (4, 5))
    duckdb.sql(rows.format([str(f) for f in files], 0, 2, load))
    duckdb.sql(rows.format([str(f) for f in files], 2, 22, table))
    contract = replace(by_rows("cards.transaction"), duplicates="refuse")
    assert [column.name for column in contract.key] == ["transaction_id"]
    full = fresh_lake(tmp_path)
    assert ingest(full, contract, [str(table)]).ok

    def prepared() -> Settings:
        home = tmp_path / f"home{next(homes)}"
        shutil.copytree(full.home / "data", home / "data", copy_function=os.link)
        for file in ("lake.json", "catalog.sqlite"):
            shutil.copy(full.home / file, home / file)
        return replace(full, home=home)

    settings = iter([prepared() for _ in range(RUNS + 1)])

    def ours() -> None:
        assert ingest(next(settings), contract, [str(load)]).as_json()["loaded"] == 2_339_446

    name = "Parquet with a refused key, table of ten loads / raw DuckDB"
    ratio(name, ours, lambda: raw_copy(contract, load, tmp_path / "raw.parquet"), 3)


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


PEAK = r"""
import re, sys
from pathlib import Path
from catalog.settings import Settings
from orchestration.ingest import ingest
from tests.benchmarks.test_load import by_rows
assert ingest(Settings(home=Path(sys.argv[1])), by_rows("retail.invoice_line"), [sys.argv[2]]).ok
status = Path("/proc/self/status").read_text()  # ru_maxrss would count what the parent had
print(re.search(r"VmHWM:\s+(\d+)", status)[1])
"""
