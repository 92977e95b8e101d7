"""The gate's promises: every row is kept or has a reason, and nothing that a source holds raises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.contract import Column
from data_contracts.errors import SourceError
from data_contracts.gate import compile_gate
from tests.data_contracts.gate_help import column, connection, contract, few, fewer, texts, through

EVERY = [
    column("string", name="plain"),
    column("string", name="mail", format="email", maxLength=9, pattern="^a.*b$"),
    column("integer", name="whole", minimum=-5, multipleOf=3),
    column("integer", name="byte", format="u8"),
    column("number", name="double", exclusiveMaximum=1e6),
    column("number", "decimal(18,2)", name="net", maximum=99.999),
    column("number", "decimal(38,18)", name="precise"),
    column("number", "decimal(5,5)", name="share", multipleOf=0.005),
    column("boolean", name="flag"),
    column("date", name="day", minimum="2000-01-01"),
    column("date", name="sap", format="yyyyMMdd"),
    column("date", name="ordinal", format="yyyyDDD"),
    column("date", name="named", format="EEE d MMM yyyy"),
    column("timestamp", name="at", maximum="2030-01-01T00:00:00Z"),
    column("timestamp", name="local", defaultTimezone="Europe/London"),
    column("timestamp", name="zoned", format="yyyy-MM-dd'T'HH:mm:ssXXX"),
    column(
        "timestamp", name="clocked", format="dd/MM/yyyy hh:mm a", defaultTimezone="Asia/Kathmandu"
    ),
    column("time", name="clock", minimum="09:00", maximum="17:00"),
    column("time", name="hour", format="H:mm", minimum="9:00"),
    column("object", name="free", minProperties=1),
    column("object", name="bound", fields=(column("integer", name="a", required=True),)),
    column("array", name="some", uniqueItems=True, minItems=1),
    column("array", name="days", items=column("date", name="item")),
]
NASTY = [
    "", " ", "\t\n", "null", "NULL", "N/A", "nan", "NaN", "inf", "-Infinity", "-0", "+5", "0x1F", "1_000", "１２",
    "1e5", "1e999999", "-1e-999999", "1e2147483648", "0" * 10_000 + "5", "9" * 10_000, "x" * 10_000,
    "0." + "0" * 5_000 + "1", "5.", ".5", ".", "+", "-", "--1", "+-1", "1.2.3", "1,5", "1.234,50", "1e", "e1",
    "0000-00-00", "0000-01-01", "9999-12-31", "10000-01-01", "infinity", "epoch", "2024-02-30", "2011-03-27 01:30",
    "2011-10-30 01:30", "290309-12-22 (BC) 00:00:00", "2024-01-01 00:00:00+99:99", "24:00", "23:59:60", "10:00Z",
    "{", "{}", "[]", "[1,", '{"a": 1, "a": "x"}', '{"a": {"b": [null]}}', "[" * 600 + "]" * 600, '"\\ud800"',
    "\x00", "\x01\x1f\x7f", "\u202e\u200b\ufeff", "\U0001f926\U0001f3fc\u200d\u2642\ufe0f", "'", '"', "\\", "%s", "ı", "ß",
]  # fmt: skip
TEXTS = st.lists(
    st.none() | st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"])),
    min_size=1,
    max_size=60,
)
READINGS: list[dict[str, Any]] = [
    {},
    {"null_values": ("",)},
    {"null_values": ("", "N/A", "5", "'"), "decimal_mark": ",", "thousands_mark": "."},
    {"format": "excel", "null_values": ("null",)},
    {"format": "parquet"},
]


def all_of(source: str = "x", **said: Any) -> tuple[Column, ...]:
    """Every column, all read from one column of the source."""
    own = {name: getattr(column("string"), name) for name in ("required",)} | said
    return tuple(
        Column(
            c.name,
            source,
            c.logical_type,
            c.type,
            options=c.options,
            fields=c.fields,
            items=c.items,
            **own,
        )
        for c in EVERY
    )


@fewer
@given(TEXTS, st.sampled_from(READINGS), st.booleans())
def test_every_row_is_kept_or_has_its_reasons_whatever_its_text(
    given_: list[str | None], reading: dict[str, Any], required: bool
) -> None:
    agreed = contract(*all_of(required=required), **reading)
    rows = texts(agreed, given_)
    assert len(rows) == len(given_)
    for text, row in zip(given_, rows, strict=True):
        names = [reason.split(":")[0].split(".")[0].split("[")[0] for reason in row.reasons]
        assert len(names) == len(set(names)), "one reason a column"
        if text is None or text in agreed.reading.null_values:
            told = [f"{c.name}: is missing and required" for c in agreed.columns]
            assert row.reasons == (told if required else [])


@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_no_text_that_was_ever_trouble_raises(reading: dict[str, Any]) -> None:
    assert len(texts(contract(*all_of(), **reading), [*NASTY, None])) == len(NASTY) + 1


@few
@given(TEXTS)
def test_text_is_never_changed(given_: list[str | None]) -> None:
    rows = texts(contract(column("string")), given_)
    assert [row.values["x"] for row in rows] == given_
    assert [json.loads(row.payload) for row in rows] == [{"x": text} for text in given_]


def test_an_unreadable_value_is_not_also_missing() -> None:
    (row,) = texts(contract(column("integer", required=True)), ["x"])
    assert row.reasons == ["x: 'x' is not an integer"]


def test_a_row_has_a_reason_for_each_column_that_breaks() -> None:
    agreed = contract(
        column("integer", name="a"),
        column("date", name="b", required=True),
        column("string", name="c"),
    )
    rows = through(agreed, "select 'x' as a, null::varchar as b, 'y' as c")
    assert rows[0].reasons == ["a: 'x' is not an integer", "b: is missing and required"]


def test_a_reason_shows_at_most_100_characters_of_the_value() -> None:
    (row,) = texts(contract(column("integer")), ["é" * 1000])
    assert row.reasons == [f"x: '{'é' * 100}' is not an integer"]


def test_names_and_values_are_quoted_wherever_they_go() -> None:
    agreed = contract(column("integer", name='it\'s "so"', source="a\"b'c", enum=("1",)))
    rows = through(agreed, """select unnest(['1', 'o''r']) as "a""b'c" """)
    assert [row.reasons for row in rows] == [[], ["it's \"so\": 'o'r' is not an integer"]]


# Columns


@pytest.mark.parametrize("name", ["NetAmount", "netamount", " NETAMOUNT ", "\tNetAmount"])
def test_columns_are_found_whatever_their_case_and_the_blanks_around(name: str) -> None:
    gate = compile_gate(
        contract(column("string", name="net", source="NetAmount")), {name: "VARCHAR"}
    )
    assert gate.columns == ("net", "_rescued")
    assert gate.values[-1] == "null::json"


def test_a_column_as_written_is_the_one_that_is_meant() -> None:
    rows = through(
        contract(column("string", name="a", source="A")), """select '1' as "A", '2' as "A " """
    )
    assert rows[0].values == {"a": "1", "_rescued": {"A ": "2"}}


def test_a_column_that_two_may_be_is_refused() -> None:
    with pytest.raises(SourceError, match=r"column Net is there 2 times: ' net', 'NET '"):
        compile_gate(
            contract(column("string", source="Net")), {" net": "VARCHAR", "NET ": "VARCHAR"}
        )


def test_two_properties_may_read_one_column_but_not_by_two_names() -> None:
    one = column("string", name="a", source="ID")
    agreed = contract(one, column("integer", name="b", source="ID"))
    (row,) = through(agreed, "select '5' as id")
    assert row.values == {"a": "5", "b": 5, "_rescued": None}
    with pytest.raises(SourceError, match="column id is meant by more than one property"):
        compile_gate(contract(one, column("string", name="b", source="Id")), {"id": "VARCHAR"})


def test_a_missing_required_column_is_refused_with_its_name_and_what_is_there() -> None:
    agreed = contract(
        column("string", name="a", source="A", required=True),
        column("string", name="b", required=True),
        column("string", name="c"),
    )
    with pytest.raises(
        SourceError, match=r"^no column A, b, which shop.sale requires; the source has x, y$"
    ):
        compile_gate(agreed, {"x": "VARCHAR", "y": "VARCHAR", "{day}": "VARCHAR"})


def test_a_missing_column_that_is_not_required_is_null() -> None:
    agreed = contract(*EVERY, column("string"))
    (row,) = texts(agreed, ["a"])
    assert {row.values[c.name] for c in EVERY} == {None}


def test_a_path_group_is_a_column_like_others_and_none_that_is_unknown() -> None:
    agreed = contract(
        column("date", name="day", source="{day}", format="yyyyMMdd"),
        column("string"),
        unknown="refuse",
    )
    rows = through(agreed, """select 'a' as x, '20240131' as "{day}", 'z' as "{zone}" """)
    assert str(rows[0].values["day"]) == "2024-01-31"
    assert json.loads(rows[0].payload) == {"x": "a"}
    rows = through(contract(column("string")), """select 'a' as x, 'z' as "{zone}" """)
    assert rows[0].values["_rescued"] is None


# What the contract does not name

SOURCE = """select 'a' as x, 0.10::decimal(18,2) as net, 12345678901234567890123.5::decimal(38,1) as big,
    'nan'::double as d, 0.1::float as f, '\\xC3\\xA9'::blob as b, '{"q": 1.10}'::json as j, '{x' as k, null as n,
    interval 1 day as i, {'a': [1.50]} as s, map {1: 'x'} as m, timestamp '2024-01-01 10:00' as t, true as o,
    170141183460469231731687303715884105727::hugeint as h, '\x01"' as q"""
REST = {
    "net": "0.10", "big": "12345678901234567890123.5", "d": "nan", "f": 0.1, "b": "C3A9", "j": {"q": 1.1},
    "k": "{x", "n": None, "i": "1 day", "s": {"a": [1.5]}, "m": {"1": "x"}, "t": "2024-01-01 10:00:00", "o": True,
    "h": "170141183460469231731687303715884105727", "q": '\x01"',
}  # fmt: skip


def test_columns_that_the_contract_does_not_name_are_rescued_to_the_digit() -> None:
    (row,) = through(contract(column("string"), format="parquet"), SOURCE)
    assert row.values["_rescued"] == REST
    assert json.loads(row.payload) == {"x": "a", **REST}


def test_columns_that_the_contract_does_not_name_are_left_out_where_it_ignores_them() -> None:
    (row,) = through(contract(column("string"), unknown="ignore"), SOURCE)
    assert row.values == {"x": "a", "_rescued": None}


def test_columns_that_the_contract_does_not_name_are_refused_where_it_refuses_them() -> None:
    with pytest.raises(
        SourceError, match=r"^column y, z is not in shop.sale, which refuses others$"
    ):
        compile_gate(contract(column("string"), unknown="refuse"), dict.fromkeys("xyz", "VARCHAR"))


def test_json_that_is_none_is_kept_as_the_text_it_is() -> None:
    connection().execute(
        "create or replace temp table any_json as select '{x'::varchar as y, 'a' as x"
    )
    gate = compile_gate(contract(column("string"), format="parquet"), {"x": "VARCHAR", "y": "JSON"})
    relation = "(select x, y::blob::varchar::json as y from any_json where false)"
    assert (
        connection().execute(f"select {gate.values[1]}, {gate.payload} from {relation}").fetchall()
        == []
    )


# Records that may not be readable

RECORDS = """select * from (values
    ('{"x": 5}', null, '5'::json, null::json),
    ('{"x": 5, "y": 1.10}', null, '5'::json, '{"y": 1.10}'::json),
    ('{"x": "a"}', null, '"a"'::json, null),
    ('[', 'the record is no JSON object', null, null)
) as t (_raw, _fault, x, _rest)"""


def test_a_record_that_cannot_be_read_has_its_fault_for_a_reason_and_its_text_for_a_payload() -> (
    None
):
    rows = through(contract(column("integer", required=True), format="ndjson"), RECORDS)
    assert [row.reasons for row in rows] == [
        [],
        [],
        ["x: 'a' is not an integer"],
        ["the record is no JSON object"],
    ]
    assert [row.payload for row in rows] == [
        b'{"x": 5}',
        b'{"x": 5, "y": 1.10}',
        b'{"x": "a"}',
        b"[",
    ]
    assert [row.values["_rescued"] for row in rows[:2]] == [None, {"y": 1.1}]


def test_fields_of_a_record_that_the_contract_does_not_name_break_it_where_it_refuses_them() -> (
    None
):
    rows = through(contract(column("integer"), format="ndjson", unknown="refuse"), RECORDS)
    assert rows[1].reasons == ['unknown fields: {"y": 1.10}']
    assert rows[0].ok


def test_a_source_with_none_of_the_columns_is_refused() -> None:
    with pytest.raises(
        SourceError, match=r"none of shop.sale's columns is there; the source has y"
    ):
        compile_gate(contract(column("string")), {"y": "VARCHAR", "{day}": "VARCHAR"})


@pytest.mark.slow
def test_hundreds_of_columns_are_one_gate() -> None:
    columns = [column("integer", name=f"c{at}", minimum=0) for at in range(400)]
    row = ", ".join(f"'{at - 1}' as c{at}" for at in range(400))
    (found,) = through(contract(*columns), f"select {row}")
    assert found.reasons == ["c0: '-1' is below the minimum 0"]
