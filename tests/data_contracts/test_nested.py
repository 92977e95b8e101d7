"""Objects and arrays, of JSON and of typed sources: read whole, told by path, and nothing lost."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.errors import SourceError
from tests.data_contracts.gate_help import column, contract, fewer, json_values, texts, through

if TYPE_CHECKING:
    from data_contracts.contract import Contract

LINE = column(
    "object",
    name="item",
    fields=(
        column("integer", name="qty", required=True, minimum=1),
        column("string", name="note", source="Note", maxLength=3),
    ),
)
CUSTOMER = column(
    "object",
    fields=(
        column("integer", name="id", required=True),
        column("number", "decimal(18,2)", name="net"),
        column("array", name="tags", items=column("string", name="item", required=True)),
        column("array", name="lines", items=LINE, maxItems=2),
    ),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.integers(-(10**25), 10**25), st.floats(allow_nan=False),
    st.sampled_from(["", "1", "1.5", "abc", "abcd", "true", '"', "null", "\x00", "é\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
LINES = st.fixed_dictionaries({}, optional={"qty": SCALARS, "Note": SCALARS})
CUSTOMERS = st.fixed_dictionaries(
    {},
    optional={
        "id": SCALARS,
        "net": SCALARS,
        "tags": ANYTHING | st.lists(st.text(max_size=3), max_size=3),
        "lines": ANYTHING | st.lists(LINES, max_size=3),
    },
)


class BrokenError(Exception):
    """The oracle's word for a value that the contract does not take."""


def integer(value: Any) -> int | None:
    """An integer of JSON, as a number or as a text."""
    if value is None:
        return None
    if isinstance(value, (bool, list, dict)):
        raise BrokenError
    try:
        number = Decimal(str(value)) if str(value).isascii() else Decimal("nan")
    except ArithmeticError:
        raise BrokenError from None
    whole = isinstance(value, float) or str(value).lstrip("-").isdigit()
    if not (number.is_finite() and number == int(number) and whole and -(2**63) <= number < 2**63):
        raise BrokenError
    return int(number)


def string(value: Any) -> str | None:
    """A text of JSON; a number with a point lost its digits on the way."""
    if isinstance(value, (float, list, dict)):
        raise BrokenError
    return value if isinstance(value, str | None) else json.dumps(value)


def decimal(value: Any) -> Decimal | None:
    """A decimal(18,2) of JSON; a float counts with 15 digits."""
    if value is None:
        return None
    if isinstance(value, (bool, list, dict)) or value in ("", '"', "\x00"):
        raise BrokenError
    try:
        exact = Decimal(str(value))
    except ArithmeticError:
        raise BrokenError from None
    if exact != exact.quantize(Decimal("0.01")) if abs(exact) < 10**16 else False:
        exact = Decimal(f"{value:.15g}") if isinstance(value, float) else exact
    if abs(exact) >= 10**16 or exact != exact.quantize(Decimal("0.01")):
        raise BrokenError
    if isinstance(value, float) and abs(value) >= 1e13 and Decimal(str(value)) != exact:
        raise BrokenError
    return exact


def line(value: Any) -> dict[str, Any] | None:
    """An item of `lines`."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BrokenError
    found: dict[str, Any] = {
        "qty": integer(value.get("qty")),
        "note": string(value.get("Note")),
    }
    if found["qty"] is None or found["qty"] < 1 or len(found["note"] or "") > 3:
        raise BrokenError
    return found


def customer(value: Any) -> dict[str, Any]:
    """The whole object."""
    tags, lines = value.get("tags"), value.get("lines")
    if not isinstance(tags, list | None) or not isinstance(lines, list | None):
        raise BrokenError
    found = {
        "id": integer(value.get("id")),
        "net": decimal(value.get("net")),
        "tags": None if tags is None else [string(tag) for tag in tags],
        "lines": None if lines is None else [line(item) for item in lines],
    }
    if found["id"] is None or None in (tags or []) or len(lines or []) > 2:
        raise BrokenError
    return found


@fewer
@given(st.lists(CUSTOMERS, min_size=1, max_size=60))
def test_an_object_is_read_whole_or_broken(values: list[dict[str, Any]]) -> None:
    rows = json_values(contract(CUSTOMER, format="json"), [json.dumps(value) for value in values])
    for value, row in zip(values, rows, strict=True):
        try:
            expected = customer(value)
        except BrokenError:
            assert not row.ok, value
        else:
            assert row.ok, (value, row.reasons)
            assert row.values["x"] == expected


ITEM = column("integer", name="item")
EVERY = [
    column("string", pattern="a"),
    column("integer", minimum=0),
    column("number"),
    column("number", "decimal(18,2)"),
    column("boolean"),
    column("date"),
    column("timestamp", defaultTimezone="Europe/London"),
    column("time"),
    column("object", minProperties=1, required=["a"]),
    column("array", uniqueItems=True, minItems=1),
    column("array", items=ITEM, uniqueItems=True),
    column("array", items=column("array", name="item", items=column("object", name="item", fields=(ITEM,)))),
]  # fmt: skip


def every(**said: Any) -> Contract:
    """A contract that reads one column as everything."""
    columns = [replace(target, name=f"c{at}", source="x") for at, target in enumerate(EVERY)]
    return contract(*columns, **said)


@pytest.mark.slow
@fewer
@given(st.lists(ANYTHING, min_size=1, max_size=40))
def test_no_json_raises_or_goes_without_a_verdict(values: list[Any]) -> None:
    written = [json.dumps(value) for value in values]
    assert len(json_values(every(format="json", null_values=("abc", "1")), written)) == len(values)
    assert len(texts(every(format="parquet"), written, "JSON")) == len(values)
    cells = [*written, "{x", "", "nul", " null ", ' "a" ', "[1,]", "NaN", "\x00"]
    assert len(texts(every(format="csv"), cells)) == len(cells)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"id": "a"}, "x.id: 'a' is not an integer"),
        ({}, "x.id: is missing and required"),
        ({"id": None}, "x.id: is missing and required"),
        ({"id": 1, "tags": ["a", None]}, "x.tags[]: is missing and required"),
        ({"id": 1, "tags": "a"}, "x.tags: '\"a\"' is not an array of its items"),
        ({"id": 1, "lines": [{"qty": 0}]}, "x.lines[].qty: '0' is below the minimum 1"),
        ({"id": 1, "lines": [{"qty": 1, "Note": "long"}]}, "x.lines[].note: 'long' has more than 3 characters"),
        ({"id": 1, "lines": [None, None, None]}, "x.lines: '[null,null,null]' has more than 2 items"),
        ([1], "x: '[1]' is not an object of its fields"),
        ("a", "x: '\"a\"' is not an object of its fields"),
    ],
)  # fmt: skip
def test_the_reason_names_the_nested_field_by_its_path(value: Any, reason: str) -> None:
    (row,) = json_values(contract(CUSTOMER, format="json"), [json.dumps(value)])
    assert row.reasons == [reason]


def test_a_key_that_is_there_twice_breaks_the_row() -> None:
    (row,) = json_values(contract(CUSTOMER, format="json"), ['{"id": 1, "id": 2}'])
    assert row.reasons == ["x: has the key id twice"]


def test_an_object_that_is_missing_is_null_and_not_an_empty_one() -> None:
    rows = json_values(
        contract(CUSTOMER, column("array", name="x2", source="x", items=LINE), format="json"),
        ["null"],
    )
    assert [row.values["x"] for row in rows] == [None]
    assert [row.values["x2"] for row in rows] == [None]


MORE = '{"id": 1, "more": 12345678901234567.890, "lines": []}'


@pytest.mark.parametrize("value", [MORE, '{"id": 1, "lines": [{"qty": 1, "x": null}]}'])
def test_fields_that_the_contract_does_not_name_are_rescued_with_the_whole_object(
    value: str,
) -> None:
    agreed = contract(CUSTOMER, format="json")
    row, other = json_values(agreed, [value, '{"id": 1, "lines": [{"qty": 1}], "tags": ["a"]}'])
    assert row.ok
    assert row.values["x"]["id"] == 1
    assert row.values["_rescued"] == {"x": json.loads(value)}
    assert other.values["_rescued"] is None


def test_fields_that_the_contract_does_not_name_break_the_row_where_it_refuses_them() -> None:
    agreed = contract(CUSTOMER, format="json", unknown="refuse")
    row, other = json_values(agreed, [MORE, '{"id": 1}'])
    assert row.reasons == ["x: has fields that shop.sale does not name"]
    assert other.ok
    (row,) = json_values(agreed, ['{"more": 1}'])
    assert row.reasons == ["x.id: is missing and required"]


def test_fields_that_the_contract_does_not_name_are_left_out_where_it_ignores_them() -> None:
    (row,) = json_values(contract(CUSTOMER, format="json", unknown="ignore"), [MORE])
    assert (row.ok, row.values["_rescued"]) == (True, None)


def test_nested_fields_are_rescued_beside_columns_and_beside_what_the_reader_left() -> None:
    agreed = contract(column("object", fields=(ITEM,)), format="json")
    relation = """select '{"item": 1, "b": 2}'::json as x, 5.10::decimal(4,2) as y"""
    (row,) = through(agreed, relation)
    assert row.values["_rescued"] == {"y": "5.10", "x": {"item": 1, "b": 2}}
    relation = """select '{"item": 1, "b": 2}'::json as x, '{"y": 5}'::json as _rest"""
    (row,) = through(agreed, relation)
    assert row.values["_rescued"] == {"y": 5, "x": {"item": 1, "b": 2}}
    (row,) = through(agreed, """select '{"item": 1}'::json as x, null::json as _rest""")
    assert row.values["_rescued"] is None


@pytest.mark.parametrize(
    "key", ["*", "", "a.b", 'a"b', "a~b/c", "0", "$", "é", "a b", "'", "-1", "[0]"]
)
def test_a_field_has_any_name(key: str) -> None:
    agreed = contract(
        column("object", fields=(column("integer", name="f", source=key),)), format="json"
    )
    (row,) = json_values(agreed, [json.dumps({key: 5})])
    assert (row.values["x"], row.values["_rescued"]) == ({"f": 5}, None)


def test_an_object_without_fields_stays_json_as_it_is_given() -> None:
    text = '{ "b": [1.10, {"c": null}], "a": 12345678901234567890123 }'
    (row,) = texts(contract(column("object")), [text])
    assert row.values["x"] == text


def test_every_digit_of_a_number_that_is_text_or_an_integer_is_kept() -> None:
    digits = "12345678901234567890123"
    agreed = contract(column("string"), format="json")
    rows = json_values(agreed, [digits, "1.10", '"1.10"', "true", "1e2", "{}"])
    assert [row.values["x"] if row.ok else None for row in rows] == [
        digits,
        None,
        "1.10",
        "true",
        None,
        None,
    ]
    (row,) = json_values(contract(column("number", "decimal(38,0)"), format="json"), [digits])
    assert row.values["x"] == Decimal(digits)


def test_a_number_of_json_is_a_binary_float_and_its_text_is_not() -> None:
    agreed = contract(column("number", "decimal(18,2)"), format="json")
    rows = json_values(agreed, ["441.15000000000003", '"441.15000000000003"', "1e2", '"441.15"'])
    assert [row.ok for row in rows] == [True, False, True, True]
    assert rows[0].values["x"] == Decimal("441.15")


def test_words_for_null_count_in_the_texts_of_json() -> None:
    agreed = contract(column("integer"), format="json", null_values=("N/A",))
    rows = json_values(agreed, ['"N/A"', '"n/a"', "5"])
    assert [row.values["x"] if row.ok else None for row in rows] == [None, None, 5]
    assert [row.ok for row in rows] == [True, False, True]


def test_a_repeated_local_time_is_said_of_nested_ones_too() -> None:
    stamp = column("timestamp", name="at", defaultTimezone="Europe/London")
    for target, value in (
        (column("object", fields=(stamp,)), '{"at": "2011-10-30 01:30"}'),
        (column("array", items=stamp), '["2011-10-30 01:30", null]'),
    ):
        (row,) = json_values(contract(target, format="json"), [value])
        assert (row.ok, row.repeated) == (True, True)


SALE = """{'ID': 5, 'net': 0.1::double + 0.2, 'tags': ['a'], 'lines': [{'qty': 1, 'Note': 'n'}]}"""


def test_typed_structs_keep_the_rules_of_their_fields() -> None:
    rows = [
        SALE,
        SALE.replace("5", "null"),
        SALE.replace("'qty': 1", "'qty': 0"),
        SALE.replace("0.1", "0.001"),
        "null",
    ]
    relation = " union all ".join(f"select {row} as x" for row in rows)
    found = through(contract(CUSTOMER, format="parquet"), relation)
    assert [row.reasons for row in found] == [
        [],
        ["x.id: is missing and required"],
        ["x.lines[].qty: '0' is below the minimum 1"],
        ["x.net: '0.201' is not a decimal(18,2) without losing digits"],
        [],
    ]
    assert found[0].values["x"] == {
        "id": 5,
        "net": Decimal("0.30"),
        "tags": ["a"],
        "lines": [{"qty": 1, "note": "n"}],
    }
    assert found[4].values["x"] is None


def test_fields_of_a_struct_that_the_contract_does_not_name_are_rescued() -> None:
    agreed = contract(column("object", fields=(ITEM,)), format="parquet")
    relation = "select {'item': 1, 'b': 2.50} as x union all select {'item': 1, 'b': null}"
    one, other = through(agreed, relation)
    assert one.values["_rescued"] == {"x": {"item": 1, "b": 2.5}}
    assert other.values["_rescued"] is None


def test_lists_maps_and_structs_are_json_where_the_contract_names_no_fields() -> None:
    for target, value, expected in (
        (column("object"), "{'a': 1.10, 'b': [null]}", {"a": 1.1, "b": [None]}),
        (column("object"), "map {'a': 1}", {"a": 1}),
        (column("array"), "[1, null]", [1, None]),
        (column("array"), "[1, 2]::integer[2]", [1, 2]),
    ):
        (row,) = through(contract(target, format="parquet"), f"select {value} as x")
        assert json.loads(row.values["x"]) == expected
    (row,) = through(contract(column("object", fields=(ITEM,))), "select map {'item': 1} as x")
    assert row.values["x"] == {"item": 1}


def test_two_fields_of_a_struct_that_may_be_meant_are_refused() -> None:
    agreed = contract(column("object", fields=(ITEM,)), format="parquet")
    with pytest.raises(SourceError, match="column item is there 2 times: ' item', 'ITEM '"):
        through(agreed, """select {' item': 1, 'ITEM ': 2} as x""")
