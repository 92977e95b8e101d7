"""What is loaded is loaded once, under whatever name and however often it comes."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

import orchestration.ingest
from data_contracts.contract import Reading
from tests.lake_help import contract, orders, write_csv

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

BY_DAY = {"reading": Reading(path=r"(?P<day>\d\d)\.csv$"), "delivery_key": ("day",)}


def test_the_same_load_twice_changes_nothing(lakehouse: Lakehouse) -> None:
    first = orders(lakehouse.folder / "a.csv", 30, broken=[3])
    second = orders(lakehouse.folder / "b.csv", 5, first=100, broken=[101])
    report = lakehouse.load(contract(), first, second)
    assert [(o.read, o.loaded, o.quarantined) for o in report.outcomes] == [(30, 29, 1), (5, 4, 1)]
    before, receipts = lakehouse.state(), lakehouse.count("ops.receipt")
    again = lakehouse.load(contract(), first, second)
    assert [o.status for o in again.outcomes] == ["already_loaded"] * 2
    assert [o.batch for o in again.outcomes] == [o.batch for o in report.outcomes]
    assert again.as_json()["read"] == again.as_json()["loaded"] == 0
    assert lakehouse.state() == before
    assert [rows for rows, _ in before] == [33, 2, 2]
    assert lakehouse.count("ops.receipt") == receipts + 2


def test_the_same_content_under_another_name_is_already_loaded(lakehouse: Lakehouse) -> None:
    first = orders(lakehouse.folder / "a.csv", 3)
    lakehouse.load(contract(), first)
    before = lakehouse.state()
    packed = lakehouse.folder / "packed.csv.gz"
    packed.write_bytes(gzip.compress(first.read_bytes()))
    moved = first.rename(lakehouse.folder / "moved to.csv")
    report = lakehouse.load(contract(), moved, packed)
    assert [(o.status, o.batch) for o in report.outcomes] == [("already_loaded", 1)] * 2
    assert lakehouse.state() == before
    names = lakehouse.sql(
        "select distinct delivery_key from ops.receipt where batch = 1 order by 1"
    )
    assert [name for (name,) in names] == [str(first), str(moved), str(packed)]


def test_two_names_of_one_content_in_one_call_load_it_once(lakehouse: Lakehouse) -> None:
    report = lakehouse.load(
        contract(), orders(lakehouse.folder / "a.csv", 3), orders(lakehouse.folder / "b.csv", 3)
    )
    assert [(o.status, o.batch) for o in report.outcomes] == [("loaded", 1), ("already_loaded", 1)]
    assert lakehouse.ids() == ["o1", "o2", "o3"]


@pytest.mark.parametrize("files_of_a_group", [1, 1000])
def test_two_files_with_no_rows_are_one_content(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, files_of_a_group: int
) -> None:
    monkeypatch.setattr(orchestration.ingest, "GROUP_FILES", files_of_a_group)
    report = lakehouse.load(
        contract(), *(write_csv(lakehouse.folder / f"{name}.csv") for name in "ab")
    )
    assert [(o.status, o.batch) for o in report.outcomes] == [("loaded", 1), ("already_loaded", 1)]
    assert lakehouse.count("ops.ledger") == 1


def test_the_same_content_in_another_table_is_another_load(lakehouse: Lakehouse) -> None:
    file = orders(lakehouse.folder / "a.csv", 3)
    lakehouse.load(contract(), file)
    assert [o.status for o in lakehouse.load(contract(name="other"), file).outcomes] == ["loaded"]
    assert lakehouse.ids() == lakehouse.ids("shop_other") == ["o1", "o2", "o3"]


def test_another_delivery_key_is_another_delivery(lakehouse: Lakehouse) -> None:
    files = [orders(lakehouse.folder / f"{day}.csv", 2) for day in ("01", "02")]
    report = lakehouse.load(contract(**BY_DAY), *files)
    assert [o.status for o in report.outcomes] == ["loaded", "loaded"]
    assert lakehouse.ids() == ["o1", "o1", "o2", "o2"]
    before = lakehouse.state()
    lakehouse.load(contract(**BY_DAY), *files)
    assert lakehouse.state() == before


def test_the_same_delivery_key_in_another_folder_is_the_same_delivery(lakehouse: Lakehouse) -> None:
    lakehouse.load(contract(**BY_DAY), orders(lakehouse.folder / "a" / "01.csv", 2))
    again = lakehouse.load(contract(**BY_DAY), orders(lakehouse.folder / "b" / "01.csv", 2))
    assert [o.status for o in again.outcomes] == ["already_loaded"]
    other = lakehouse.load(contract(**BY_DAY), orders(lakehouse.folder / "c" / "01.csv", 3))
    assert [(o.status, o.replaced) for o in other.outcomes] == [("loaded", (1,))]
    assert lakehouse.ids() == ["o1", "o2", "o3"]


def test_a_file_that_failed_is_loaded_when_it_is_mended(lakehouse: Lakehouse) -> None:
    file = write_csv(lakehouse.folder / "a.csv", "1,2", header="quantity,price")
    assert [o.status for o in lakehouse.load(contract(), file).outcomes] == ["failed"]
    assert [rows for rows, _ in lakehouse.state()] == [0, 0, 0]
    orders(file, 2)
    assert [o.status for o in lakehouse.load(contract(), file).outcomes] == ["loaded"]
    receipts = lakehouse.sql("select status, batch is null from ops.receipt order by id")
    assert receipts == [("failed", True), ("loaded", False)]
