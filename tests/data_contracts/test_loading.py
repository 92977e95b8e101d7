"""What a contract says of its deliveries: read, refused, told, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.check import check
from data_contracts.diff import diff
from data_contracts.errors import ContractError
from data_contracts.odcs import read
from data_contracts.show import show
from tests.data_contracts.writing import contract, written

if TYPE_CHECKING:
    from pathlib import Path

KEYED: list[dict[str, Any]] = [
    {"name": "id", "logicalType": "string", "primaryKey": True, "primaryKeyPosition": 1},
    {"name": "day", "logicalType": "date"},
    {"name": "op", "logicalType": "string"},
    {"name": "note", "logicalType": "string"},
]


def test_what_is_said_is_read(tmp_path: Path) -> None:
    custom = {
        "load": "period", "periodBy": "day", "path": r"(?P<from>\d+)-(?P<to>\d+)",
        "period": ["{from}", "{to}"], "deliveryOrder": "{to}", "deleteWhen": "note = 'gone'",
        "allowShrink": 50,
    }  # fmt: skip
    loading = contract(tmp_path, KEYED, custom).loading
    assert (loading.mode, loading.period_by, loading.period) == ("period", "day", ("from", "to"))
    assert (loading.group, loading.delete_when, loading.shrink) == ("to", "note = 'gone'", 50)


@pytest.mark.parametrize(
    ("custom", "said"),
    [
        ({"load": "replace"}, "one of append, snapshot, period, upsert, cdc is meant"),
        ({"load": "upsert", "orderBy": ["at"]}, "there is no property at"),
        ({"load": "upsert", "deliveryOrder": "at"}, "there is no property at; a group of the path"),
        ({"load": "upsert", "deliveryOrder": "{at}"}, "path has no group 'at'"),
        ({"load": "period"}, "load is period, which needs periodBy: the column that says the day"),
        ({"load": "period", "periodBy": "note"}, "note is no date or timestamp column"),
        ({"load": "period", "periodBy": "day", "period": ["d"]}, "path has no group 'd'"),
        ({"load": "cdc"}, "load is cdc, which needs operation"),
        ({"load": "cdc", "operation": "what"}, "there is no property what"),
        ({"load": "cdc", "operation": "op", "operations": {"drop": "X"}}, "'drop' is none of"),
        ({"load": "cdc", "operation": "op", "operations": ["X"]}, "an operation with its names"),
        ({"load": "snapshot", "allowShrink": 101}, "percent from 0 to 100 is meant"),
        ({"load": "snapshot", "redelivery": "keep"}, "redelivery means nothing where load is snap"),
        ({"load": "upsert", "periodBy": "day"}, "periodBy means nothing where load is upsert"),
        ({"orderBy": ["id"]}, "orderBy means nothing where load is append"),
    ],
)
def test_what_does_not_go_together_is_refused_with_the_place(
    tmp_path: Path, custom: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractError) as refused:
        read(written(tmp_path, KEYED, custom))
    assert said in str(refused.value)
    assert "orders.odcs.yaml:" in str(refused.value)


def test_rows_that_are_changed_need_a_key(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="load is snapshot, but no property has primaryKey"):
        read(written(tmp_path, KEYED[1:], {"load": "snapshot"}))


def test_a_check_says_where_the_last_to_arrive_wins(tmp_path: Path) -> None:
    def warned(custom: dict[str, Any]) -> str:
        return " ".join(found.message for found in check(written(tmp_path, KEYED, custom)).warnings)

    assert "the one that arrives last wins" in warned({"load": "upsert"})
    assert "the one that arrives last wins" not in warned({"load": "upsert", "orderBy": ["day"]})
    assert "day is no part of the key" in warned({"load": "period", "periodBy": "day"})


def test_a_check_tries_what_deletes(tmp_path: Path) -> None:
    [found] = check(written(tmp_path, KEYED, {"load": "upsert", "deleteWhen": "nota = 1"})).faults
    assert found.message.startswith("deleteWhen cannot be worked out: Referenced column")


def test_what_a_delivery_is_is_shown_in_words(tmp_path: Path) -> None:
    shown = show(contract(tmp_path, KEYED, {"load": "cdc", "operation": "op", "orderBy": ["day"]}))
    assert shown.delivery["A delivery is"] == "cdc: each of its rows is an operation on its key"
    assert shown.delivery["Newer is"] == "the row whose day is greater"
    assert "Redelivery" not in shown.delivery


def test_another_meaning_of_a_delivery_breaks_readers_and_deliverers(tmp_path: Path) -> None:
    old = contract(tmp_path / "old", KEYED, {"load": "snapshot"})
    new = contract(tmp_path / "new", KEYED, {"load": "upsert", "orderBy": ["day"]})
    told = {change.what: change.breaking_for for change in diff(old, new)}
    assert told == {
        "load was snapshot, is now upsert": ("readers", "deliverers"),
        "orderBy is now day": ("readers",),
    }
