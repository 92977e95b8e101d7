"""Rows that broke their contract are gated again or discarded, and the ledger counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.errors import LakeError
from catalog.quarantine import discard, groups, rows, which
from catalog.runs import Run
from data_contracts.contract import Column, Reading
from orchestration.retry import retry
from tests.e2e.test_undo import assert_the_ledger_counts_what_is_there, contents, take_back
from tests.lake_help import ID, PRICE, contract, on_sqlite, orders, write_csv

if TYPE_CHECKING:
    from catalog.loads import Amendment
    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

LOOSE = contract(ID, Column("quantity", "quantity", "string", "VARCHAR"), PRICE, version="1.1.0")
NARROW = contract(
    ID,
    Column("quantity", "quantity", "integer", "BIGINT", options={"maximum": 5}),
    PRICE,
)


def gate_again(lakehouse: Lakehouse, held_to: Contract, *names: str) -> list[Amendment]:
    return retry(lakehouse.settings, names, lambda _: held_to)


def test_retried_rows_keep_their_load_source_and_position(lakehouse: Lakehouse) -> None:
    file = write_csv(lakehouse.folder / "a.csv", "a,1,1", "b,9,2.50", "c,x,3", "d,8,4", "e,2")
    lakehouse.load(NARROW, file)
    [done] = gate_again(lakehouse, contract(version="1.1.0"))
    assert (done.load.batch, done.loaded, done.quarantined) == (1, 2, -2)
    kept = lakehouse.sql(
        "select id, quantity, _source, _position, _batch from bronze.shop_order order by 1"
    )
    assert kept == [(i, q, str(file), p, 1) for i, q, p in (("a", 1, 1), ("b", 9, 2), ("d", 8, 4))]
    left = lakehouse.sql(
        "select id, position, reasons, payload from ops.quarantine order by position"
    )
    assert [row[:2] for row in left] == [("1-3", 3), ("1-5", 5)]
    assert left[0][2] == ["quantity: 'x' is not an integer"]
    assert left[1][2:] == (["the record has 2 fields, 3 are expected"], b"e,2")
    assert_the_ledger_counts_what_is_there(lakehouse)
    said = lakehouse.sql(
        "select operation, contract_version, loaded from ops.ledger order by batch"
    )
    assert said == [("load", "1.0.0", 1), ("retry", "1.1.0", 2)]


def test_what_is_retried_twice_is_there_once(lakehouse: Lakehouse) -> None:
    lakehouse.load(NARROW, write_csv(lakehouse.folder / "a.csv", "a,1,1", "b,9,2"))
    gate_again(lakehouse, contract())
    before = contents(lakehouse)
    assert gate_again(lakehouse, contract()) == []
    assert contents(lakehouse) == before


def test_rows_of_several_tables_are_retried_each_by_its_contract(lakehouse: Lakehouse) -> None:
    other = {"id": "shop.other", "name": "other"}
    for says in ({}, other):
        file = write_csv(lakehouse.folder / f"{len(says)}.csv", "a,9,1")
        lakehouse.load(contract(*NARROW.columns, **says), file)
    wide = {"shop.order": contract(), "shop.other": contract(**other)}
    done = retry(lakehouse.settings, [], wide.__getitem__)
    assert [(a.load.table, a.loaded) for a in done] == [("shop_order", 1), ("shop_other", 1)]
    assert lakehouse.ids() == lakehouse.ids("shop_other") == ["a"]
    runs = "select outcome, count(*) from ops.run where command = 'quarantine retry' group by all"
    assert lakehouse.sql(runs) == [("succeeded", 1)]


def test_only_what_is_named_is_retried(lakehouse: Lakehouse) -> None:
    for name in ("a", "b"):
        file = write_csv(lakehouse.folder / f"{name}.csv", f"{name}1,7,1", f"{name}2,8,1")
        lakehouse.load(NARROW, file)
    gate_again(lakehouse, contract(), "1-2")
    assert lakehouse.ids() == ["a2"]
    gate_again(lakehouse, contract(), "2")
    assert lakehouse.ids() == ["a2", "b1", "b2"]
    gate_again(lakehouse, contract(), "shop.order")
    assert lakehouse.ids() == ["a1", "a2", "b1", "b2"]


def test_a_retry_that_would_repeat_a_key_changes_nothing(lakehouse: Lakehouse) -> None:
    lakehouse.load(NARROW, write_csv(lakehouse.folder / "a.csv", "a,9,1"))
    lakehouse.load(NARROW, write_csv(lakehouse.folder / "b.csv", "a,1,1"))
    before = contents(lakehouse)
    with pytest.raises(LakeError, match="id must be unique, and is repeated"):
        gate_again(lakehouse, contract(duplicates="refuse"))
    assert contents(lakehouse) == before


def test_first_keeps_no_second_row_of_a_key_by_a_retry(lakehouse: Lakehouse) -> None:
    lakehouse.load(NARROW, write_csv(lakehouse.folder / "a.csv", "a,9,1", "b,9,1"))
    lakehouse.load(NARROW, write_csv(lakehouse.folder / "b.csv", "a,1,1"))
    [done] = gate_again(lakehouse, contract(duplicates="first"))
    assert (done.loaded, done.quarantined) == (1, -1)
    assert lakehouse.ids() == ["a", "b"]


def test_discarded_rows_leave_and_the_ledger_counts_them(lakehouse: Lakehouse) -> None:
    lakehouse.load(NARROW, write_csv(lakehouse.folder / "a.csv", "a,1,1", "b,9,2", "c,x,3"))
    [done] = discard(lakehouse.lake, ["1-3"], Run("quarantine discard", lakehouse.settings))
    assert (done.quarantined, done.discarded) == (-1, 1)
    assert lakehouse.sql("select id from ops.quarantine") == [("1-2",)]
    sums = "select sum(read), sum(loaded), sum(quarantined), sum(discarded) from ops.ledger"
    assert lakehouse.sql(sums) == [(3, 1, 1, 1)]
    assert_the_ledger_counts_what_is_there(lakehouse)
    take_back(lakehouse, 1)
    assert lakehouse.sql(sums) == [(0, 0, 0, 0)]


def test_a_redelivery_takes_retried_rows_with_it(lakehouse: Lakehouse) -> None:
    lakehouse.load(NARROW, write_csv(lakehouse.folder / "a.csv", "a,9,1", "b,x,1"))
    gate_again(lakehouse, contract())
    lakehouse.load(contract(), write_csv(lakehouse.folder / "a.csv", "z,1,1"))
    assert lakehouse.ids() == ["z"]
    assert lakehouse.count("ops.quarantine") == 0


FORMATS = {
    "csv": "id,quantity,price\na,9,2.50\nb,1,1\n",
    "ndjson": '{"id":"a","quantity":9,"price":2.50,"more":{"x":[1]}}\n{"id":"b","quantity":1,"price":1}\n',
    "json": '[{"id":"a","quantity":9,"price":2.50},{"id":"b","quantity":1,"price":1}]',
    "parquet": None,
}


@pytest.mark.parametrize("form", FORMATS)
@on_sqlite
def test_a_retried_row_is_the_row_that_a_first_load_would_have_kept(
    lakehouse: Lakehouse, form: str
) -> None:
    file = lakehouse.folder / f"a.{form}"
    file.parent.mkdir(parents=True, exist_ok=True)
    if text := FORMATS[form]:
        file.write_text(text, encoding="utf-8")
    else:
        columns = {"id": ["a", "b"], "quantity": [9, 1], "price": pa.array([2.5, 1.0])}
        pq.write_table(pa.table(columns), file)
    says = {"reading": Reading(format=form)}  # type: ignore[arg-type]
    wide = contract(**says)
    lakehouse.load(contract(*NARROW.columns, **says), file)
    assert lakehouse.ids() == ["b"]
    gate_again(lakehouse, wide)
    retried = lakehouse.rows("* exclude (_batch)")
    take_back(lakehouse, 1)
    lakehouse.load(wide, file)
    assert lakehouse.rows("* exclude (_batch)") == retried
    assert len(retried) == 2


@on_sqlite
def test_the_list_counts_rows_by_load_and_reason(lakehouse: Lakehouse) -> None:
    lakehouse.load(NARROW, orders(lakehouse.folder / "a.csv", 9, broken=(2, 3)))
    lakehouse.load(NARROW, write_csv(lakehouse.folder / "b.csv", "z,9,1", "y,8,1", ",1,1"))
    with lakehouse.lake.connect(read_only=True) as connection:
        found = [(g.load, g.rows) for g in groups(connection, ["2"])]
        assert found == [(2, 2), (2, 1)]
        shown = rows(connection, ["shop.order"], 100)
    assert sum(1 for row in shown if row.load == 2) == 3


@pytest.mark.parametrize("name", ["1-2; drop", "'", "a b", "1-", "../x", "ops.'x'"])
def test_a_name_that_means_nothing_is_refused(name: str) -> None:
    with pytest.raises(LakeError, match=r"is no row \(12-7\)"):
        which([name])
