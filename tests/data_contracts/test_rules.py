"""The rules of rows: what holds is kept, what does not is told in words, and nothing raises."""

from __future__ import annotations

import ipaddress
import operator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.contract import Column, Rule
from data_contracts.literals import BoundError
from tests.data_contracts.gate_help import column, contract, few, json_values, read, texts

OPERATORS = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}
NUMBERS = [
    ("integer", None, st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9)),
    ("number", "decimal(5,2)", st.decimals(-999, 999, places=2)),
    ("number", "decimal(38,18)", st.decimals(-(10**19), 10**19, places=18)),
    ("number", None, st.floats(-1e6, 1e6).map(lambda number: float(f"{number:.12g}"))),
]
BOUNDS = st.one_of(
    st.integers(-9, 9),
    st.decimals(-1000, 1000, places=4).map(float),
    st.sampled_from(
        [0.005, -0.005, 999.994, 999.995, -999.995, 1e30, -1e30, 1e-30, 2**63, -(2**63) - 1]
    ),
    st.sampled_from([float("inf"), float("-inf"), "10", "1e2"]),
)


def rule(metric: str, severity: str = "error", **arguments: Any) -> Rule:
    """A library rule of the column `x` that must count 0."""
    return Rule(metric, "library", severity, metric, None, arguments, (("mustBe", 0),), column="x")  # type: ignore[arg-type]


@few
@given(st.sampled_from(NUMBERS), st.sampled_from(list(OPERATORS)), BOUNDS, st.data())
def test_a_bound_is_held_to_its_last_digit(
    numbers: tuple[str, str | None, st.SearchStrategy[Any]],
    name: str,
    bound: Any,
    data: st.DataObject,
) -> None:
    logical, physical, some = numbers
    values = data.draw(st.lists(some, min_size=1, max_size=20))
    rows = texts(
        contract(column(logical, physical, **{name: bound})), [str(value) for value in values]
    )
    for value, row in zip(values, rows, strict=True):
        limit = float(bound) if logical == "number" and physical is None else Decimal(str(bound))
        if "without" in str(row.reasons):
            continue
        assert row.ok is OPERATORS[name](value, limit), (value, bound)


@pytest.mark.parametrize(
    ("kind", "options", "good", "bad", "words"),
    [
        ("integer", {"minimum": 0}, "0", "-1", "is below the minimum 0"),
        ("integer", {"exclusiveMaximum": 5}, "4", "5", "is not below 5"),
        ("integer", {"format": "i8"}, "-128", "128", "is no i8"),
        ("integer", {"format": "u16"}, "65535", "-1", "is no u16"),
        ("integer", {"format": "i64"}, "9223372036854775807", "x", "is not an integer"),
        ("integer", {"multipleOf": 5}, "-10", "7", "is no multiple of 5"),
        ("integer", {"multipleOf": 2.5}, "5", "4", "is no multiple of 2.5"),
        ("decimal(18,2)", {"multipleOf": 0.05}, "9999999999999999.95", "0.07", "is no multiple of 0.05"),
        ("decimal(38,18)", {"multipleOf": 0.01}, "99999999999999999999.05", "0.001", "is no multiple of 0.01"),
        ("number", {"multipleOf": 0.1}, "0.30000000000000004", "0.35", "is no multiple of 0.1"),
        ("number", {"minimum": 0.5}, "0.5", "0.4", "is below the minimum 0.5"),
        ("date", {"minimum": "2024-01-01"}, "2024-01-01", "2023-12-31", "is below the minimum 2024-01-01"),
        ("date", {"exclusiveMaximum": "2024-01-01"}, "2023-12-31", "2024-01-01", "is not below 2024-01-01"),
        ("time", {"minimum": "09:00"}, "09:00:00", "08:59:59.9", "is below the minimum 09:00"),
        ("time", {"maximum": "17:00:00"}, "17:00Z", "17:00:01+02:00", "is above the maximum 17:00:00"),
        ("time", {"minimum": "9:30", "format": "H:mm"}, "10:00", "9:29", "is below the minimum 9:30"),
        ("string", {"minLength": 2}, "éé", "é", "has fewer than 2 characters"),
        ("string", {"maxLength": 2}, "", "abc", "has more than 2 characters"),
        ("string", {"pattern": "^[A-Z]{2}"}, "ABc", "aAB", "does not match ^[A-Z]{2}"),
        ("string", {"pattern": "b'"}, "ab'c", "abc", "does not match b'"),
        ("string", {"format": "email"}, "a@b.eu", "a b@c.eu", "is no email"),
        ("string", {"format": "uuid"}, "66779E59-1495-4e14-b309-e9f3f0ef8f5b", "66779e59", "is no uuid"),
        ("string", {"format": "uri"}, "https://a.eu/b", "//a", "is no uri"),
        ("string", {"format": "hostname"}, "a-b.example.eu", "-a.eu", "is no hostname"),
        ("string", {"format": "ipv4"}, "255.10.0.1", "256.1.1.1", "is no ipv4"),
        ("string", {"format": "byte"}, "YWI=", "YWI", "is no byte"),
    ],
)  # fmt: skip
def test_a_rule_tells_what_breaks_it(
    kind: str, options: dict[str, Any], good: str, bad: str, words: str
) -> None:
    logical, physical = ("number", kind) if kind.startswith("decimal") else (kind, None)
    fine, broken = texts(contract(column(logical, physical, **options)), [good, bad])
    assert fine.reasons == []
    assert broken.reasons == [f"x: '{bad}' {words}"]


def test_a_format_that_is_only_for_readers_holds_nothing() -> None:
    assert read("string", "x", format="password") == "x"


@few
@given(
    st.lists(
        st.ip_addresses().map(str) | st.from_regex("[0-9a-f:.]{2,20}", fullmatch=True),
        min_size=1,
        max_size=30,
    )
)
def test_addresses_are_those_that_python_knows(given_: list[str]) -> None:
    for form, known in (("ipv4", ipaddress.IPv4Address), ("ipv6", ipaddress.IPv6Address)):
        for text, row in zip(
            given_, texts(contract(column("string", format=form)), given_), strict=True
        ):
            try:
                known(text)
            except ValueError:
                assert not row.ok, text
            else:
                assert row.ok or "." in text, text


MOMENT = "2024-01-01 00:00:00"


@pytest.mark.parametrize(
    ("zone", "bound", "kept"),
    [
        ({}, "2024-01-01T00:00:00Z", True),
        ({}, "2024-01-01T00:00:00.000001Z", False),
        ({}, "2024-01-01", True),
        ({}, "2024-01-01T01:00:00+01:00", True),
        ({"defaultTimezone": "America/New_York"}, "2024-01-01 00:00:00", True),
        ({"defaultTimezone": "America/New_York"}, "2024-01-01T05:00:00Z", True),
        ({"defaultTimezone": "America/New_York"}, "2024-01-01T05:00:01Z", False),
        ({"format": "yyyy-MM-dd HH:mm:ss"}, "2024-01-01 00:00:01", False),
    ],
)
def test_a_bound_of_a_timestamp_is_a_moment(zone: dict[str, str], bound: str, kept: bool) -> None:
    (row,) = texts(contract(column("timestamp", minimum=bound, **zone)), [MOMENT])
    assert row.ok is kept


def test_a_bound_is_written_as_the_values_are() -> None:
    stamp = column("date", format="dd/MM/yyyy", minimum="02/01/2024")
    assert [row.ok for row in texts(contract(stamp), ["01/01/2024", "02/01/2024"])] == [False, True]


@pytest.mark.parametrize(
    ("logical", "physical", "words", "good", "bad"),
    [
        ("string", None, ("007", "a'b"), "007", "7"),
        ("integer", None, ("1", "2.0", "x"), "2", "3"),
        ("number", "decimal(18,2)", ("1.5", "2"), "1.50", "1.51"),
        ("number", None, ("0.1",), "1e-1", "0.2"),
        ("boolean", None, ("true",), "Yes", "no"),
        ("date", None, ("2024-01-01",), "2024-01-01", "2024-01-02"),
        ("timestamp", None, ("2024-01-01T00:00:00Z",), "2024-01-01", "2024-01-02"),
        ("time", None, ("10:00",), "10:00", "10:00:00"),
        ("integer", None, ("x",), None, "3"),
    ],
)
def test_an_enum_is_compared_as_the_type_that_it_is(
    logical: str, physical: str | None, words: tuple[str, ...], good: str | None, bad: str
) -> None:
    fine, broken = texts(contract(column(logical, physical, enum=words)), [good, bad])
    assert fine.ok
    assert broken.reasons == [f"x: '{bad}' is none of {', '.join(words)}"]
    valid = rule("invalidValues", validValues=list(words))
    assert [
        r.ok for r in texts(contract(column(logical, physical, rules=(valid,))), [good, bad])
    ] == [
        True,
        False,
    ]


def test_a_long_enum_is_not_told_in_full() -> None:
    (row,) = texts(contract(column("string", enum=tuple("abcdefghijklm"))), ["z"])
    assert row.reasons == ["x: 'z' is none of a, b, c, d, e, f, g, h, i, j, ..."]


def test_library_rules_of_no_such_values_are_rules_of_rows() -> None:
    rules = (
        rule("missingValues", missingValues=[None, "N/A", "-999"]),
        rule("invalidValues", pattern="^[0-9-]"),
        rule("nullValues"),
    )
    values = ["5", "N/A", "-999", "x", None]
    assert [row.reasons for row in texts(contract(column("string", rules=rules)), values)] == [
        [],
        ["x: 'N/A' counts as missing"],
        ["x: '-999' counts as missing"],
        ["x: 'x' does not match ^[0-9-]"],
        ["x: is missing and required"],
    ]
    missing = rule("missingValues", missingValues=["-999", "N/A"])
    rows = texts(contract(column("number", "decimal(18,2)", rules=(missing,))), ["-999.0", "5"])
    assert [row.ok for row in rows] == [False, True]


@pytest.mark.parametrize("metric", ["missingValues", "invalidValues", "nullValues"])
def test_a_rule_that_only_warns_breaks_no_row(metric: str) -> None:
    warning = rule(metric, "warning", missingValues=["a"], validValues=["b"])
    rows = texts(contract(column("string", rules=(warning,))), ["a", None])
    assert all(row.ok for row in rows)


def test_a_rule_that_counts_otherwise_breaks_no_row() -> None:
    counts = Rule(
        "few", "library", "error", "nullValues", None, {}, (("mustBeLessThan", 5),), column="x"
    )
    assert texts(contract(column("string", rules=(counts,))), [None])[0].ok


@pytest.mark.parametrize(
    "target",
    [
        column("integer", minimum=1, maximum=0, multipleOf=7, enum=("5",)),
        column("string", minLength=5, pattern="x", format="email", enum=("a",)),
        column("date", minimum="2024-01-01"),
        column("boolean", enum=("true",)),
        column("array", minItems=1, uniqueItems=True),
    ],
    ids=lambda target: target.logical_type,
)
def test_a_null_breaks_no_rule_but_that_it_is_required(target: Column) -> None:
    (row,) = texts(contract(target), [None])
    assert (row.ok, row.values["x"]) == (True, None)


def test_only_the_first_rule_that_a_value_breaks_is_told() -> None:
    (row,) = texts(contract(column("integer", required=True, minimum=5, multipleOf=5)), ["3"])
    assert row.reasons == ["x: '3' is below the minimum 5"]
    (row,) = texts(contract(column("integer", required=True, minimum=5)), ["x"])
    assert row.reasons == ["x: 'x' is not an integer"]


def test_no_bound_holds_of_what_is_no_number() -> None:
    from tests.data_contracts.gate_help import through

    bounds: list[dict[str, Any]] = [{"minimum": 0}, {"exclusiveMinimum": 0}, {"maximum": 0}]
    for bound in bounds:
        (row,) = through(
            contract(column("number", **bound), format="parquet"), "select 'nan'::double as x"
        )
        assert not row.ok


@pytest.mark.parametrize(
    ("target", "value", "reason"),
    [
        (column("array", minItems=2), "[1]", "has fewer than 2 items"),
        (column("array", items=column("integer"), maxItems=1), "[1,2]", "has more than 1 items"),
        (column("array", uniqueItems=True), '[{"a":1},{"a":1}]', "has an item twice"),
        (column("array", items=column("integer"), uniqueItems=True), "[1,1]", "has an item twice"),
        (column("array", items=column("integer"), uniqueItems=True), "[1,null]", None),
        (column("object", minProperties=1), "{}", "has fewer than 1 fields"),
        (column("object", maxProperties=1), '{"a":1,"b":2}', "has more than 1 fields"),
        (column("object", required=["a", "b"]), '{"b":1}', "has no a"),
        (column("object", fields=(column("integer", name="a", source="A"),), required=["A"]), "{}", "has no A"),
        (column("object", fields=(column("integer", name="a"),), minProperties=1), "{}", "has fewer than 1 fields"),
    ],
)  # fmt: skip
def test_arrays_and_objects_are_counted(target: Column, value: str, reason: str | None) -> None:
    (row,) = json_values(contract(target, format="json"), [value])
    assert row.reasons == ([f"x: '{value}' {reason}"] if reason else [])


@pytest.mark.parametrize(
    ("logical", "physical", "options"),
    [
        ("integer", None, {"minimum": "many"}),
        ("number", None, {"maximum": float("nan")}),
        ("number", "decimal(18,2)", {"exclusiveMinimum": "1,5"}),
        ("date", None, {"minimum": "2024-02-30"}),
        ("timestamp", None, {"minimum": "now"}),
        ("timestamp", None, {"minimum": "0001-01-01T00:00:00+05:00"}),
        ("time", None, {"minimum": "25:00"}),
        ("integer", None, {"multipleOf": 0}),
        ("integer", None, {"multipleOf": "x"}),
    ],
)
def test_a_bound_that_is_no_value_of_the_type_is_refused(
    logical: str, physical: str | None, options: dict[str, Any]
) -> None:
    with pytest.raises(BoundError):
        read(logical, None, physical, **options)
