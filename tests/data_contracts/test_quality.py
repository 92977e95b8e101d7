from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.errors import ContractError
from data_contracts.odcs import read
from data_contracts.quality import is_of_rows
from tests.data_contracts.writing import contract, written

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Rule


def of_column(folder: Path, **rule: Any) -> tuple[Rule, ...]:
    found = contract(folder, [{"name": "a", "logicalType": "string", "quality": [rule]}])
    return found.columns[0].rules


@pytest.mark.parametrize(
    ("rule", "is_row_rule"),
    [
        ({"metric": "nullValues", "mustBe": 0}, True),
        ({"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["a"]}}, True),
        ({"metric": "missingValues", "mustBe": 0}, True),
        ({"metric": "nullValues", "mustBe": 1}, False),
        ({"metric": "nullValues", "mustBe": 0, "severity": "warning"}, False),
        ({"metric": "nullValues", "mustBeLessThan": 5, "unit": "percent"}, False),
        ({"metric": "duplicateValues", "mustBe": 0}, False),
        ({"type": "sql", "query": "select 1", "mustBe": 0}, False),
    ],
)
def test_a_rule_is_of_rows_where_each_row_is_judged_alone(
    tmp_path: Path, rule: dict[str, Any], is_row_rule: bool
) -> None:
    (found,) = of_column(tmp_path, **rule)
    assert is_of_rows(found) is is_row_rule


@pytest.mark.parametrize(
    ("severity", "expected"),
    [(None, "error"), ("error", "error"), ("Warning", "warning"), ("info", "warning")],
)
def test_a_rule_refuses_unless_it_says_that_it_warns(
    tmp_path: Path, severity: str | None, expected: str
) -> None:
    said = {"severity": severity} if severity else {}
    (found,) = of_column(tmp_path, metric="nullValues", mustBe=0, **said)
    assert found.severity == expected


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "text", "description": "Agrees with the ledger."},
        {"type": "custom", "engine": "soda", "implementation": "checks"},
    ],
)
def test_words_and_custom_engines_are_left_to_others(tmp_path: Path, rule: dict[str, Any]) -> None:
    assert of_column(tmp_path, **rule) == ()


def test_valid_values_are_taken_as_they_are_written(tmp_path: Path) -> None:
    rule = {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["@", None]}}
    file = written(tmp_path, [{"name": "a", "logicalType": "string", "quality": [rule]}])
    file.write_text(file.read_text().replace("'@'", "007"))
    (found,) = read(file)[0].columns[0].rules
    assert found.arguments["validValues"] == ["007", None]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"metric": "freshness", "mustBe": 0}, "0.metric: the standard refuses it: 'freshness'"),
        ({"rule": "isUnique", "mustBe": 0}, "0: has no metric"),
        ({"metric": "nullValues"}, "0: the standard refuses it: it needs one of mustBe"),
        ({"type": "sql", "mustBe": 0}, "0: has no query"),
        ({"metric": "nullValues", "mustBe": 0}, "0: nullValues is a rule of a property; move it"),
        ({"metric": "duplicateValues", "mustBe": 0}, "0: duplicateValues needs its columns"),
    ],
)
def test_a_rule_that_cannot_be_worked_out_is_refused_with_its_place(
    tmp_path: Path, rule: dict[str, Any], told: str
) -> None:
    with pytest.raises(ContractError) as error:
        read(written(tmp_path, item={"quality": [{"type": "library", **rule}]}))
    assert f"schema.orders.quality.{told}" in str(error.value)
