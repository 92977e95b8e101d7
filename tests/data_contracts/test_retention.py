"""How long rows are kept, as a contract says it; what cannot be reckoned with is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.errors import ContractError
from data_contracts.odcs import read
from data_contracts.retention import Retention
from tests.data_contracts.writing import ORDER_ID, written

if TYPE_CHECKING:
    from pathlib import Path

DAY = {"name": "day", "logicalType": "date"}


def read_with(folder: Path, *levels: dict[str, Any]) -> Retention | None:
    said = [{"property": "retention"} | level for level in levels]
    return read(written(folder, [ORDER_ID, DAY], slaProperties=said))[0].retention


def test_a_schema_objects_own_retention_goes_before_that_of_the_whole(tmp_path: Path) -> None:
    whole = {"value": 10, "unit": "y"}
    own = {"value": 30, "unit": "d", "element": "orders.day"}
    assert read_with(tmp_path, whole) == Retention(10, "year")
    assert read_with(tmp_path, whole, own) == Retention(30, "day", "day")
    assert read_with(tmp_path, whole, own | {"element": "others.day"}) == Retention(10, "year")


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ({"value": 1, "unit": "y", "element": "orders.order_id"}, "is no date or timestamp"),
        ({"value": 1, "unit": "y", "element": "orders.gone"}, "is no date or timestamp"),
        ({"value": 1}, "its unit is missing"),
        ({"value": 0, "unit": "d"}, "'0' is no whole number from 1 to 999,999"),
        ({"value": 1.5, "unit": "d"}, "'1.5' is no whole number"),
        ({"value": "²", "unit": "d"}, "'²' is no whole number"),
        ({"value": 10_000, "unit": "y"}, "'10000' is no whole number from 1 to 9,999"),
        ({"value": 10**14, "unit": "h"}, "'100000000000000' is no whole number"),
    ],
)
def test_a_retention_that_cannot_be_reckoned_with_is_refused(
    tmp_path: Path, level: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractError, match=said):
        read_with(tmp_path, level)
