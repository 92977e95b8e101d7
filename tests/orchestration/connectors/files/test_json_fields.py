"""JSON in the lake: every digit kept, nested values nested, what is unknown rescued."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.contract import Column, Reading
from tests.lake_help import contract, on_sqlite

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.contract import Contract
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = on_sqlite

ID = Column("id", "id", "string", "VARCHAR", required=True)
LINES = Reading(format="ndjson", null_values=())


def events(*columns: Column, **says: Any) -> Contract:
    """A contract of JSON lines."""
    return contract(ID, *columns, name="event", reading=says.pop("reading", LINES), **says)


def lines(house: Lakehouse, *texts: str, name: str = "x.ndjson") -> Path:
    path = house.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_every_digit_of_a_number_is_kept(lakehouse: Lakehouse, form: str) -> None:
    numbers = {
        "0.12345678901234567891": "DECIMAL(38,20)",
        "1234567890123456.7": "DECIMAL(18,1)",
        "12345678901234.56": "DECIMAL(18,2)",
        "123456789012345678901234567890.12": "DECIMAL(38,2)",
        "123456789012345678901234567890": "DECIMAL(38,0)",
        "-9007199254740993.0000000001": "DECIMAL(38,10)",
        "0.30": "DECIMAL(18,2)",
        "1.5e3": "DECIMAL(18,2)",
    }
    columns = [Column(f"n{at}", f"n{at}", "number", t) for at, t in enumerate(numbers.values())]
    fields = ", ".join(f'"n{at}": {text}' for at, text in enumerate(numbers))
    reading = Reading(format=form, null_values=())  # type: ignore[arg-type]
    path = lines(lakehouse, f'{{"id": "1", {fields}}}', name=f"x.{form}")
    lakehouse.load(events(*columns, reading=reading), path)
    assert lakehouse.sql("select reasons from ops.quarantine") == []
    names = ", ".join(column.name for column in columns)
    assert lakehouse.sql(f"select {names} from bronze.shop_event") == [tuple(map(Decimal, numbers))]


def test_a_binary_float_counts_with_its_fifteen_digits(lakehouse: Lakehouse) -> None:
    held_to = events(Column("amount", "amount", "number", "DECIMAL(18,2)"))
    lakehouse.load(held_to, lines(lakehouse, '{"id":"1","amount":441.15000000000003}'))
    assert lakehouse.one("select amount from bronze.shop_event") == Decimal("441.15")


def test_a_double_keeps_its_seventeen_digits(lakehouse: Lakehouse) -> None:
    held_to = events(Column("value", "value", "number", "DOUBLE"))
    written = ["18.324918539200002", "0.1", "5e-324", "1.7976931348623157e308"]
    texts = [f'{{"id":"{at}","value":{text}}}' for at, text in enumerate(written)]
    lakehouse.load(held_to, lines(lakehouse, *texts))
    values = lakehouse.sql("select value from bronze.shop_event order by _position")
    assert values == [(float(text),) for text in written]


def test_what_the_contract_does_not_name_is_rescued(lakehouse: Lakehouse) -> None:
    texts = ['{"id":"1","more":{"deep":[1,2]},"other":null}', '{"id":"2"}']
    lakehouse.load(events(), lines(lakehouse, *texts))
    found = lakehouse.sql("select _rescued::varchar from bronze.shop_event order by _position")
    assert json.loads(found[0][0]) == {"more": {"deep": [1, 2]}, "other": None}
    assert found[1] == (None,)


def test_nested_values_stay_nested(lakehouse: Lakehouse) -> None:
    city = Column("city", "city", "string", "VARCHAR")
    address = Column("address", "address", "object", 'STRUCT("city" VARCHAR)', fields=(city,))
    item = Column("item", "item", "integer", "BIGINT")
    counts = Column("counts", "counts", "array", "BIGINT[]", items=item)
    free = Column("free", "free", "object", "JSON")
    text = '{"id":"1","address":{"city":"Zürich"},"counts":[1,2],"free":{"a":[{}]}}'
    lakehouse.load(events(address, counts, free), lines(lakehouse, text))
    found = lakehouse.sql("select address, counts, free::varchar from bronze.shop_event")
    assert found == [({"city": "Zürich"}, [1, 2], '{"a":[{}]}')]


def test_a_line_that_is_no_object_is_broken_with_its_text(lakehouse: Lakehouse) -> None:
    texts = ["[1]", '"text"', "7", "null", '{"id":', "{id:1}", "plain", '{"id":"1"}{"id":"2"}']
    path = lines(lakehouse, '{"id":"first"}', "", *texts, '{"id":"last"}')
    report = lakehouse.load(events(), path)
    assert report.as_json()["read"] == len(texts) + 2
    found = lakehouse.sql(
        "select position, reasons, decode(payload) from ops.quarantine order by 1"
    )
    assert found == [(at, ["the record is no JSON object"], t) for at, t in enumerate(texts, 2)]
    kept = lakehouse.sql("select id, _position from bronze.shop_event order by 2")
    assert kept == [("first", 1), ("last", len(texts) + 2)]


def test_a_byte_order_mark_does_not_break_the_first_line(lakehouse: Lakehouse) -> None:
    report = lakehouse.load(events(), lines(lakehouse, '\ufeff{"id":"1"}'))
    assert report.as_json()["loaded"] == 1


def test_half_a_surrogate_pair_breaks_its_record_only(lakehouse: Lakehouse) -> None:
    number = "0.12345678901234567891"  # so the record is rewritten
    texts = [f'{{"id":"\\ud800","n":{number}}}', f'{{"id":"\\ud83d\\ude00","n":{number}}}']
    report = lakehouse.load(events(), lines(lakehouse, *texts))
    assert (report.as_json()["loaded"], report.as_json()["quarantined"]) == (1, 1)
    assert lakehouse.one("select id from bronze.shop_event") == "😀"


ADDRESS = Column(
    "address", "address", "object", 'STRUCT("city" VARCHAR)',
    fields=(Column("city", "city", "string", "VARCHAR"),),
)  # fmt: skip
STOPS = Column("stops", "stops", "array", 'STRUCT("city" VARCHAR)[]', items=ADDRESS)
MORE = Column("more", "more", "object", "JSON")
LONG = "0.12345678901234567891"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ('{"id": "1", "id": "2"}', "the record has the key id twice"),
        ('{"id": "1", "\\u0069d": "1"}', "the record has the key id twice"),
        ('{"id": "1", "unknown": 1, "unknown": 2}', "the record has the key unknown twice"),
        ('{"id": "1", "": 1, "": null}', "the record has the key  twice"),
        (f'{{"id": "1", "n": {LONG}, "n": {LONG}}}', "the record has the key n twice"),
        ('{"id": "1", "address": {"city": "a", "city": "b"}}', "address: has the key city twice"),
        ('{"id": "1", "address": {"x": 1, "city": "b", "x": 1}}', "address: has the key x twice"),
        (
            '{"id": "1", "stops": [{"city": "a"}, {"city": "a", "city": "b"}]}',
            "stops[]: has the key city twice",
        ),
        ('{"id": "1", "address": [1]}', "address: '[1]' is not an object of its fields"),
    ],
)
def test_a_key_that_is_there_twice_breaks_its_record(
    lakehouse: Lakehouse, record: str, reason: str
) -> None:
    good = '{"id": "3", "address": {"city": "b", "x": null}, "stops": [null, {}], "id ": 4}'
    lakehouse.load(events(ADDRESS, STOPS), lines(lakehouse, good, record, good, "{}"))
    assert lakehouse.sql("select position, reasons from ops.quarantine order by all") == [
        (2, [reason]),
        (4, ["id: is missing and required"]),
    ]
    assert lakehouse.sql("select id, address.city from bronze.shop_event") == [("3", "b")] * 2
    (payload,) = lakehouse.sql("select payload from ops.quarantine where position = 2")[0]
    assert payload.decode() == record


@pytest.mark.parametrize("number", ["1", LONG])
def test_an_object_that_is_kept_whole_keeps_a_key_that_is_there_twice(
    lakehouse: Lakehouse, number: str
) -> None:
    lakehouse.load(events(MORE), lines(lakehouse, f'{{"id":"1","more":{{"a":{number},"a":"x"}}}}'))
    more = lakehouse.one("select more::varchar from bronze.shop_event")
    assert json.loads(more, object_pairs_hook=list) == [
        ("a", 1 if number == "1" else number),
        ("a", "x"),
    ]
