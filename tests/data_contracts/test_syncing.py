"""How a contract says that a table of a database is kept up with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.diff import diff
from data_contracts.errors import ContractError
from data_contracts.show import show
from tests.data_contracts.writing import contract

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Contract

COLUMNS = [
    {"name": "id", "logicalType": "integer", "primaryKey": True},
    {"name": "at", "logicalType": "timestamp"},
    {"name": "number", "logicalType": "integer"},
]


def of(folder: Path, **custom: Any) -> Contract:
    return contract(folder, COLUMNS, {"format": "table", **custom})


@pytest.mark.parametrize(
    ("watermark", "overlap", "expected"),
    [
        ("at", "10 minutes", 600),
        ("at", "1 h", 3600),
        ("at", "2d", 172_800),
        ("at", "30s", 30),
        ("number", 1000, 1000),
        ("at", None, 0),
    ],
)
def test_an_overlap_is_a_span_of_time_or_a_number(
    tmp_path: Path, watermark: str, overlap: object, expected: int
) -> None:
    said = {"overlap": overlap} if overlap is not None else {}
    found = of(tmp_path, load="upsert", watermark=watermark, **said)
    assert found.syncing.overlap == expected
    assert found.syncing.watermark == (watermark,)


@pytest.mark.parametrize(
    ("custom", "told"),
    [
        ({"load": "snapshot", "watermark": "at"}, "watermark needs load: upsert"),
        ({"watermark": "at"}, "watermark needs load: upsert"),
        ({"load": "snapshot", "compareKeys": True}, "compareKeys needs load: upsert"),
        ({"load": "upsert", "watermark": "at", "allowShrink": 50}, "allowShrink means nothing"),
        ({"load": "upsert", "watermark": "when"}, "there is no property when"),
        ({"load": "upsert", "overlap": "1 h"}, "overlap needs a watermark"),
        ({"load": "upsert", "watermark": "at", "overlap": 5}, "a span such as 10 minutes"),
        ({"load": "upsert", "watermark": "at", "overlap": "soon"}, "a span such as 10 minutes"),
        ({"load": "upsert", "watermark": "number", "overlap": "1 h"}, "number is no time"),
        ({"load": "upsert", "compareKeys": True, "orderBy": ["at"]}, "does not go with orderBy"),
        ({"load": "upsert", "watermark": "at", "overlap": -1}, "or a whole number"),
    ],
)
def test_what_does_not_go_together_is_refused_with_the_reason(
    tmp_path: Path, custom: dict[str, Any], told: str
) -> None:
    with pytest.raises(ContractError, match=told):
        of(tmp_path, **custom)


def test_a_table_whose_keys_are_compared_may_lose_as_many_as_its_contract_says(
    tmp_path: Path,
) -> None:
    found = of(tmp_path, load="upsert", watermark="at", compareKeys=True, allowShrink=50)
    assert found.loading.shrink == 50


def test_a_table_says_itself_what_is_null_and_is_kept_nowhere_else(tmp_path: Path) -> None:
    found = contract(tmp_path, COLUMNS, {"format": "table"}, item={"physicalName": "The Orders"})
    assert found.reading.null_values == ()
    assert not found.keep_raw
    assert found.source == "The Orders"


def test_it_is_shown_and_its_changes_are_told(tmp_path: Path) -> None:
    old = of(tmp_path, load="upsert", watermark=["at"])
    new = of(tmp_path, load="upsert", watermark=["at"], overlap="1 min", compareKeys=True)
    assert show(new).delivery["Read from"] == "the highest at on, less 60"
    assert show(new).delivery["Deleted rows"] == "known by a comparison of all keys"
    told = [change.what for change in diff(old, new)]
    assert told == ["overlap is now 60", "compareKeys is now true"]
