"""Typed sources: what casts back changed is broken, and nothing that a column may hold raises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.contract import Column
from data_contracts.gate import compile_gate
from tests.data_contracts.gate_help import Row, column, connection, contract, few, through

SOURCES: dict[str, list[str]] = {  # types, and values that try the others
    "BOOLEAN": ["true", "false"],
    "TINYINT": ["'-128'", "0", "1"],
    "UTINYINT": ["255"],
    "SMALLINT": ["'-32768'"],
    "INTEGER": ["2147483647", "20240131", "2"],
    "UINTEGER": ["4294967295"],
    "BIGINT": ["'-9223372036854775808'", "9007199254740993", "9223372036854775807"],
    "UBIGINT": ["18446744073709551615"],
    "HUGEINT": ["170141183460469231731687303715884105727", "5"],
    "UHUGEINT": ["340282366920938463463374607431768211455"],
    "FLOAT": ["'nan'", "'inf'", "0.1", "3.4e38", "1e-45", "16777216", "-0.0", "5"],
    "DOUBLE": ["'nan'", "'-inf'", "0.1", "1.7e308", "5e-324", "9223372036854775808", "1e-5", "5"],
    "DECIMAL(18,2)": ["'9999999999999999.99'", "'0.10'", "'-5.00'"],
    "DECIMAL(38,18)": ["'99999999999999999999.999999999999999999'", "'0.1'"],
    "BLOB": ["'ab'", "'\\xFF\\x00'"],
    "BIT": ["'101'"],
    "DATE": ["'2024-01-01'", "'infinity'", "'5877641-12-31 (BC)'", "'5881580-07-10'", "'0001-01-01'"],
    "TIME": ["'10:00:00.123456'", "'24:00:00'"],
    "TIME WITH TIME ZONE": ["'10:00:00+05:30'"],
    "TIMESTAMP": ["'2024-01-01 10:00'", "'infinity'", "'290309-12-22 (BC)'", "'294247-01-10'", "'2024-01-01'"],
    "TIMESTAMP_S": ["'2024-01-01'", "'290000-01-01'", "'-infinity'"],
    "TIMESTAMP_MS": ["'2024-01-01 10:00:00.123'", "'infinity'"],
    "TIMESTAMP_NS": ["'2024-01-01 10:00:00.123456789'", "'2024-01-01'", "'infinity'", "'2262-04-11'"],
    "TIMESTAMP WITH TIME ZONE": ["'2024-01-01 10:00:00+00'", "'infinity'", "'290309-12-22 (BC)'"],
    "INTERVAL": ["'1 day'", "'3 months -2 hours'"],
    "UUID": ["'66779e59-1495-4e14-b309-e9f3f0ef8f5b'"],
    "ENUM('5', 'b')": ["'5'", "'b'"],
    "VARCHAR": ["'5'", "'2024-01-01'", "'{\"a\": 1}'", "chr(0)", "'[1]'"],
    "JSON": ["'5'", "'{\"a\": 1.10}'", "'null'", "'[1, 2]'", "'\"x\"'", "'  \"x\" '", "'NaN'"],
    "INTEGER[]": ["[1, null]", "[]"],
    "INTEGER[2]": ["[1, 2]"],
    "VARCHAR[]": ["['a', null]"],
    "STRUCT(a INTEGER, b VARCHAR)": ["{'a': 1, 'b': 'x'}", "{'a': null, 'b': null}"],
    "STRUCT(a DOUBLE)[]": ["[{'a': 'nan'}, null]"],
    "MAP(VARCHAR, INTEGER)": ["map {'a': 1}", "map {}"],
    "UNION(a INTEGER, b VARCHAR)": ["union_value(a := 1)"],
}  # fmt: skip
TEXTS = ("VARCHAR", "JSON", "ENUM('5', 'b')")
TYPED = [name for name in SOURCES if name not in (*TEXTS, "FLOAT", "DOUBLE")]
LEAF = column("integer", name="a")
TARGETS = [
    column("string"),
    column("string", minLength=1, pattern="^[a-z]", format="email"),
    column("integer", minimum=0, format="i32"),
    column("number", maximum=10),
    column("number", "decimal(18,2)", multipleOf=0.05),
    column("number", "decimal(38,18)", minimum=0.1),
    column("number", "decimal(4,4)"),
    column("date", minimum="2000-01-01"),
    column("date", format="yyyyMMdd"),
    column("timestamp", maximum="2030-01-01T00:00:00Z"),
    column("timestamp", defaultTimezone="Europe/London"),
    column("time", minimum="09:00"),
    column("boolean"),
    column("object", minProperties=1),
    column("object", fields=(LEAF,)),
    column("array", minItems=1, uniqueItems=True),
    column("array", items=LEAF, maxItems=3, uniqueItems=True),
    column("array", items=column("object", name="item", fields=(LEAF,))),
]


def typed(agreed_column: Column, type_: str, *values: str, **reading: Any) -> list[Row]:
    """Rows of one column `x` of a type, and a null."""
    # A JSON of Parquet is any text that its writer calls so.
    rows = " union all ".join(f"select {value}::{type_} as x" for value in values)
    return through(contract(agreed_column, format="parquet", **reading), rows)


@pytest.mark.parametrize("type_", SOURCES)
def test_no_value_of_any_type_raises_or_goes_without_a_verdict(type_: str) -> None:
    columns = [replace(target, name=f"c{at}", source="x") for at, target in enumerate(TARGETS)]
    values = [*SOURCES[type_], "null"]
    rows = through(
        contract(*columns, format="parquet"),
        " union all ".join(f"select {value}::{type_} as x" for value in values),
    )
    assert len(rows) == len(values)
    assert rows[-1].ok
    assert set(rows[-1].values.values()) == {None}


UNITS = {"s": 2**62, "ms": 2**62, "us": 2**63 - 1, "ns": 2**63 - 1}
# Moments in seconds and milliseconds that microseconds do not reach fail in DuckDB's own reader.
TIMES = [(unit, None) for unit in UNITS] + [("us", "UTC"), ("ns", "UTC")]


@pytest.mark.parametrize(("unit", "zone"), TIMES)
def test_no_time_that_an_engine_cannot_write_raises(unit: str, zone: str | None) -> None:
    numbers = [UNITS[unit], -UNITS[unit], -(2**63), 0, None]
    times = pa.array(numbers, pa.int64()).cast(pa.timestamp(unit, zone))
    connection().register("times", pa.table({"x": times, "more": times}))
    for target in (column("timestamp"), column("date"), column("string"), column("integer")):
        rows = through(contract(target, format="parquet"), "from times")
        assert rows[-1].ok
        assert rows[3].ok is (target.logical_type != "integer")


@pytest.mark.parametrize("type_", [name for name in TYPED if name[-1] != "]" and "(a" not in name])
@pytest.mark.parametrize("target", TARGETS[2:8] + TARGETS[12:13], ids=lambda c: c.type)
def test_what_is_kept_casts_back_to_what_it_was(type_: str, target: Column) -> None:
    agreed = contract(column(target.logical_type, target.type), format="parquet")
    rows = " union all ".join(f"select {value}::{type_} as x" for value in SOURCES[type_])
    gate = compile_gate(agreed, {"x": type_})
    kept = f"select x, {gate.values[0]} as kept from {gate.over(f'({rows})')} where {gate.ok}"
    query = f"select x, kept from ({kept}) where kept::{type_} is distinct from x"
    assert connection().execute(query).fetchall() == []


DECIMALS = st.decimals(-(10**12), 10**12, places=2, allow_nan=False)


@few
@given(st.lists(DECIMALS, min_size=1, max_size=50), st.integers(-3, 3))
def test_a_double_is_the_decimal_that_it_stands_for(values: list[Decimal], ulps: int) -> None:
    import math

    floats = []
    for value in values:
        number = float(value)
        for _ in range(abs(ulps)):
            number = math.nextafter(number, math.inf if ulps > 0 else -math.inf)
        floats.append(number)
    rows = through(
        contract(column("number", "decimal(18,2)"), format="parquet"),
        "select unnest(?::double[]) as x",
        [floats],
    )
    for value, number, row in zip(values, floats, rows, strict=True):
        if abs(value) >= 1 and abs(value) < 10**12 and Decimal(f"{number:.15g}") == value:
            assert row.ok, number
        assert not row.ok or row.values["x"] == Decimal(f"{number:.15g}"), number


@few
@given(
    st.lists(st.floats(allow_nan=False), min_size=1, max_size=50),
    st.sampled_from([(18, 2), (38, 18), (38, 0), (38, 37)]),
)
def test_a_double_becomes_no_decimal_that_is_another_number(
    floats: list[float], size: tuple[int, int]
) -> None:
    agreed = contract(column("number", "decimal({},{})".format(*size)), format="parquet")
    rows = through(agreed, "select unnest(?::double[]) as x", [floats])
    for number, row in zip(floats, rows, strict=True):
        if row.ok:
            found = Fraction(row.values["x"])
            assert abs(found - Fraction(number)) <= abs(Fraction(number)) * Fraction(5, 10**15)
            is_counted = abs(Fraction(number)) * 10 ** size[1] < 2**53
            assert found == Fraction(f"{number:.15g}") or is_counted, number


@pytest.mark.parametrize(
    ("physical", "value", "expected"),
    [
        ("decimal(18,2)", "441.15000000000003", "441.15"),
        ("decimal(18,2)", "441.154999", None),
        ("decimal(18,2)", "12345678901234.56", "12345678901234.56"),
        ("decimal(18,2)", "123456789012345.67", None),
        ("decimal(18,0)", "9007199254740991", "9007199254740991"),
        ("decimal(38,0)", "12345678901234567890", None),
        ("decimal(38,0)", "1e17", "100000000000000000"),
        ("decimal(38,18)", "0.1 + 0.2", "0.3"),
        ("decimal(38,18)", "0.739487123984712", "0.739487123984712"),
        ("decimal(38,18)", "0.1", "0.1"),
        ("decimal(9,9)", "1e-5", "0.00001"),
        ("decimal(18,2)", "1e-5", None),
        ("decimal(18,2)", "'nan'::double", None),
        ("decimal(18,2)", "'inf'::double", None),
        ("decimal(18,2)", "1e300", None),
        ("decimal(18,2)", "-0.0", "0"),
    ],
)
def test_a_double_counts_with_15_digits(physical: str, value: str, expected: str | None) -> None:
    (row,) = typed(column("number", physical), "DOUBLE", f"({value})")
    assert row.ok is (expected is not None)
    assert expected is None or row.values["x"] == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.1", "0.1"), ("16777216", "16777216"), ("1e-7", "0.0000001"), ("'nan'", None)],
)
def test_a_float_counts_with_the_digits_that_it_writes(value: str, expected: str | None) -> None:
    (row,) = typed(column("number", "decimal(38,18)"), "FLOAT", value)
    assert (row.values["x"] if row.ok else None) == (expected and Decimal(expected))


@few
@given(st.lists(st.decimals(-1, 1, places=15), min_size=1, max_size=50))
def test_a_decimal_of_15_digits_is_held_by_a_double(values: list[Decimal]) -> None:
    table = pa.table({"x": pa.array(values, pa.decimal128(38, 18))})
    connection().register("decimals", table)
    for value, row in zip(
        values, through(contract(column("number")), "from decimals"), strict=True
    ):
        assert row.ok
        assert row.values["x"] == float(value)


def test_a_decimal_that_a_double_would_round_is_broken() -> None:
    (row,) = typed(column("number"), "DECIMAL(38,18)", "'0.123456789012345678'")
    assert not row.ok


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("DATE", "'2024-07-01'", "2024-06-30 23:00"),
        ("TIMESTAMP", "'2024-07-01 10:00:00.123456'", "2024-07-01 09:00:00.123456"),
        ("TIMESTAMP_S", "'2024-07-01 10:00:00'", "2024-07-01 09:00:00"),
        ("TIMESTAMP_MS", "'2024-07-01 10:00:00.123'", "2024-07-01 09:00:00.123"),
        ("TIMESTAMP_NS", "'2024-07-01 10:00:00.123456'", "2024-07-01 09:00:00.123456"),
        ("TIMESTAMP_NS", "'2024-07-01 10:00:00.123456789'", None),
        ("TIMESTAMP", "'2011-03-27 01:30'", None),
        ("TIMESTAMP", "'infinity'", None),
        ("TIMESTAMP WITH TIME ZONE", "'2024-07-01 10:00:00+00'", "2024-07-01 10:00"),
    ],
)
def test_times_without_a_zone_are_read_in_the_contracts(
    type_: str, value: str, expected: str | None
) -> None:
    (row,) = typed(column("timestamp", defaultTimezone="Europe/London"), type_, value)
    moment = datetime.fromisoformat(expected).replace(tzinfo=UTC) if expected else None
    assert (row.values["x"] if row.ok else None) == moment


def test_a_typed_local_time_that_exists_twice_is_the_first_and_said_so() -> None:
    stamp = column("timestamp", defaultTimezone="Europe/London")
    (row,) = typed(stamp, "TIMESTAMP", "'2011-10-30 01:30'")
    assert (row.values["x"].hour, row.repeated) == (0, True)


@pytest.mark.parametrize(
    ("target", "type_", "value"),
    [
        (column("time"), "INTEGER", "5"),
        (column("time"), "TIMESTAMP", "'2024-01-01 10:00'"),
        (column("date"), "TIMESTAMP", "'2024-01-01 10:00'"),
        (column("date"), "INTEGER", "20240131"),
        (column("integer"), "DOUBLE", "1.6"),
        (column("integer"), "DECIMAL(18,2)", "1.6"),
        (column("integer"), "UBIGINT", "18446744073709551615"),
        (column("number"), "BIGINT", "9007199254740993"),
        (column("boolean"), "INTEGER", "2"),
        (column("string"), "BLOB", "'\\xFF'"),
        (column("string"), "STRUCT(a INTEGER)", "{'a': 1}"),
        (column("object"), "INTEGER", "5"),
        (column("object"), "INTEGER[]", "[1]"),
        (column("array"), "STRUCT(a INTEGER)", "{'a': 1}"),
    ],
    ids=lambda value: value.logical_type if isinstance(value, Column) else None,
)
def test_what_would_be_changed_is_broken(target: Column, type_: str, value: str) -> None:
    (row,) = typed(target, type_, value)
    assert not row.ok
    assert row.reasons[0].startswith("x: '")


@pytest.mark.parametrize(
    ("target", "type_", "value", "expected"),
    [
        (column("string"), "BLOB", "'ab'", "ab"),
        (column("string"), "BIGINT", "5", "5"),
        (column("string"), "ENUM('a')", "'a'", "a"),
        (column("date", format="yyyyMMdd"), "INTEGER", "20240131", datetime(2024, 1, 31).date()),
        (column("integer"), "DOUBLE", "9007199254740992", 2**53),
        (column("integer"), "VARCHAR", "' 5.0 '", 5),
        (column("time"), "TIME", "'10:00'", "10:00:00"),
        (column("boolean"), "TINYINT", "1", True),
        (column("date"), "TIMESTAMP", "'2024-01-31 00:00'", datetime(2024, 1, 31).date()),
    ],
    ids=lambda value: value.logical_type if isinstance(value, Column) else None,
)
def test_what_is_the_same_in_another_type_is_read(
    target: Column, type_: str, value: str, expected: object
) -> None:
    (row,) = typed(target, type_, value)
    assert row.values["x"] == expected


def test_words_for_null_count_in_typed_text() -> None:
    rows = typed(column("string"), "ENUM('N/A', 'b')", "'N/A'", "'b'", null_values=("N/A",))
    assert [row.values["x"] for row in rows] == [None, "b"]
