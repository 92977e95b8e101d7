from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.errors import ContractError
from data_contracts.odcs import read
from tests.data_contracts.writing import contract, written

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Column


def column(folder: Path, **said: Any) -> Column:
    return contract(folder, [{"name": "a", **said}]).columns[0]


def refusal(folder: Path, **said: Any) -> str:
    with pytest.raises(ContractError) as error:
        read(written(folder, [{"name": "a", **said}]))
    return str(error.value).partition(": schema.orders.properties.")[2]


@pytest.mark.parametrize(
    ("logical", "physical", "type_"),
    [
        ("string", None, "VARCHAR"),
        ("integer", "smallint", "BIGINT"),
        ("number", None, "DOUBLE"),
        ("number", "decimal(18,2)", "DECIMAL(18,2)"),
        ("number", "NUMERIC( 12 , 4 )", "DECIMAL(12,4)"),
        ("number", "decimal(5)", "DECIMAL(5,0)"),
        ("number", "float", "DOUBLE"),
        ("date", None, "DATE"),
        ("timestamp", None, "TIMESTAMP WITH TIME ZONE"),
        ("time", None, "VARCHAR"),
        ("boolean", None, "BOOLEAN"),
        ("object", None, "JSON"),
        ("array", None, "JSON"),
    ],
)
def test_a_logical_type_has_its_type_in_the_lake(
    tmp_path: Path, logical: str, physical: str | None, type_: str
) -> None:
    said = {"logicalType": logical, **({"physicalType": physical} if physical else {})}
    assert column(tmp_path, **said).type == type_


@pytest.mark.parametrize(
    ("physical", "logical"),
    [
        ("varchar(20)", "string"),
        ("longtext", "string"),
        ("interval", "string"),
        ("rowid", "string"),
        ("uuid", "string"),
        ("int(11) unsigned", "integer"),
        ("BIGINT", "integer"),
        ("bigserial", "integer"),
        ("numeric(10,2)", "number"),
        ("double precision", "number"),
        ("bit(1)", "boolean"),
        ("date", "date"),
        ("timestamp without time zone", "timestamp"),
        ("datetime2(7)", "timestamp"),
        ("time with time zone", "time"),
        ("jsonb", "object"),
        ("struct<a: int>", "object"),
        ("array<string>", "array"),
        ("text[]", "array"),
    ],
)
def test_without_a_logical_type_the_physical_one_says_it(
    tmp_path: Path, physical: str, logical: str
) -> None:
    assert column(tmp_path, physicalType=physical).logical_type == logical


def test_without_any_type_a_column_is_text(tmp_path: Path) -> None:
    assert column(tmp_path).type == "VARCHAR"


def test_objects_and_arrays_are_kept_nested(tmp_path: Path) -> None:
    lines = {
        "logicalType": "array",
        "items": {
            "logicalType": "object",
            "properties": [
                {"name": "item no", "logicalType": "string"},
                {"name": "amount", "logicalType": "number", "physicalType": "decimal(9,2)"},
            ],
        },
    }
    found = column(tmp_path, **lines)
    assert found.type == 'STRUCT("item no" VARCHAR, "amount" DECIMAL(9,2))[]'
    assert found.items is not None
    assert [field.name for field in found.items.fields] == ["item no", "amount"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(
            {"logicalType": "number", "physicalType": "decimal(39,2)"},
            "a.physicalType: decimal(39,2) is no decimal: the precision is 1 to 38",
            id="precision",
        ),
        pytest.param(
            {"logicalType": "number", "physicalType": "decimal(4,5)"},
            "a.physicalType: decimal(4,5) is no decimal",
            id="scale",
        ),
        pytest.param(
            {"logicalType": "vector", "logicalTypeOptions": {"dimensions": 3}},
            "a.logicalType: logicalType 'vector' is unknown; one of string",
            id="vector",
        ),
        pytest.param(
            {
                "logicalType": "number",
                "customProperties": [{"property": "currency", "value": "EUR"}],
            },
            "a: is money (EUR) and would be a binary float; name its digits",
            id="money-as-a-float",
        ),
        pytest.param(
            {"logicalType": "date", "logicalTypeOptions": {"format": "DD.MM.YYYY"}},
            "a.logicalTypeOptions.format: format 'DD.MM.YYYY': 'DD' is not understood",
            id="letters",
        ),
        pytest.param(
            {"logicalType": "date", "logicalTypeOptions": {"format": "dd/MM"}},
            "a.logicalTypeOptions.format: format 'dd/MM' names no year; add yyyy",
            id="no-year",
        ),
        pytest.param(
            {"logicalType": "timestamp", "logicalTypeOptions": {"defaultTimezone": "Europe"}},
            "a.logicalTypeOptions.defaultTimezone: time zone 'Europe' is unknown",
            id="zone",
        ),
    ],
)
def test_a_wrong_column_is_refused_with_its_key(
    tmp_path: Path, said: dict[str, Any], told: str
) -> None:
    assert refusal(tmp_path, **said).startswith(told)


def test_money_with_digits_keeps_its_currency_and_unit(tmp_path: Path) -> None:
    custom = [{"property": "currency", "value": "EUR"}, {"property": "unit", "value": "thousand"}]
    said = {"logicalType": "number", "physicalType": "decimal(18,2)", "customProperties": custom}
    found = column(tmp_path, **said)
    assert (found.currency, found.unit) == ("EUR", "thousand")


def test_a_key_is_required_and_keeps_its_position(tmp_path: Path) -> None:
    found = column(tmp_path, logicalType="string", primaryKey=True)
    assert (found.required, found.key_position) == (True, 1)
    assert column(tmp_path, logicalType="string").key_position is None


@pytest.mark.parametrize(
    ("value", "text"),
    [("007", "007"), ("NO", "NO"), ("1.10", "1.10"), ("true", "true"), ("12:30", "12:30")],
)
def test_values_of_a_list_are_taken_as_they_are_written(
    tmp_path: Path, value: str, text: str
) -> None:
    file = written(tmp_path, [{"name": "a", "logicalType": "string", "enum": [{"value": "@"}]}])
    file.write_text(file.read_text().replace("'@'", value))
    assert read(file)[0].columns[0].enum == (text,)


def test_null_among_the_values_of_a_list_is_no_value(tmp_path: Path) -> None:
    said = {"logicalType": "string", "enum": [{"value": "a"}, {"value": None}]}
    assert column(tmp_path, **said).enum == ("a",)
