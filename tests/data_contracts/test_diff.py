from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.comparison import compare
from data_contracts.diff import diff, diff_files, version_advice
from data_contracts.odcs import read
from tests.data_contracts.writing import contract, written

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.change import Change

DAY = {"name": "day", "logicalType": "date"}
GROUPED = {"path": r"(?P<day>\d+)_(?P<shop>\w+)", "deliveryKey": ["day"]}
BOTH = ("readers", "deliverers")
READERS, DELIVERERS, NOBODY = ("readers",), ("deliverers",), ()


def of_column(folder: Path, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    before, after = ([{"name": "a", "logicalType": "string", **said}] for said in (old, new))
    return diff(contract(folder, before), contract(folder, after))


def of_custom(folder: Path, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    key = [{"name": "a", "logicalType": "string", "primaryKey": True}]
    return diff(contract(folder, key, old), contract(folder, key, new))


def number(**options: Any) -> dict[str, Any]:
    return (
        {"logicalType": "number", "logicalTypeOptions": options}
        if options
        else {"logicalType": "number"}
    )


def text(**options: Any) -> dict[str, Any]:
    return {"logicalTypeOptions": options} if options else {}


def decimal(precision: int, scale: int) -> dict[str, Any]:
    return {"logicalType": "number", "physicalType": f"decimal({precision},{scale})"}


def money(**custom: str) -> dict[str, Any]:
    customs = [{"property": name, "value": value} for name, value in custom.items()]
    return {**decimal(18, 2), **({"customProperties": customs} if customs else {})}


def values(*allowed: str) -> dict[str, Any]:
    return {"enum": [{"value": value} for value in allowed]}


def rule(**said: Any) -> dict[str, Any]:
    return {"quality": [said]}


def below(figure: int) -> dict[str, Any]:
    return rule(metric="nullValues", mustBeLessThan=figure)


@pytest.mark.parametrize(
    ("old", "new", "what", "broken"),
    [
        (decimal(18, 2), decimal(20, 2), "type was DECIMAL(18,2), is now DECIMAL(20,2)", NOBODY),
        ({"logicalType": "integer"}, decimal(38, 2), "type was BIGINT", NOBODY),
        (decimal(18, 4), decimal(18, 2), "is now DECIMAL(18,2)", BOTH),
        (decimal(18, 2), number(), "is now DOUBLE", BOTH),
        ({}, {"logicalType": "integer"}, "type was VARCHAR, is now BIGINT", BOTH),
        ({"logicalType": "integer"}, {}, "type was BIGINT, is now VARCHAR", READERS),
        ({"logicalType": "date"}, {"logicalType": "timestamp"}, "is now TIMESTAMP", READERS),
        ({}, {"logicalType": "time"}, "type was string, is now time", DELIVERERS),
        ({"logicalType": "time"}, {}, "type was time, is now string", NOBODY),
        ({"logicalType": "object"}, {"logicalType": "array"}, "was object, is now array", BOTH),
        ({}, {"required": True}, "is now required", DELIVERERS),
        ({"required": True}, {}, "may now be missing", NOBODY),
        ({}, {"unique": True}, "must now be unique", DELIVERERS),
        ({"unique": True}, {}, "may now be repeated", NOBODY),
        ({}, {"physicalName": "B"}, "was read from a, is now from B", DELIVERERS),
        (number(), number(minimum=0), "minimum is now 0", DELIVERERS),
        (number(minimum=0), number(minimum=1), "minimum was 0, is now 1", DELIVERERS),
        (number(minimum=1), number(minimum=0), "minimum was 1, is now 0", NOBODY),
        (number(minimum=1), number(), "minimum was 1, is no longer said", NOBODY),
        (number(maximum=9), number(maximum=8), "maximum was 9, is now 8", DELIVERERS),
        (number(maximum=8), number(maximum=9), "maximum was 8, is now 9", NOBODY),
        (number(multipleOf=2), number(multipleOf=4), "multipleOf was 2, is now 4", DELIVERERS),
        (number(multipleOf=4), number(multipleOf=2), "multipleOf was 4, is now 2", NOBODY),
        (text(minLength=1), text(minLength=2), "minLength was 1, is now 2", DELIVERERS),
        (text(maxLength=1), text(maxLength=2), "maxLength was 1, is now 2", NOBODY),
        (text(maxLength=2), text(maxLength=1), "maxLength was 2, is now 1", DELIVERERS),
        (text(), text(pattern="a"), "pattern is now a", DELIVERERS),
        (text(pattern="a"), text(pattern="b"), "pattern was a, is now b", DELIVERERS),
        (text(pattern="a"), text(), "pattern was a, is no longer said", NOBODY),
        (text(), text(format="email"), "format is now email", DELIVERERS),
        (values("a"), values("a", "b"), "b is allowed now too", NOBODY),
        (values("a", "b"), values("a"), "b is no longer allowed", DELIVERERS),
        ({}, values("a"), "only a are allowed now", DELIVERERS),
        (values("a"), {}, "any value is allowed now", NOBODY),
        (money(), money(currency="EUR"), "currency is now EUR", NOBODY),
        (money(currency="EUR"), money(currency="USD"), "currency was EUR, is now USD", READERS),
        (money(unit="kg"), money(), "unit was kg, is no longer said", READERS),
        ({}, {"classification": "restricted"}, "classification is now restricted", NOBODY),
        ({"description": "x"}, {"description": "y"}, "description is reworded", NOBODY),
    ],
)  # fmt: skip
def test_a_changed_column_breaks_those_whom_it_breaks(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any], what: str, broken: tuple[str, ...]
) -> None:
    (change,) = of_column(tmp_path, old, new)
    assert change.where == "column a"
    assert what in change.what
    assert change.breaking_for == broken


def test_an_exclusive_bound_in_the_place_of_a_looser_one_breaks_once(tmp_path: Path) -> None:
    changes = of_column(tmp_path, number(minimum=0), number(exclusiveMinimum=0))
    assert [(c.what, c.breaking_for) for c in changes] == [
        ("exclusiveMinimum is now 0", DELIVERERS),
        ("minimum was 0, is no longer said", NOBODY),
    ]
    assert not any(
        c.is_breaking for c in of_column(tmp_path, number(exclusiveMinimum=0), number(minimum=0))
    )


def test_a_date_of_another_form_breaks_deliverers(tmp_path: Path) -> None:
    old, new = (
        {"logicalType": "date", "logicalTypeOptions": {"format": form}}
        for form in ("yyyyMMdd", "yyyy")
    )
    (change,) = of_column(tmp_path, old, new)
    assert change.breaking_for == DELIVERERS
    (change,) = of_column(tmp_path, old, {"logicalType": "date"})
    assert change.breaking_for == DELIVERERS


def test_another_time_zone_changes_what_every_time_means(tmp_path: Path) -> None:
    old = {"logicalType": "timestamp"}
    new = {**old, "logicalTypeOptions": {"defaultTimezone": "Europe/London"}}
    (change,) = of_column(tmp_path, old, new)
    assert change.what == "defaultTimezone was UTC, is now Europe/London"
    assert change.breaking_for == BOTH
    utc = {**old, "logicalTypeOptions": {"defaultTimezone": "UTC"}}
    assert of_column(tmp_path, old, utc) == []


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ({}, below(5), DELIVERERS),
        ({}, rule(metric="nullValues", mustBeLessThan=5, severity="warning"), NOBODY),
        (below(5), {}, NOBODY),
        (below(5), below(6), NOBODY),
        (below(5), below(4), DELIVERERS),
        (
            rule(metric="nullValues", mustBeLessThan=5, severity="warning"),
            below(5),
            DELIVERERS,
        ),
        (
            rule(metric="nullValues", mustBeBetween=[1, 5]),
            rule(metric="nullValues", mustBeBetween=[0, 5]),
            NOBODY,
        ),
        (
            rule(metric="invalidValues", mustBe=0, arguments={"validValues": ["a"]}),
            rule(metric="invalidValues", mustBe=0, arguments={"validValues": ["a", "b"]}),
            NOBODY,
        ),
        (
            rule(metric="invalidValues", mustBe=0, arguments={"validValues": ["a", "b"]}),
            rule(metric="invalidValues", mustBe=0, arguments={"validValues": ["a"]}),
            DELIVERERS,
        ),
        (
            rule(type="sql", query="select 1", mustBeGreaterThan=5, name="r"),
            rule(type="sql", query="select 2", mustBeGreaterThan=5, name="r"),
            DELIVERERS,
        ),
    ],
)  # fmt: skip
def test_a_rule_breaks_deliverers_where_it_is_held_tighter(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any], broken: tuple[str, ...]
) -> None:
    (change,) = of_column(tmp_path, old, new)
    assert change.breaking_for == broken


def test_a_rule_that_only_says_required_once_more_is_told_once(tmp_path: Path) -> None:
    required = rule(metric="nullValues", mustBe=0)
    (change,) = of_column(tmp_path, {}, required)
    assert change.what == "is now required"
    assert of_column(tmp_path, {"required": True}, {**required, "required": True}) == []


def test_columns_that_come_go_and_get_other_names(tmp_path: Path) -> None:
    old = [
        {"name": "a", "physicalName": "A", "logicalType": "string"},
        {"name": "b", "logicalType": "string"},
    ]
    new = [
        {"name": "alpha", "physicalName": "A", "logicalType": "string"},
        {"name": "c", "logicalType": "string"},
        {"name": "d", "logicalType": "string", "required": True},
    ]
    changes = diff(contract(tmp_path, old), contract(tmp_path, new))
    assert [(c.where, c.what, c.breaking_for) for c in changes] == [
        ("column a", "is renamed to alpha", READERS),
        ("column d", "new and required (VARCHAR)", DELIVERERS),
        ("column b", "is taken out (VARCHAR)", READERS),
        ("column c", "new, may be missing (VARCHAR)", NOBODY),
    ]


def test_a_column_that_goes_breaks_deliverers_too_where_unknown_ones_are_refused(
    tmp_path: Path,
) -> None:
    a, b = ({"name": name, "logicalType": "string"} for name in "ab")
    custom = {"unknownColumns": "refuse"}
    (change,) = diff(contract(tmp_path, [a, b], custom), contract(tmp_path, [a], custom))
    assert change.breaking_for == BOTH


def test_nested_columns_are_compared_by_their_paths(tmp_path: Path) -> None:
    def lines(*fields: dict[str, Any]) -> dict[str, Any]:
        return {"logicalType": "array", "items": {"logicalType": "object", "properties": [*fields]}}

    amount = {"name": "amount", "logicalType": "integer"}
    changes = of_column(
        tmp_path,
        lines(amount, {"name": "note", "logicalType": "string"}),
        lines({**amount, "logicalType": "number"}, {"name": "item", "logicalType": "string"}),
    )
    assert [(c.where, c.breaking_for) for c in changes] == [
        ("column a[].note", READERS),
        ("column a[].amount", BOTH),
        ("column a[].item", NOBODY),
    ]


@pytest.mark.parametrize(
    ("old", "new", "where", "broken"),
    [
        ({"delimiter": ";"}, {}, "files", DELIVERERS),
        ({}, {"format": "ndjson", "nullValues": [""]}, "files", DELIVERERS),
        ({}, {"header": False}, "files", DELIVERERS),
        ({"nullValues": ["", "N/A"]}, {}, "files", DELIVERERS),
        ({}, {"nullValues": ["", "N/A"]}, "files", DELIVERERS),  # the key is a text
        ({"path": "x"}, {}, "files", NOBODY),
        ({}, {"path": "x"}, "files", DELIVERERS),
        ({}, {"redelivery": "refuse"}, "deliveries", DELIVERERS),
        ({}, {"redelivery": "keep"}, "deliveries", READERS),
        ({}, {"duplicates": "refuse"}, "deliveries", DELIVERERS),
        ({"duplicates": "refuse"}, {"duplicates": "first"}, "deliveries", NOBODY),
        ({"duplicates": "refuse"}, {}, "deliveries", READERS),
        ({}, {"unknownColumns": "refuse"}, "deliveries", DELIVERERS),
        ({"unknownColumns": "refuse"}, {}, "deliveries", NOBODY),
        ({}, {"unknownColumns": "ignore"}, "deliveries", READERS),
        ({}, {"keepRaw": False}, "deliveries", NOBODY),
        (GROUPED, {**GROUPED, "deliveryKey": ["day", "shop"]}, "deliveries", BOTH),
    ],
)
def test_another_dialect_or_delivery_breaks_those_whom_it_breaks(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any], where: str, broken: tuple[str, ...]
) -> None:
    (change,) = of_custom(tmp_path, old, new)
    assert (change.where, change.breaking_for) == (where, broken)


def test_without_a_header_the_places_of_columns_are_the_contract(tmp_path: Path) -> None:
    a, b = ({"name": name, "logicalType": "string"} for name in "ab")
    headless = {"header": False}
    old = contract(tmp_path, [a, b], headless)
    (change,) = diff(old, contract(tmp_path, [b, a], headless))
    assert change.breaking_for == DELIVERERS
    added = contract(tmp_path, [a, b, {"name": "c", "logicalType": "string"}], headless)
    assert not any(change.is_breaking for change in diff(old, added))


def test_another_key_breaks_readers_and_where_it_is_held_deliverers(tmp_path: Path) -> None:
    a, b = ({"name": name, "logicalType": "string", "required": True} for name in "ab")
    old = [{**a, "primaryKey": True}, b]
    new = [{**a, "primaryKey": True}, {**b, "primaryKey": True, "primaryKeyPosition": 2}]
    (change,) = diff(contract(tmp_path, old), contract(tmp_path, new))
    assert (change.where, change.what) == ("key", "was a, is now a, b")
    assert change.breaking_for == READERS
    custom = {"duplicates": "refuse"}
    (change,) = diff(contract(tmp_path, old, custom), contract(tmp_path, new, custom))
    assert change.breaking_for == BOTH


def test_another_table_breaks_readers(tmp_path: Path) -> None:
    (change,) = diff(contract(tmp_path), contract(tmp_path, domain="store"))
    assert change.what == "was bronze.shop_orders, is now bronze.store_orders"
    assert change.breaking_for == READERS


def test_what_is_only_written_otherwise_is_no_change(tmp_path: Path) -> None:
    a, b = ({"name": name, "logicalType": "string"} for name in "ab")
    spelled = {"format": "csv", "delimiter": ",", "duplicates": "keep", "nullValues": [""]}
    old, new = contract(tmp_path, [a, b]), contract(tmp_path, [b, a], spelled)
    assert diff(old, new) == []


def test_schema_objects_are_matched_by_name(tmp_path: Path) -> None:
    schema = [{"name": name, "properties": [DAY]} for name in ("orders", "lines")]
    renamed = [
        {"name": "orders", "properties": [{**DAY, "required": True}]},
        {"name": "rows", "properties": [DAY]},
    ]
    old = read(written(tmp_path, schema=schema))
    new = read(written(tmp_path, name="new.odcs.yaml", schema=renamed))
    assert [(c.where, c.what, c.breaking_for) for c in diff_files(old, new)] == [
        ("lines", "is taken out", READERS),
        ("orders: column day", "is now required", DELIVERERS),
        ("rows", "is new", NOBODY),
    ]


def test_the_breaking_changes_come_first(tmp_path: Path) -> None:
    a = {"name": "a", "logicalType": "string"}
    changes = diff(
        contract(tmp_path, [a]), contract(tmp_path, [{**a, "unique": True}], status="draft")
    )
    assert [change.is_breaking for change in changes] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "broken", "advice"),
    [
        ("1.2.0", "2.0.0", True, None),
        ("1.2.0", "1.3.0", True, "what breaks somebody is a new major version: 2.0.0, not 1.3.0"),
        ("1.2.0", "1.2.0", False, "the version is still 1.2.0; raise it to 1.3.0"),
        ("1.2.0", "1.2.1", False, None),
        ("2026-01", "spring", True, None),
    ],
)
def test_a_breaking_change_asks_for_a_new_major_version(
    tmp_path: Path, old: str, new: str, broken: bool, advice: str | None
) -> None:
    changes = of_column(tmp_path, {}, {"required": broken, "description": "x"})
    assert version_advice(old, new, changes) == advice
    assert version_advice(old, new, []) is None


def test_service_levels_links_and_people_are_compared_too(tmp_path: Path) -> None:
    fresh = {"property": "freshness", "unit": "h", "element": "orders.day"}
    linked = [{"type": "businessDefinition", "url": "https://example.com/day"}]
    old = written(
        tmp_path,
        [{**DAY, "authoritativeDefinitions": linked, "tags": ["time"]}],
        name="old.odcs.yaml",
        slaProperties=[{**fresh, "value": 24}],
        team={"name": "ops"},
    )
    new = written(
        tmp_path,
        [{**DAY, "businessName": "Day"}],
        slaProperties=[{**fresh, "value": 12}],
        team={"name": "sales"},
    )
    told = {change.where: change for change in compare(str(old), str(new)).changes}
    assert told["slaProperties.freshness.value"].what == "is changed: 24, now 12"
    assert told["slaProperties.freshness.value"].breaking_for == DELIVERERS
    assert told["orders.day"].what.startswith("its meaning was defined by https://example.com/day")
    assert told["orders.day"].breaking_for == READERS
    assert told["orders.day.businessName"].breaking_for == NOBODY
    assert told["team.name"].what == "is changed: ops, now sales"
    back = {change.where: change for change in compare(str(new), str(old)).changes}
    assert back["slaProperties.freshness.value"].breaking_for == READERS


def test_a_contract_against_itself_shows_nothing(tmp_path: Path) -> None:
    file = str(written(tmp_path))
    comparison = compare(file, f"{file}#orders")
    assert (comparison.changes, comparison.advice, comparison.is_breaking) == ((), None, False)
