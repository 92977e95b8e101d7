from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from data_contracts import find as finder
from data_contracts.check import check, check_all, files_meant
from data_contracts.errors import ContractError
from tests.data_contracts.writing import ORDER_ID, written

if TYPE_CHECKING:
    from pathlib import Path

DESCRIBED = {**ORDER_ID, "description": "Number of the order."}
WHOLE: dict[str, Any] = {"team": {"name": "ops"}, "item": {"description": "One row an order."}}


@pytest.fixture(autouse=True)
def _no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a check asks for nothing of the net")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def warnings(folder: Path, *args: Any, **said: Any) -> list[str]:
    checked = check(written(folder, *args, **said), {"e_mail": "e-mail address"}.get)
    assert checked.accepted
    return [found.told for found in checked.warnings]


def test_a_contract_that_says_everything_is_accepted_without_a_word(tmp_path: Path) -> None:
    checked = check(written(tmp_path, [DESCRIBED], **WHOLE))
    assert (checked.accepted, checked.findings) == (True, ())
    assert [contract.table for contract in checked.contracts] == ["shop_orders"]


@pytest.mark.parametrize(
    ("said", "key", "told"),
    [
        pytest.param(
            {"logicalType": "string", "logicalTypeOptions": {"pattern": "a(?=b)"}},
            "logicalTypeOptions.pattern",
            "'a(?=b)' cannot be used: invalid perl operator: (?=; it is read by RE2",
            id="pattern",
        ),
        pytest.param(
            {"logicalType": "date", "logicalTypeOptions": {"minimum": "yesterday"}},
            "logicalTypeOptions.minimum",
            "'yesterday' cannot be used: ",
            id="bound",
        ),
        pytest.param(
            {"logicalType": "timestamp", "logicalTypeOptions": {"defaultTimezone": "posixrules"}},
            "logicalTypeOptions.defaultTimezone",
            "'posixrules' cannot be used: ",
            id="zone-that-only-python-knows",
        ),
        pytest.param(
            {
                "logicalType": "string",
                "quality": [
                    {"metric": "invalidValues", "mustBe": 0, "arguments": {"pattern": "["}}
                ],
            },
            "quality.0",
            "the rule cannot be used: missing ]",
            id="pattern-of-a-rule",
        ),
        pytest.param(
            {
                "logicalType": "string",
                "quality": [
                    {"type": "text", "description": "Is right."},
                    {"type": "sql", "query": "select no_such from {object}", "mustBe": 0},
                ],
            },
            "quality.1.query",
            "a load cannot run it: Referenced column",
            id="sql-of-a-rule",
        ),
        pytest.param(
            {
                "logicalType": "string",
                "quality": [{"type": "sql", "query": "drop table {object}", "mustBe": 0}],
            },
            "quality.0.query",
            "a load cannot run it: it is not one SELECT",
            id="sql-that-is-no-query",
        ),
        pytest.param(
            {
                "logicalType": "object",
                "properties": [
                    {"name": "b", "logicalType": "string", "logicalTypeOptions": {"pattern": "("}}
                ],
            },
            "properties.b.logicalTypeOptions.pattern",
            "'(' cannot be used: missing )",
            id="nested",
        ),
        pytest.param(
            {
                "logicalType": "object",
                "properties": [{"name": name, "logicalType": "string"} for name in ("b", "B")],
            },
            None,
            "DuckDB refuses it: Duplicate struct entry name",
            id="fields-of-one-name",
        ),
    ],
)
def test_what_duckdb_cannot_use_is_refused_with_line_and_key(
    tmp_path: Path, said: dict[str, Any], key: str | None, told: str
) -> None:
    file = written(tmp_path, [DESCRIBED, {"name": "a", **said}], **WHOLE)
    (fault,) = check(file).faults
    place = "schema.orders.properties.a"
    assert fault.key == (f"{place}.{key}" if key else place)
    assert fault.message.startswith(told)
    assert fault.line is not None
    last = file.read_text().splitlines()[fault.line - 1].strip()
    assert last.startswith("-" if key in (None, "quality.0") else f"{str(key).split('.')[-1]}:")


def test_sql_of_a_rule_may_name_the_table_its_column_and_the_lineage(tmp_path: Path) -> None:
    query = "select count(*) from {object} where ${property} is null and _op = 'I';"
    rule = {"type": "sql", "query": query, "mustBe": 0}
    assert check(written(tmp_path, [{**DESCRIBED, "quality": [rule]}], **WHOLE)).findings == ()


def test_a_broken_pattern_is_found_among_json_too(tmp_path: Path) -> None:
    wrong = {"name": "a", "logicalType": "string", "logicalTypeOptions": {"pattern": "("}}
    assert not check(written(tmp_path, [wrong], {"format": "ndjson"})).accepted


def test_every_fault_of_a_file_is_told(tmp_path: Path) -> None:
    wrong = [
        {"name": name, "logicalType": "string", "logicalTypeOptions": {"pattern": "("}}
        for name in "ab"
    ]
    checked = check(written(tmp_path, wrong))
    assert [fault.key for fault in checked.faults] == [
        f"schema.orders.properties.{name}.logicalTypeOptions.pattern" for name in "ab"
    ]


def test_what_the_standard_refuses_is_a_fault_with_its_line(tmp_path: Path) -> None:
    checked = check(written(tmp_path, [{**ORDER_ID, "requird": True}]))
    (fault,) = checked.faults
    assert (fault.line, fault.key) == (14, "schema.orders.properties.order_id.requird")
    assert checked.contracts == ()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (fault,) = check(tmp_path / "none.odcs.yaml").faults
    assert fault.told == "cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param({"schema": []}, ["schema: has no schema object: there is"], id="no-schema"),
        pytest.param(
            {"schema": [{"name": "a", "description": "x"}], "team": {"name": "ops"}},
            ["schema.a: has no properties: there is nothing to load"],
            id="no-columns",
        ),
        pytest.param(
            {"properties": [DESCRIBED], "item": WHOLE["item"]},
            ["team: names no owner"],
            id="no-owner",
        ),
        pytest.param(
            {"properties": [ORDER_ID], "team": {"name": "ops"}},
            ["schema.orders: has no description", "schema.orders: 1 of 1 columns have no"],
            id="no-description",
        ),
        pytest.param(
            {"properties": [{**DESCRIBED, "name": "e_mail"}], **WHOLE},
            ["schema.orders: seems personal and has no classification: e_mail (e-mail address)"],
            id="personal",
        ),
        pytest.param(
            {"properties": [{**DESCRIBED, "name": "e_mail", "classification": "pii"}], **WHOLE},
            [],
            id="personal-and-classified",
        ),
        pytest.param(
            {"properties": [{**DESCRIBED, "name": "net_amount", "logicalType": "number"}], **WHOLE},
            ["schema.orders: seems to be money and names no currency: net_amount; add"],
            id="money",
        ),
        pytest.param(
            {
                "properties": [
                    {**DESCRIBED, "name": "net_amount", "logicalType": "number"},
                    {**DESCRIBED, "name": "currency"},
                ],
                **WHOLE,
            },
            [],
            id="money-with-a-column-of-its-currency",
        ),
        pytest.param(
            {"properties": [DESCRIBED], **WHOLE, "custom": {"delimeter": ";", "rulesetName": "x"}},
            ["customProperties.delimeter: means nothing here; delimiter is meant?"],
            id="slip",
        ),
        pytest.param(
            {
                "properties": [
                    {**DESCRIBED, "customProperties": [{"property": "Currency", "value": "EUR"}]}
                ],
                **WHOLE,
            },
            ["customProperties.Currency: means nothing here; currency is meant?"],
            id="slip-of-a-column",
        ),
        pytest.param(
            {
                "properties": [
                    {**DESCRIBED, "quality": [{"type": "text", "description": "Is right."}]}
                ],
                "team": {"name": "ops"},
                "item": {
                    **WHOLE["item"],
                    "quality": [{"type": "custom", "engine": "soda", "implementation": "x"}],
                },
            },
            [
                "schema.orders.quality.0: is a custom quality rule; soda runs it, not the gate",
                "order_id.quality.0: is a quality rule in words; people hold it",
            ],
            id="rules-of-others",
        ),
        pytest.param(
            {
                "properties": [
                    {**DESCRIBED, "logicalType": "integer", "enum": [{"value": 1}, {"value": "x"}]}
                ],
                **WHOLE,
            },
            ["order_id.enum: x: no integer, so it allows nothing"],
            id="value-of-another-type",
        ),
        pytest.param(
            {"properties": [{**DESCRIBED, "enum": [{"value": "a"}, {"value": None}]}], **WHOLE},
            ["enum[1].value is null, but the property is required"],
            id="linter",
        ),
        pytest.param(
            {"apiVersion": "v3.0.2", "properties": [{**DESCRIBED, "logicalType": "time"}], **WHOLE},
            ["apiVersion: v3.0.2 does not know all that is used"],
            id="older-version",
        ),
    ],
)
def test_what_is_worth_a_second_look_is_a_warning(
    tmp_path: Path, said: dict[str, Any], told: list[str]
) -> None:
    found = warnings(tmp_path, **said)
    assert len(found) == len(told)
    for line, words in zip(found, told, strict=True):
        assert words in line


def test_several_schema_objects_are_named_to_load_one(tmp_path: Path) -> None:
    schema = [{"name": name, "properties": [DESCRIBED]} for name in ("orders", "lines")]
    told = warnings(tmp_path, schema=schema)
    assert "schema: 2 schema objects: name one to load it, orders.odcs.yaml#orders" in told


def test_a_business_definition_on_the_net_is_not_fetched(tmp_path: Path) -> None:
    link = [{"type": "businessDefinition", "url": "https://example.com/a"}]
    assert warnings(tmp_path, [{**DESCRIBED, "authoritativeDefinitions": link}], **WHOLE) == []


def test_two_files_that_mean_one_table_are_told(tmp_path: Path) -> None:
    files = [written(tmp_path, [DESCRIBED], name=f"{name}.odcs.yaml", **WHOLE) for name in "ab"]
    first, second = check_all(files)
    assert first.findings == ()
    (found,) = second.warnings
    assert found.told == f"bronze.shop_orders is also the table of {files[0]}"


def test_a_folder_means_the_contracts_in_it(tmp_path: Path) -> None:
    first = written(tmp_path, name="a/orders.odcs.yaml")
    second = written(tmp_path, name="b/other.yaml")
    (tmp_path / "b" / "compose.yaml").write_text("services: {}\n")
    assert files_meant([str(tmp_path)]) == [first, second]
    assert files_meant([str(tmp_path), str(first)]) == [first, second]


def test_a_folder_without_contracts_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"holds no contract; their files end in \.odcs\.yaml"):
        files_meant([str(tmp_path)])


def test_without_places_every_known_contract_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder, "HOME", tmp_path / "nothing")
    monkeypatch.chdir(tmp_path)
    file = written(tmp_path, name="more/shop/orders.odcs.yaml")
    assert files_meant([], [tmp_path / "more"]) == [file]


@pytest.mark.slow
def test_the_contracts_of_this_project_are_accepted() -> None:
    checked = list(check_all(sorted(finder.HOME.glob("*/*.odcs.yaml"))))
    assert [(one.file, one.faults) for one in checked if not one.accepted] == []
