from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.show import ShownColumn, show
from tests.data_contracts.writing import contract

if TYPE_CHECKING:
    from pathlib import Path


def column(folder: Path, **said: Any) -> ShownColumn:
    return show(contract(folder, [{"name": "a", **said}])).columns[0]


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        (
            {"logicalType": "integer", "logicalTypeOptions": {"minimum": 0, "exclusiveMaximum": 9}},
            ("at least 0", "below 9"),
        ),
        (
            {"logicalType": "string", "logicalTypeOptions": {"minLength": 2, "pattern": "^a"}},
            ("matches ^a", "2 characters or more"),
        ),
        ({"logicalType": "string", "enum": [{"value": "x"}, {"value": "y"}]}, ("one of x, y",)),
        (
            {"logicalType": "array", "logicalTypeOptions": {"maxItems": 3, "uniqueItems": True}},
            ("3 items or fewer", "no item twice"),
        ),
        (
            {
                "logicalType": "timestamp",
                "logicalTypeOptions": {"format": "yyyyMMdd", "defaultTimezone": "Europe/London"},
            },
            ("as yyyyMMdd", "in Europe/London where no zone is given"),
        ),
        (
            {
                "logicalType": "string",
                "quality": [
                    {"metric": "missingValues", "mustBe": 0, "arguments": {"missingValues": ["-"]}},
                    {"metric": "invalidValues", "mustBe": 0, "arguments": {"pattern": "^b"}},
                    {"metric": "nullValues", "mustBeLessThan": 5, "unit": "percent"},
                    {"metric": "nullValues", "mustBeBetween": [1, 2], "severity": "warning"},
                    {"type": "sql", "query": "select 1", "mustBe": 1},
                ],
            },
            (
                "required, - count as missing",
                "matches ^b",
                "missing values in percent must be below 5",
                "missing values must be 1 to 2, else a warning",
                "select 1 must be 1",
            ),
        ),
    ],
)
def test_rules_are_told_in_words(
    tmp_path: Path, said: dict[str, Any], rules: tuple[str, ...]
) -> None:
    assert column(tmp_path, **said).rules == rules


def test_a_long_list_is_cut_off(tmp_path: Path) -> None:
    values = [{"value": f"v{at}"} for at in range(12)]
    (told,) = column(tmp_path, logicalType="string", enum=values).rules
    assert told.endswith("v7 and 4 more")


def test_marks_and_labels_say_key_required_unique_and_what_it_is(tmp_path: Path) -> None:
    custom = [{"property": "unit", "value": "kg"}]
    found = column(
        tmp_path,
        logicalType="string",
        physicalName="A A",
        primaryKey=True,
        unique=True,
        classification="restricted",
        customProperties=custom,
    )
    assert found.marks == ("key", "unique")
    assert found.labels == ("kg", "restricted")
    assert found.is_renamed
    assert column(tmp_path, logicalType="string", required=True).marks == ("required",)


def test_nested_columns_are_shown_by_their_paths(tmp_path: Path) -> None:
    said = [
        {
            "name": "lines",
            "logicalType": "array",
            "items": {
                "logicalType": "object",
                "properties": [
                    {"name": "item", "logicalType": "string"},
                    {"name": "tags", "logicalType": "array", "items": {"logicalType": "string"}},
                ],
            },
        },
        {
            "name": "codes",
            "logicalType": "array",
            "items": {"logicalType": "string", "logicalTypeOptions": {"maxLength": 2}},
        },
    ]
    shown = show(contract(tmp_path, said)).columns
    assert [(found.name, found.type) for found in shown] == [
        ("lines", "STRUCT[]"),
        ("lines[].item", "VARCHAR"),
        ("lines[].tags", "VARCHAR[]"),
        ("codes", "VARCHAR[]"),
        ("codes[]", "VARCHAR"),
    ]
    assert not any(found.is_renamed for found in shown[:4])


def test_how_files_are_read_names_what_the_format_has_a_use_for(tmp_path: Path) -> None:
    custom = {"delimiter": "\t", "nullValues": ["", "N/A"], "skipLines": 2, "thousandsMark": " "}
    assert show(contract(tmp_path, custom=custom)).reading == {
        "Format": "csv",
        "Delimiter": "tab",
        "Quote": '"',
        "Encoding": "UTF-8",
        "Header": "the first line",
        "Lines skipped": "2",
        "Decimal mark": "point .",
        "Thousands mark": "blank",
        "Missing is": "nothing between delimiters, N/A",
    }
    assert show(contract(tmp_path, custom={"format": "parquet"})).reading == {"Format": "parquet"}


def test_what_a_delivery_means_is_told(tmp_path: Path) -> None:
    key = [{"name": "a", "logicalType": "string", "primaryKey": True}]
    custom = {"path": r"(?P<day>\d+)", "deliveryKey": ["day"], "redelivery": "refuse"}
    delivery = show(contract(tmp_path, key, custom)).delivery
    assert delivery["Delivery key"] == "day"
    assert delivery["Redelivery"] == "another content under a known key is refused"
    assert delivery["Repeated keys"] == "rows that repeat the key are kept"
    assert "Repeated keys" not in show(contract(tmp_path)).delivery
