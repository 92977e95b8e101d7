"""Tryton's JSON as texts with every digit, and watermarks as its conditions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.delivery import DeliveryError
from orchestration.connectors.tryton import api, jsonrpc, records

AT = {
    "__class__": "datetime",
    "year": 2026,
    "month": 1,
    "day": 31,
    "hour": 7,
    "minute": 5,
    "second": 9,
}
LOW = "2026-01-31 07:05:09.000040"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (0.1, "0.1"),
        (1e22, "1e+22"),
        ({"__class__": "Decimal", "decimal": "-12345678901234567890.1230"}, "-12345678901234567890.1230"),
        ({**AT, "microsecond": 40}, LOW),
        ({"__class__": "date", "year": 2026, "month": 2, "day": 1}, "2026-02-01"),
        (
            {"__class__": "time", "hour": 1, "minute": 2, "second": 3, "microsecond": 0},
            "01:02:03.000000",
        ),
        ({"__class__": "timedelta", "seconds": 90.5}, "90.5"),
        ({"__class__": "bytes", "base64": "AP8=\n"}, "00ff"),
        ({"key": "ä"}, '{"key": "ä"}'),
        ([1, 2], "[1, 2]"),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_is_a_text_with_every_digit(value: Any, text: str | None) -> None:
    assert records.text(value) == text


def test_a_page_is_columns_of_text_whatever_its_values_are() -> None:
    page = records.columns([{"id": 1, "a": None}, {"id": 2, "a": True, "other": 3}], ["id", "a"])
    assert page.to_pydict() == {"id": ["1", "2"], "a": [None, "true"]}
    assert {str(field.type) for field in page.schema} == {"string"}


def test_the_first_mark_that_is_there_counts() -> None:
    first, second, third = ({**AT, "microsecond": micro} for micro in (0, 40, 41))
    page: list[api.Record] = [{"w": None, "c": second}, {"w": third, "c": first}]
    assert records.highest(page, ["w", "c"]) == "2026-01-31 07:05:09.000041"
    assert records.highest([{"w": None, "c": None}], ["w", "c"]) == ""


def test_a_record_without_a_watermark_is_always_read() -> None:
    moment = {**AT, "microsecond": 40}
    assert records.from_on(["w", "c"], LOW) == [
        "OR",
        ["w", ">=", moment],
        [["w", "=", None], ["OR", ["c", ">=", moment], [["c", "=", None]]]],
    ]
    assert records.before(["w", "c"], LOW) == [
        "OR",
        ["w", "<", moment],
        [["w", "=", None], [["c", "<", moment]]],
    ]


def test_a_time_of_another_zone_is_one_of_utc() -> None:
    there = records.before(["w"], "2026-01-31T08:05:09.000040+01:00")
    assert there == records.before(["w"], LOW)
    with pytest.raises(DeliveryError, match="'yesterday' is no time"):
        records.before(["w"], "yesterday")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (["UserError", ["Not yet.\nReally", "", None]], "Not yet."),
        (["KeyError: 'sale'", "Traceback (most recent call last):\n  ..."], "KeyError: 'sale'"),
        ("no access", "no access"),
    ],
)  # fmt: skip
def test_an_error_is_told_in_one_line(error: Any, said: str) -> None:
    assert jsonrpc._said(json.loads(json.dumps(error))) == said
