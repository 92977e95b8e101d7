"""The rules of a whole load are held before its commit: an error refuses it, a warning is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import orchestration.ingest
from data_contracts.contract import Contract, Rule
from data_contracts.errors import ContractError
from tests.lake_help import ID, PRICE, QUANTITY, contract, on_sqlite, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = pytest.mark.in_turn

ROWS = ("a,1,1", "b,1,2", "c,2,2", "d,,2", "e,,9")  # 2 of 5 quantities are null, 2 differ


def rule(metric: str | None = None, **says: Any) -> Rule:
    """A rule that must be 0, of the whole or of a column."""
    about: dict[str, Any] = {
        "name": "mine",
        "type": "library" if metric else "sql",
        "severity": "error",
        "metric": metric,
        "comparisons": (("mustBe", 0),),
    }
    return Rule(**about | says)


def held_to(*rules: Rule, **says: Any) -> Contract:
    return contract(
        ID, replace(QUANTITY, rules=tuple(r for r in rules if r.column)), PRICE,
        rules=tuple(r for r in rules if not r.column), **says,
    )  # fmt: skip


def file_of(lakehouse: Lakehouse, *lines: str, name: str = "a") -> Path:
    return write_csv(lakehouse.folder / f"{name}.csv", *lines)


MEASURED = [
    (rule("rowCount"), 5),
    (rule("nullValues", column="quantity", unit="percent"), 40),
    (rule("nullValues", column="quantity", comparisons=(("mustBeLessThan", 2),)), 2),
    (rule("missingValues", column="quantity", arguments={"missingValues": ["2"]}, unit="percent"), 60),
    (rule("invalidValues", column="quantity", arguments={"validValues": ["1"]}, unit="percent"), 20),
    (rule("invalidValues", column="quantity", arguments={"pattern": "^2$"}, severity="error", unit="percent"), 40),
    (rule("duplicateValues", column="quantity"), 1),
    (rule("duplicateValues", column="quantity", unit="percent"), 20),
    (rule("duplicateValues", arguments={"properties": ["quantity", "price"]}), 0),
    (rule("duplicateValues", arguments={"properties": ["price"]}), 2),
    (rule("duplicateValues", arguments={"properties": ["price"]}, unit="percent"), 40),
    (rule(query="select count(*) from {object} where {property} is null", column="quantity"), 2),
    (rule(query="select sum(price) from ${object}"), 16),
    (rule(query='SELECT max("${column}") FROM "${table}";', column="quantity"), 2),
    (rule(query="select count(*) from order_ -- none\n;\n".replace("order_", "{model}")), 5),
    (rule(query="with x as (select * from {schema}) select count(*) / 2 from x"), 2.5),
    (rule(query="select count(*) from {object} where id <> '{object}'"), 5),
]  # fmt: skip


@on_sqlite
@pytest.mark.parametrize(("measured", "figure"), MEASURED)
def test_a_rule_measures_what_it_says(lakehouse: Lakehouse, measured: Rule, figure: float) -> None:
    wanted = (("mustBeBetween", [figure, figure]),)
    passed = replace(measured, comparisons=wanted, name="right")
    failed = replace(
        measured, comparisons=(("mustNotBe", figure),), name="wrong", severity="warning"
    )
    report = lakehouse.load(held_to(passed, failed), file_of(lakehouse, *ROWS))
    assert report.ok, report.of("failed")
    assert lakehouse.sql('select rule, passed, figure, batch from ops."check" order by rule') == [
        ("right", True, figure, 1),
        ("wrong", False, figure, 1),
    ]


@on_sqlite
@pytest.mark.parametrize(
    ("comparison", "bound", "passes"),
    [
        ("mustBe", 5, True),
        ("mustBe", 4, False),
        ("mustNotBe", 4, True),
        ("mustNotBe", 5, False),
        ("mustBeGreaterThan", 4, True),
        ("mustBeGreaterThan", 5, False),
        ("mustBeGreaterOrEqualTo", 5, True),
        ("mustBeGreaterOrEqualTo", 6, False),
        ("mustBeLessThan", 6, True),
        ("mustBeLessThan", 5, False),
        ("mustBeLessOrEqualTo", 5, True),
        ("mustBeLessOrEqualTo", 4, False),
        ("mustBeBetween", [5, 6], True),
        ("mustBeBetween", [6, 9], False),
        ("mustNotBeBetween", [6, 9], True),
        ("mustNotBeBetween", [1, 5], False),
    ],
)
def test_a_figure_is_held_to_its_bound(
    lakehouse: Lakehouse, comparison: str, bound: Any, passes: bool
) -> None:
    held = rule("rowCount", comparisons=((comparison, bound),))
    assert lakehouse.load(held_to(held), file_of(lakehouse, *ROWS), dry_run=True).ok is passes


def test_an_error_refuses_the_load_with_rule_and_figures_and_leaves_nothing(
    lakehouse: Lakehouse,
) -> None:
    held = rule(
        "nullValues", column="quantity", unit="percent", comparisons=(("mustBeLessThan", 30),)
    )
    good, bad = file_of(lakehouse, "x,1,1", name="good"), file_of(lakehouse, *ROWS, "y,bad,1")
    report = lakehouse.load(held_to(held), bad, good)
    assert [o.status for o in report.outcomes] == ["failed", "loaded"]
    assert report.outcomes[0].reason == "rule mine: is 40, must be less than 30 percent"
    assert lakehouse.ids() == ["x"]
    assert lakehouse.count("ops.quarantine") == 0
    assert lakehouse.count("ops.ledger") == 1
    assert lakehouse.sql('select batch is null, passed, figure from ops."check" order by 3') == [
        (False, True, 0),
        (True, False, 40),  # of no load: there is none
    ]


@on_sqlite
def test_every_broken_rule_is_recorded_and_the_first_is_told(lakehouse: Lakehouse) -> None:
    rules = (
        rule("rowCount", name="one"),
        rule("rowCount", name="two", comparisons=(("mustBe", 1),)),
    )
    report = lakehouse.load(held_to(*rules), file_of(lakehouse, *ROWS))
    assert report.outcomes[0].reason in ("rule one: is 5, must be 0", "rule two: is 5, must be 1")
    assert lakehouse.sql('select rule, passed from ops."check" order by 1') == [
        ("one", False),
        ("two", False),
    ]


@on_sqlite
def test_a_figure_that_is_nothing_does_not_pass(lakehouse: Lakehouse) -> None:
    held = rule(query="select max(price) from {object} where false")
    report = lakehouse.load(held_to(held), file_of(lakehouse, *ROWS))
    assert report.outcomes[0].reason == "rule mine: is nothing, must be 0"


@on_sqlite
def test_a_rule_sees_its_own_load_and_kept_rows_alone(lakehouse: Lakehouse) -> None:
    held = held_to(
        rule("rowCount", comparisons=(("mustBe", 2),)),
        rule(query="select count(*) - 2 from {object}"),
    )
    for name in "ab":
        file = file_of(lakehouse, f"{name}1,1,1", f"{name}2,2,2", "broken,x,1", name=name)
        assert lakehouse.load(held, file).ok


@on_sqlite
def test_an_empty_load_has_figures_too(lakehouse: Lakehouse) -> None:
    share = rule("nullValues", column="quantity", unit="percent", severity="warning")
    rules = (rule("rowCount"), share)
    assert lakehouse.load(held_to(*rules), file_of(lakehouse)).ok
    assert lakehouse.sql('select passed, figure from ops."check"') == [(True, 0), (True, 0)]


@on_sqlite
@pytest.mark.parametrize("files_of_a_group", [1, 1000])
def test_a_rule_is_held_by_each_file_of_a_group(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch, files_of_a_group: int
) -> None:
    monkeypatch.setattr(orchestration.ingest, "GROUP_FILES", files_of_a_group)
    sizes = (1, 2, 3, 1, 2)
    files = [
        file_of(lakehouse, *(f"{at}-{row},1,1" for row in range(size)), name=str(at))
        for at, size in enumerate(sizes)
    ]
    report = lakehouse.load(held_to(rule("rowCount", comparisons=(("mustBe", 2),))), *files)
    failed = [outcome.status == "failed" for outcome in report.outcomes]
    assert failed == [size != 2 for size in sizes]
    assert lakehouse.ids() == ["1-0", "1-1", "4-0", "4-1"]


@on_sqlite
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select nothing from {object}", "its SQL does not run"),
        ("select", "its SQL does not run"),
        ("select count(*) from no_such_table", "its SQL does not run"),
        ("select 1; select 2", "is not one SELECT"),
        ("delete from {object}", "is not one SELECT"),
        ("", "is not one SELECT"),
        ("select 'a'", "its SQL yields 'a', which is no number"),
        ("select [1]", "its SQL yields [1], which is no number"),
    ],
)
def test_wrong_sql_is_a_contract_error_that_names_file_and_rule(
    lakehouse: Lakehouse, query: str, told: str
) -> None:
    with pytest.raises(ContractError, match=r"^order.odcs.yaml: rule mine: ") as refused:
        lakehouse.load(held_to(rule(query=query)), file_of(lakehouse, *ROWS))
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert lakehouse.count("ops.receipt") == 0
