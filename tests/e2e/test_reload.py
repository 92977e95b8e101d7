"""Deliveries are read again by today's contract, and the result is put in place in one commit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.errors import LakeError
from data_contracts.contract import Column, Reading, Rule
from data_contracts.errors import ContractError
from orchestration.reload import reload
from tests.e2e.test_quarantine import NARROW
from tests.e2e.test_undo import assert_the_ledger_counts_what_is_there, contents, take_back
from tests.lake_help import ID, QUANTITY, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn


def test_a_wrong_decimal_mark_is_mended_after_the_files_are_gone(lakehouse: Lakehouse) -> None:
    files = [
        write_csv(lakehouse.folder / f"{name}.csv", f"{name};1;1.234", header="id;quantity;price")
        for name in "ab"
    ]
    wrong = contract(reading=Reading(delimiter=";", decimal_mark=",", thousands_mark="."))
    right = contract(version="1.0.1", reading=Reading(delimiter=";"))
    right = replace(
        right, columns=(*right.columns[:2], replace(right.columns[2], type="DECIMAL(18,3)"))
    )
    snapshot = lakehouse.load(wrong, *files).snapshot
    assert lakehouse.rows("id, price") == [("a", Decimal(1234)), ("b", Decimal(1234))]
    for file in files:
        file.unlink()
    amended = reload(lakehouse.settings, right)
    assert [(a.load.batch, a.loaded, a.quarantined) for a in amended] == [(1, 0, 0), (2, 0, 0)]
    assert lakehouse.rows("id, price, _batch") == [
        ("a", Decimal("1.234"), 1), ("b", Decimal("1.234"), 2),
    ]  # fmt: skip
    with lakehouse.lake.connect(at=snapshot) as then:
        assert then.execute("select sum(price) from bronze.shop_order").fetchone() == (2468,)
    assert lakehouse.sql("select contract_version from ops.ledger order by batch") == [
        ("1.0.0",), ("1.0.0",), ("1.0.1",), ("1.0.1",),
    ]  # fmt: skip
    assert lakehouse.load(right, write_csv(files[0], "a;1;1.234", header="id;quantity;price")).of(
        "already_loaded"
    )


def test_a_reload_of_a_table_without_loads_commits_nothing(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3))
    take_back(lakehouse, 1)
    before = lakehouse.snapshots()
    assert reload(lakehouse.settings, contract()) == []
    assert lakehouse.snapshots() == before


def test_a_reload_by_the_same_contract_changes_no_row(lakehouse: Lakehouse) -> None:
    for name in "abc":
        lakehouse.load(contract(), orders(lakehouse.folder / f"{name}.csv", 9, ord(name), (99,)))
    before = contents(lakehouse)
    reload(lakehouse.settings, contract())
    assert contents(lakehouse) == before
    assert_the_ledger_counts_what_is_there(lakehouse)


def test_only_the_load_that_is_meant_is_read_again(lakehouse: Lakehouse) -> None:
    for name in "ab":
        lakehouse.load(NARROW, write_csv(lakehouse.folder / f"{name}.csv", f"{name},9,1"))
    [amended] = reload(lakehouse.settings, contract(), 2)
    assert (amended.load.batch, amended.loaded, amended.quarantined) == (2, 1, -1)
    assert lakehouse.ids() == ["b"]
    assert_the_ledger_counts_what_is_there(lakehouse)


def test_types_may_change_in_any_way_where_all_is_read_again(lakehouse: Lakehouse) -> None:
    file = write_csv(lakehouse.folder / "a.csv", "a,20260131,1", "b,20260201,2")
    before = lakehouse.load(contract(), file).snapshot
    day = Column("day", "quantity", "date", "DATE", options={"format": "yyyyMMdd"})
    other = contract(ID, day, version="2.0.0")
    with pytest.raises(ContractError, match=r"lakehouse reload shop\.order"):
        lakehouse.load(other, write_csv(lakehouse.folder / "b.csv", "c,20260202,3"))
    with pytest.raises(ContractError, match="does not fit"):
        reload(lakehouse.settings, other, 1)
    reload(lakehouse.settings, other)
    lakehouse.close()
    assert lakehouse.rows("id, day::varchar") == [("a", "2026-01-31"), ("b", "2026-02-01")]
    with lakehouse.lake.connect(at=before) as then:
        assert then.execute("select max(quantity) from bronze.shop_order").fetchone() == (20260201,)
    lakehouse.load(other, write_csv(lakehouse.folder / "b.csv", "c,20260202,3"))
    take_back(lakehouse, lakehouse.one("select max(_batch) from bronze.shop_order"), other)
    assert lakehouse.ids() == ["a", "b"]


def test_a_delivery_whose_copy_is_gone_or_changed_stops_the_whole(lakehouse: Lakehouse) -> None:
    files = [orders(lakehouse.folder / f"{name}.csv", 3, ord(name)) for name in "ab"]
    lakehouse.load(contract(), *files)
    before = contents(lakehouse)
    kept = sorted((lakehouse.data / "raw").glob("*/*.zst"))
    [of_a] = lakehouse.sql("select content_hash from ops.ledger where batch = 1")
    [copy] = [file for file in kept if file.stem == of_a[0]]
    copy.unlink()
    reload(lakehouse.settings, contract())
    files[0].unlink()
    with pytest.raises(LakeError, match=r"load 1: .*a\.csv is gone, and the lake keeps no copy"):
        reload(lakehouse.settings, contract())
    with pa.CompressedOutputStream(str(copy), "zstd") as out:
        out.write(b"id,quantity,price\nx,1,1\n")
    with pytest.raises(LakeError, match=r"load 1, .*is not what was loaded any more"):
        reload(lakehouse.settings, contract())
    assert contents(lakehouse) == before


@on_sqlite
def test_a_parquet_file_is_read_where_it_lies(lakehouse: Lakehouse) -> None:
    file = lakehouse.folder / "a.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(pa.table({"id": ["a"], "quantity": [9], "price": [1.5]}), file)
    says = {"reading": Reading(format="parquet"), "keep_raw": False}
    lakehouse.load(contract(*NARROW.columns, **says), file)
    reload(lakehouse.settings, contract(**says))
    assert lakehouse.rows() == [("a", 9, Decimal("1.50"))]
    pq.write_table(pa.table({"id": ["b"], "quantity": [9], "price": [1.5]}), file)
    with pytest.raises(LakeError, match="is not what was loaded any more"):
        reload(lakehouse.settings, contract(**says))


def test_a_rule_of_the_load_that_breaks_stops_the_whole(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3))
    before = contents(lakehouse)
    rule = Rule(
        "enough", "library", "error", metric="rowCount", comparisons=(("mustBeGreaterThan", 3),)
    )
    with pytest.raises(LakeError, match=r"load 1: rule enough: is 3, .*nothing was changed"):
        reload(lakehouse.settings, contract(rules=(rule,)))
    assert contents(lakehouse) == before


def test_a_dry_run_says_what_would_change_and_changes_nothing(lakehouse: Lakehouse) -> None:
    lakehouse.load(NARROW, write_csv(lakehouse.folder / "a.csv", "a,9,1", "b,1,1"))
    before, snapshots = contents(lakehouse), lakehouse.snapshots()
    [amended] = reload(lakehouse.settings, contract(), dry_run=True)
    assert (amended.loaded, amended.quarantined) == (1, -1)
    assert (contents(lakehouse), lakehouse.snapshots()) == (before, snapshots)


def test_discarded_rows_come_back_by_a_reload_and_replaced_loads_do_not(
    lakehouse: Lakehouse,
) -> None:
    from catalog.quarantine import discard
    from catalog.runs import Run

    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3, 1))
    lakehouse.load(contract(), orders(lakehouse.folder / "a.csv", 3, 5, broken=(6,)))
    discard(lakehouse.lake, ["2"], Run("quarantine discard", lakehouse.settings))
    [amended] = reload(lakehouse.settings, contract(ID, QUANTITY, contract().columns[2]))
    assert (amended.load.batch, amended.quarantined, amended.discarded) == (2, 1, -1)
    assert lakehouse.ids() == ["o5", "o7"]
    assert_the_ledger_counts_what_is_there(lakehouse)
