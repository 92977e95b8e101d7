"""Deliveries that are compared with what is there, against loading the same file by append."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import pytest

from catalog.lake import Lake
from catalog.settings import Settings
from data_contracts.contract import Column
from data_contracts.loading import Loading
from orchestration.ingest import ingest
from tests.benchmarks.measure import ratio
from tests.lake_help import contract

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.bench

ROWS = 1_000_000
ORDERS = contract(
    Column("id", "id", "string", "VARCHAR", required=True, key_position=1),
    Column("customer", "customer", "string", "VARCHAR"),
    Column("quantity", "quantity", "integer", "BIGINT"),
    Column("price", "price", "number", "DECIMAL(12,2)"),
    Column("ordered_at", "ordered_at", "timestamp", "TIMESTAMP"),
    Column("note", "note", "string", "VARCHAR"),
    reading=replace(contract().reading, format="parquet"),
    keep_raw=False,
)
MAKE = """
copy (
    select
        'o' || i as id,
        'c' || hash(i) % 50000 as customer,
        hash(i) % 9 + case when {changed} then 1 else 0 end as quantity,
        (hash(i) % 100000 / 100)::decimal(12, 2) as price,
        timestamp '2026-01-01' + interval (i) second as ordered_at,
        'note ' || hash(i) % 1000 as note
    from range({rows}) as r (i)
) to '{file}'
"""
homes = itertools.count()


def made(folder: Path, name: str, changed: str) -> Path:
    file = folder / name
    duckdb.sql(MAKE.format(changed=changed, rows=ROWS, file=file))
    return file


def fresh(folder: Path) -> Settings:
    settings = Settings(home=folder / f"home{next(homes)}")
    Lake(settings).create()
    return settings


@pytest.mark.parametrize("mode", ["snapshot", "upsert"])
def test_a_million_rows_of_which_one_percent_changed(tmp_path: Path, mode: str) -> None:
    first = made(tmp_path, "first.parquet", "false")
    loading = Loading(mode="snapshot") if mode == "snapshot" else Loading(mode="upsert")
    changing = replace(ORDERS, loading=loading)
    loaded = fresh(tmp_path)
    ingest(loaded, changing, [str(first)])
    numbers = itertools.count()

    def compare() -> None:
        number = next(numbers)
        file = made(tmp_path, f"changed{number}.parquet", f"i % 100 = {number}")
        report = ingest(loaded, changing, [str(file)])
        assert report.as_json()["unchanged"] >= 0.97 * ROWS
        assert report.as_json()["loaded"] >= 0.01 * ROWS

    def plain() -> None:
        made(tmp_path, "plain.parquet", "false")
        report = ingest(fresh(tmp_path), ORDERS, [str(first)])
        assert report.as_json()["loaded"] == ROWS

    ratio(f"a {mode} of a million rows, 1% changed / plain load", compare, plain, 3)
