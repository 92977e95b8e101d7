import datetime as dt
import decimal
import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from orchestration.init import sample

Draft = Callable[..., Any]


def lines(*found: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in found)


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        ('{"a": 1}\n{"a": 2}\n', "ndjson"),
        ('[{"a": 1}, {"a": 2}]', "json"),
        ('{\n "a": 1,\n "b": 2\n}\n', "json"),
        ('{\n "a": 1\n}\n{\n "a": 2\n}', "json"),
    ],
)
def test_json_of_every_kind_is_known(draft_of: Draft, content: str, format_: str) -> None:
    assert draft_of(content, "x.json").reading == {"format": format_}


def test_json_values_have_their_own_types(draft_of: Draft) -> None:
    record = {
        "i": 1, "f": 1.5, "b": True, "s": "007", "at": "2020-01-01T10:00:00Z", "day": "2020-01-01",
        "amount": 2.5, "big": "x", "tags": ["a"], "price": 3,
    }  # fmt: skip
    assert draft_of(lines(record, record), "x.ndjson").types == {
        "i": "integer",
        "f": "number",
        "b": "boolean",
        "s": "string",
        "at": "timestamp",
        "day": "date",
        "amount": "decimal(18,2)",
        "big": "string",
        "tags": "array",
        "price": "decimal(18,2)",
    }


def test_json_objects_of_the_same_keys_have_properties(draft_of: Draft) -> None:
    found = draft_of(
        lines({"who": {"Id": 1, "login": "x"}}, {"who": {"Id": 2, "login": "y"}}), "x.ndjson"
    )
    assert found.properties["who"]["properties"] == [
        {"name": "id", "physicalName": "Id", "logicalType": "integer"},
        {"name": "login", "logicalType": "string", "classification": "personal"},
    ]


def test_json_objects_of_changing_keys_are_kept_whole(draft_of: Draft) -> None:
    found = draft_of(lines({"what": {"a": 1}}, {"what": {"b": 1}}), "x.ndjson")
    assert found.properties["what"] == {"name": "what", "logicalType": "object"}


def test_json_objects_are_kept_whole_where_others_may_have_more_keys(
    draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "RECORDS", 500)
    found = draft_of(lines(*[{"who": {"id": at}} for at in range(900)]), "x.ndjson")
    assert "properties" not in found.properties["who"]


def test_json_arrays_have_items(draft_of: Draft) -> None:
    found = draft_of(
        lines({"tags": ["a"], "lines": [{"n": 1}]}, {"tags": [], "lines": []}), "x.ndjson"
    )
    assert found.properties["tags"]["items"] == {"logicalType": "string"}
    assert found.properties["lines"]["items"] == {
        "logicalType": "object",
        "properties": [{"name": "n", "logicalType": "integer"}],
    }


def test_json_that_no_one_type_holds_is_left_to_rescue(
    draft_of: Draft, broken: Callable[[Any], list[str]]
) -> None:
    found = draft_of(
        lines({"a": 1, "x": 1, "n": None}, {"a": 2, "x": {"y": 1}, "n": None}), "x.ndjson"
    )
    assert list(found.properties) == ["a"]
    assert any("kept in _rescued" in note and "x, n" in note for note in found.draft.notes)
    assert broken(found) == []


def test_json_keys_that_differ_in_case_alone_are_one_column(draft_of: Draft) -> None:
    assert list(draft_of(lines({"a": 1, "A": 2}), "x.ndjson").properties) == ["a"]


def test_json_digits_are_kept(draft_of: Draft) -> None:
    found = draft_of('{"amount": 1.10, "f": 12345678901234567890.5}\n', "x.ndjson")
    assert list(found.types) == ["amount"]


def test_parquet_columns_have_the_files_types(
    draft_of: Draft, broken: Callable[[Any], list[str]]
) -> None:
    day = dt.date(2024, 1, 1)
    table = pa.table(
        {
            "Id": pa.array([1, 2], pa.int32()),
            "at": pa.array([1000, 2000], pa.timestamp("ns")),
            "exact_at": pa.array([1, 2000], pa.timestamp("ns")),
            "zoned": pa.array([1, 2], pa.timestamp("ms", "Europe/Berlin")),
            "day": pa.array([day, None]),
            "dec": pa.array([decimal.Decimal("1.50")] * 2, pa.decimal128(9, 2)),
            "unsigned": pa.array([2**64 - 1, 1], pa.uint64()),
            "raw": pa.array([b"abc", b"x"]),
            "price": [441.15000000000003, 2.5],
            "value": [0.1, None],
            "code": ["007", "x"],
            "yes": [True, None],
            "who": [{"name": "x", "size": 1}] * 2,
            "tags": [["a"], []],
        }
    )
    packed = io.BytesIO()
    pq.write_table(table, packed)
    found = draft_of(packed.getvalue(), "x.parquet")
    assert found.types == {
        "id": "integer",
        "at": "timestamp",
        "exact_at": "string",
        "zoned": "timestamp",
        "day": "date",
        "dec": "decimal(9,2)",
        "unsigned": "decimal(20,0)",
        "raw": "string",
        "price": "decimal(18,4)",
        "value": "number",
        "code": "string",
        "yes": "boolean",
        "who": "object",
        "tags": "array",
    }
    assert broken(found) == []


def test_parquet_columns_that_no_type_holds_are_left_to_rescue(draft_of: Draft) -> None:
    table = pa.table(
        {"a": [1], "m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32())), "b": [b"\xff"]}
    )
    packed = io.BytesIO()
    pq.write_table(table, packed)
    assert list(draft_of(packed.getvalue(), "x.parquet").properties) == ["a"]


def test_excel_is_read_as_text_below_its_title(draft_of: Draft) -> None:
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed)
    sheet, form = book.add_worksheet("Data"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write(0, 0, "Sales of May")
    sheet.write_row(1, 0, ["Order ID", "Day", "Net Amount", "Paid"])
    for at in range(3):
        sheet.write(2 + at, 0, at)
        sheet.write_datetime(2 + at, 1, dt.datetime(2024, 5, at + 1), form)
        sheet.write(2 + at, 2, 0.1 * 3 * at)
        sheet.write_boolean(2 + at, 3, at % 2 == 0)
    book.close()
    found = draft_of(packed.getvalue(), "book.xlsx")
    assert found.reading == {"format": "excel", "skipLines": 1}
    assert found.types == {
        "order_id": "string",
        "day": "date",
        "net_amount": "decimal(18,2)",
        "paid": "boolean",
    }
