"""Parquet: scanned where it lies, its rows numbered, its types the contract's."""

from __future__ import annotations

import gzip
import zipfile
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.delivery import DeliveryError
from data_contracts.contract import Column, Reading
from tests.lake_help import contract, on_sqlite
from tests.orchestration.connectors.files.reading_help import read

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
ID = Column("id", "id", "string", "VARCHAR", required=True)
AMOUNT = Column("amount", "amount", "number", "DECIMAL(18,2)")


def held(*columns: Column, **says: Any) -> Contract:
    reading = Reading(format="parquet", null_values=())
    return contract(*(columns or (ID, AMOUNT)), reading=reading, **says)


def parquet(folder: Path, table: pa.Table, name: str = "x.parquet", rows: int = 100) -> Path:
    """A file of row groups of so many rows."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=rows)
    return path


def amounts(count: int) -> pa.Table:
    return pa.table({"id": [f"o{at}" for at in range(1, count + 1)], "amount": [0.1] * count})


@on_sqlite
def test_rows_are_numbered_as_they_stand_across_row_groups(lakehouse: Lakehouse) -> None:
    lakehouse.load(held(), parquet(lakehouse.folder, amounts(1000)))
    found = lakehouse.sql("select id, _position from bronze.shop_order order by _position")
    assert found == [(f"o{at}", at) for at in range(1, 1001)]


@on_sqlite
def test_broken_rows_keep_their_numbers(lakehouse: Lakehouse) -> None:
    table = pa.table({"id": ["a", None, "c", "d"], "amount": [0.1, 0.2, 0.123, 441.15000000000003]})
    report = lakehouse.load(held(), parquet(lakehouse.folder, table, rows=2))
    assert (report.as_json()["read"], report.as_json()["quarantined"]) == (4, 2)
    found = lakehouse.sql("select position, reasons from ops.quarantine order by 1")
    assert [position for position, _ in found] == [2, 3]
    kept = lakehouse.sql("select _position, amount from bronze.shop_order order by 1")
    assert kept == [(1, Decimal("0.10")), (4, Decimal("441.15"))]


@on_sqlite
def test_types_are_cast_where_nothing_is_lost(lakehouse: Lakehouse) -> None:
    columns = (
        ID,
        Column("moment", "moment", "timestamp", "TIMESTAMP WITH TIME ZONE"),
        Column("flag", "flag", "boolean", "BOOLEAN"),
        Column("small", "small", "integer", "BIGINT"),
        Column("code", "code", "string", "VARCHAR"),
    )
    moment = datetime(2024, 2, 29, 12, 30)
    table = pa.table(
        {
            "id": pa.array([1, 2, 3], pa.int64()),
            "moment": pa.array([moment, moment, None], pa.timestamp("ns")),
            "flag": pa.array([0, 1, 2], pa.int64()),
            "small": pa.array([1, 2, 3], pa.uint8()),
            "code": pa.array(["x", "y", "z"]).dictionary_encode(),
        }
    )
    lakehouse.load(held(*columns), parquet(lakehouse.folder, table))
    found = lakehouse.sql(
        "select id, moment::varchar, flag, small, code from bronze.shop_order order by _position"
    )
    at = "2024-02-29 12:30:00+00"
    assert found == [("1", at, False, 1, "x"), ("2", at, True, 2, "y")]
    assert lakehouse.one("select reasons[1] from ops.quarantine").startswith("flag: '2' ")


@pytest.mark.parametrize("name", ["x.parquet.gz", "x.zip"])
@on_sqlite
def test_a_packed_file_is_read_and_no_copy_stays(lakehouse: Lakehouse, name: str) -> None:
    plain = parquet(lakehouse.folder / "plain", amounts(300))
    path = lakehouse.folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(plain, "deep/x.parquet")
    assert lakehouse.load(held(), path).as_json()["loaded"] == 300
    source = str(path) if name.endswith(".gz") else f"{path}!deep/x.parquet"
    assert lakehouse.sql("select distinct _source from bronze.shop_order") == [(source,)]


@on_sqlite
def test_any_name_of_a_file_is_only_a_name(lakehouse: Lakehouse) -> None:
    names = ["x1.parquet", "x[1].parquet", "x*.parquet", "it's.parquet", "day=1/x.parquet"]
    paths = [parquet(lakehouse.folder, amounts(at), name) for at, name in enumerate(names, 1)]
    lakehouse.load(held(), *paths)
    found = lakehouse.sql(
        "select _source, count(*), max(_position), count(_rescued) from bronze.shop_order "
        "group by all order by 2"
    )
    assert found == [(str(path), at, at, 0) for at, path in enumerate(paths, 1)]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all", None])
def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = parquet(tmp_path, amounts(1000))
    path.write_bytes(path.read_bytes()[:-100] if content is None else content)
    with pytest.raises(DeliveryError, match=r"^is no readable Parquet: "):
        read(path, held())


@on_sqlite
def test_a_file_with_damaged_pages_fails_by_itself(lakehouse: Lakehouse) -> None:
    good = parquet(lakehouse.folder, amounts(3))
    bad = parquet(lakehouse.folder, amounts(1000), "bad.parquet")
    content = bytearray(bad.read_bytes())
    content[4:200] = b"\xff" * 196
    bad.write_bytes(content)
    report = lakehouse.load(held(), good, bad)
    assert [outcome.source for outcome in report.of("failed")] == [str(bad)]
    assert lakehouse.count("bronze.shop_order") == 3


@on_sqlite
def test_a_file_with_a_time_that_its_reader_cannot_hold_fails_by_itself(
    lakehouse: Lakehouse,
) -> None:
    at = Column("at", "at", "timestamp", "TIMESTAMP WITH TIME ZONE")
    for name, number in (("good.parquet", 0), ("bad.parquet", 2**62)):
        times = pa.array([number], pa.int64()).cast(pa.timestamp("ms", "UTC"))
        parquet(lakehouse.folder, pa.table({"id": [name], "at": times}), name)
    report = lakehouse.load(held(ID, at), lakehouse.folder)
    [failed] = report.of("failed")
    assert failed.source.endswith("/bad.parquet")
    assert failed.reason == "cannot be read: Conversion Error: Could not convert Timestamp(MS) to Timestamp(US)"  # fmt: skip
    assert lakehouse.ids() == ["good.parquet"]


@pytest.mark.parametrize("name", ["_source", "_position", "_Rescued", "{day}", "File_Row_Number"])
def test_a_name_of_the_lakes_own_or_of_duckdbs_is_refused(tmp_path: Path, name: str) -> None:
    path = parquet(tmp_path, amounts(1).append_column(name, pa.array(["x"])))
    with pytest.raises(DeliveryError, match=r"; rename it$"):
        read(path, held())


@on_sqlite
def test_a_file_without_rows_is_loaded(lakehouse: Lakehouse) -> None:
    report = lakehouse.load(held(), parquet(lakehouse.folder, amounts(0)))
    assert [(o.status, o.read) for o in report.outcomes] == [("loaded", 0)]


@on_sqlite
def test_what_the_contract_does_not_name_is_rescued(lakehouse: Lakehouse) -> None:
    table = amounts(1).append_column("more", pa.array([[1, 2]]))
    lakehouse.load(held(), parquet(lakehouse.folder, table))
    assert lakehouse.one("select _rescued::varchar from bronze.shop_order") == '{"more":[1,2]}'
