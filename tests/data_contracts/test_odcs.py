from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.errors import ContractError
from data_contracts.odcs import read
from tests.data_contracts.writing import ORDER_ID, contract, written

if TYPE_CHECKING:
    from pathlib import Path

KEYED = {"name": "order_id", "logicalType": "string", "primaryKey": True}


def test_a_silent_contract_reads_csv_with_the_defaults(tmp_path: Path) -> None:
    found = contract(tmp_path)
    reading = found.reading
    assert (reading.format, reading.delimiter, reading.quote) == ("csv", ",", '"')
    assert (reading.encoding, reading.header, reading.skip_lines) == ("UTF-8", True, 0)
    assert (reading.decimal_mark, reading.thousands_mark) == (".", "")
    assert (reading.null_values, reading.sheet, reading.path) == (("",), None, None)
    assert (found.redelivery, found.duplicates, found.unknown_columns) == (
        "replace",
        "keep",
        "rescue",
    )
    assert (found.delivery_key, found.keep_raw) == ((), True)
    assert found.table == "shop_orders"


def test_everything_that_is_said_is_read(tmp_path: Path) -> None:
    found = contract(
        tmp_path,
        [KEYED, {"name": "day", "physicalName": "{day}", "logicalType": "date"}],
        {
            "format": "excel",
            "header": False,
            "sheet": "Data",
            "decimalMark": ",",
            "thousandsMark": ".",
            "nullValues": ["", "N/A"],
            "skipLines": 2,
            "path": r"(?P<day>\d{8})",
            "deliveryKey": "day",
            "redelivery": "keep",
            "duplicates": "first",
            "unknownColumns": "ignore",
            "keepRaw": False,
        },
    )
    assert found.reading.sheet == "Data"
    assert found.reading.null_values == ("", "N/A")
    assert found.delivery_key == ("day",)
    assert (found.duplicates, found.keep_raw) == ("first", False)
    assert found.columns[1].group == "day"


@pytest.mark.parametrize("form", ["parquet", "json", "ndjson"])
def test_formats_that_say_null_themselves_take_no_text_for_null(tmp_path: Path, form: str) -> None:
    assert contract(tmp_path, custom={"format": form}).reading.null_values == ()


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("format", "xml", "one of csv, excel, parquet, json, ndjson, table is meant"),
        ("redelivery", "append", "one of replace, keep, refuse is meant"),
        ("duplicates", "last", "one of keep, first, refuse is meant"),
        ("unknownColumns", True, "one of rescue, ignore, refuse is meant"),
        ("delimiter", "||", "one character in quotes is meant"),
        ("delimiter", 5, "one character in quotes is meant"),
        ("delimiter", "", "delimiter is empty"),
        ("quote", "''", "one character in quotes is meant"),
        ("quote", ",", "delimiter and quote are the same"),
        ("escape", '"', "escape is the delimiter or the quote"),
        ("decimalMark", ";", "decimalMark is '.' or ','"),
        ("thousandsMark", ".", "decimalMark and thousandsMark are the same"),
        ("encoding", "utf-9", "encoding 'utf-9' is unknown"),
        ("encoding", "base64", "encoding 'base64' is unknown"),
        ("encoding", 8, "a text is meant"),
        ("sheet", 1, "a text is meant"),
        ("path", "", "a text is meant"),
        ("path", "(", "path is no regular expression"),
        ("header", "no", "true or false is meant"),
        ("keepRaw", 1, "true or false is meant"),
        ("skipLines", True, "a number of lines is meant"),
        ("skipLines", -1, "a number of lines is meant"),
        ("nullValues", [None], "a list of texts in quotes is meant"),
        ("nullValues", [-999], "a list of texts in quotes is meant"),
        ("deliveryKey", ["day"], "deliveryKey names 'day', which is no group of path"),
        ("duplicates", "refuse", "duplicates is refuse, but no property has primaryKey: true"),
    ],
)
def test_a_wrong_custom_property_is_refused_with_its_key(
    tmp_path: Path, name: str, value: Any, meant: str
) -> None:
    with pytest.raises(ContractError) as error:
        read(written(tmp_path, custom={"keepRaw": True, name: value}))
    place, _, message = str(error.value).partition(": ")
    # Above it are the head of the file, the schema object, and keepRaw.
    assert place == f"{tmp_path}/orders.odcs.yaml:{11 if name == 'keepRaw' else 13}"
    assert message.startswith(f"schema.orders.customProperties.{name}: ")
    assert meant in message


def test_a_custom_property_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    twice = [{"property": "format", "value": "csv"}, {"property": "format", "value": "json"}]
    with pytest.raises(ContractError, match="format is given twice; keep one"):
        read(written(tmp_path, item={"customProperties": twice}))


def test_the_custom_properties_of_others_are_left_alone(tmp_path: Path) -> None:
    assert contract(tmp_path, custom={"refRulesetName": 7}).reading.format == "csv"


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ([ORDER_ID, {**ORDER_ID, "name": "ORDER_ID"}], "properties.ORDER_ID: is named twice"),
        ([{**ORDER_ID, "name": "_Batch"}], "properties._Batch: is a column of the lake's own"),
        ([{**ORDER_ID, "physicalName": "{day}"}], "physicalName: path has no group 'day'"),
    ],
)
def test_columns_that_cannot_be_are_refused(
    tmp_path: Path, properties: list[dict[str, Any]], told: str
) -> None:
    with pytest.raises(ContractError) as error:
        read(written(tmp_path, properties))
    assert told in str(error.value)


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    wrong = {"name": "a", "logicalType": "number", "physicalType": "decimal(40,2)"}
    other = {"name": "b", "logicalType": "date", "logicalTypeOptions": {"format": "dd.MM"}}
    with pytest.raises(ContractError) as error:
        read(written(tmp_path, [wrong, other]))
    lines = str(error.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "schema.orders.properties.a.physicalType",
        "schema.orders.properties.b.logicalTypeOptions.format",
    ]


@pytest.mark.parametrize(
    ("domain", "id_", "table"),
    [
        ("Sales & Ops", "x", "sales_ops_orders"),
        (None, "erp.finance.orders", "erp_finance_orders"),
        (None, "53581432-6c55", "main_orders"),
    ],
)
def test_a_table_is_named_by_domain_and_schema_object(
    tmp_path: Path, domain: str | None, id_: str, table: str
) -> None:
    file = written(tmp_path, id=id_, domain=domain or "shop")
    if domain is None:
        file.write_text(file.read_text().replace("domain: shop\n", ""))
    assert read(file)[0].table == table


def test_a_name_without_any_letter_names_no_table(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="'--' has no letter from a to z"):
        read(written(tmp_path, domain="--"))


def test_two_schema_objects_may_not_mean_one_table(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"schema\.ORDERS\.name: its table shop_orders is also"):
        read(written(tmp_path, schema=[{"name": "orders"}, {"name": "ORDERS"}]))


@pytest.mark.parametrize(
    ("team", "owner"),
    [
        pytest.param({"name": "ops"}, "ops", id="team"),
        pytest.param(
            {"name": "ops", "members": [{"username": "ada", "role": "Owner"}]}, "ada", id="owner"
        ),
        pytest.param(
            {
                "name": "ops",
                "members": [{"username": "ada", "role": "owner", "dateOut": "2024-01-01"}],
            },
            "ops",
            id="owner-who-has-left",
        ),
        pytest.param([{"username": "ada", "role": "data owner", "name": "Ada"}], "Ada", id="list"),
        pytest.param([{"username": "ada", "role": "steward"}], None, id="no-owner"),
    ],
)
def test_the_owner_is_who_has_that_role_and_is_still_there(
    tmp_path: Path, team: Any, owner: str | None
) -> None:
    assert contract(tmp_path, team=team).owner == owner


def test_the_key_and_the_partitions_keep_their_positions(tmp_path: Path) -> None:
    properties = [
        {**KEYED, "name": "b", "primaryKeyPosition": 2},
        {**KEYED, "name": "a", "primaryKeyPosition": 1},
        {"name": "day", "logicalType": "date", "partitioned": True, "partitionKeyPosition": 2},
        {"name": "region", "logicalType": "string", "partitioned": True, "partitionKeyPosition": 1},
    ]
    found = contract(tmp_path, properties)
    assert [column.name for column in found.key] == ["a", "b"]
    assert all(column.required for column in found.key)
    assert found.partition == ("region", "day")
