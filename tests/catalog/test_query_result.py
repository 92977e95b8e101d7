"""Rows come as Arrow, data frames, CSV and JSON, and lose nothing on the way."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import parse
from catalog.errors import LakeError, QueryRefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.session import Session

pytest_plugins = "tests.catalog.query_help"

ORDERS = "from bronze.shop_order order by id"
VALUES = (
    "1.10::decimal(5, 2), -0.5::decimal(3, 1), 12345678901234567890.10::decimal(38, 2), true, null, "
    "9223372036854775807, 170141183460469231731687303715884105727::hugeint, 0.1::float, 0.1::double, "
    "1e300, 1e-7, 'nan'::double, '-infinity'::double, 'a,b', 'a\"b', '', ' a ', '#', 'null', "
    "'a\nb', 'a\r', 'é', chr(0), date '2026-01-31', time '10:00:00', interval '1 month 2 days', "
    "timestamp '2026-01-31 10:00:00.5', timestamptz '2026-01-31 10:00:00+02', "
    "'infinity'::timestamptz, date '0044-03-15 (BC)', timestamp '0044-03-15 (BC) 10:00:00', "
    "'x\\xAA'::blob, '101'::bit, uuid '4ac7a9e9-607c-4c8a-84f3-843f0191e3fd', 'b'::enum('a', 'b'), "
    "[1, null, 3], ['a,b', ''], {'a': 1.10::decimal(3, 2), 'B c': ['x']}, row(1, 'a'), "
    "map {'k': 1.50, 'l': null}, union_value(n := 2.50), '{\"a\": 1.10}'::json, array_value(1.50, 2), "
    "null::int[], null::struct(a int), [[1.10], null, []], {'a': null::struct(b int)}"
)


def copied(sql: str, folder: Path) -> str:
    """What DuckDB's COPY writes."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        file = folder / "copied.csv"
        connection.execute(f"copy ({sql}) to {parse.text(str(file))} (format csv, header)")
        return file.read_bytes().decode()


@pytest.mark.parametrize(
    "sql",
    [
        f"select {VALUES}",
        'select 1 as a, 2 as a, 3 as "A", 4 as a_1',
        'select 1 as "a,b", 2 as "c""d", 3 as "#", 4 as " ", 5 as "e\nf"',
        "select null as a from range(3)",
        "select 1 as a where false",
        "select case i % 3 when 0 then '' when 1 then null else 'x' end as a from range(9) n(i)",
        "select i, i || ',' as s, i / 7 as d from range(30000) n(i) order by i desc",
    ],
    ids=["values", "repeated names", "odd names", "nulls", "no rows", "empty texts", "many rows"],
)
def test_csv_is_what_duckdbs_copy_writes(session: Session, tmp_path: Path, sql: str) -> None:
    assert "".join(session.sql(sql).csv()) == copied(sql, tmp_path)


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_any_text_comes_back_from_csv_and_json(
    session: Session, tmp_path: Path, texts: list[str]
) -> None:
    rows = ", ".join(f"({place}, {parse.text(text)})" for place, text in enumerate(texts, 1))
    sql = f"select n, s from (values (0, 'x'), (0, null), {rows or '(0, null)'}) t(n, s) order by n"
    written = "".join(session.sql(sql).csv())
    assert written == copied(sql, tmp_path)
    read = list(csv.reader(io.StringIO(written, newline="")))[1:]
    expected = [(number, text) for number, text in session.sql(sql).fetchall() if number]
    assert [(int(n), s) for n, s in read if n != "0"] == expected
    objects = json.loads("".join(session.sql(sql).json()))
    assert [(o["n"], o["s"]) for o in objects if o["n"]] == expected


def test_json_keeps_every_digit_and_says_times_in_utc(session: Session) -> None:
    [row] = json.loads(
        "".join(session.sql(f"select {VALUES}").json()),
        parse_float=Decimal,
        parse_constant=pytest.fail,
    )
    assert list(row.values()) == [
        *(Decimal("1.10"), Decimal("-0.5"), Decimal("12345678901234567890.10"), True, None),
        *(9223372036854775807, 170141183460469231731687303715884105727, Decimal("0.1")),
        *(Decimal("0.1"), Decimal("1e300"), Decimal("1e-7"), "NaN", "-Infinity"),
        *("a,b", 'a"b', "", " a ", "#", "null", "a\nb", "a\r", "é", "\0"),
        *("2026-01-31", "10:00:00", "1 month 2 days", "2026-01-31T10:00:00.5"),
        *("2026-01-31T08:00:00Z", "infinity", "0044-03-15 (BC)", "0044-03-15 (BC) 10:00:00"),
        *("x\\xAA", "101", "4ac7a9e9-607c-4c8a-84f3-843f0191e3fd", "b"),
        *([1, None, 3], ["a,b", ""], {"a": Decimal("1.10"), "B c": ["x"]}, [1, "a"]),
        *({"k": Decimal("1.50"), "l": None}, {"n": Decimal("2.50")}, {"a": Decimal("1.10")}),
        *([Decimal("1.50"), Decimal("2.00")], None, None, [[Decimal("1.10")], None, []]),
        {"a": None},
    ]


def test_json_numbers_repeated_names(session: Session) -> None:
    assert "".join(session.sql('select 1 as a, 2 as a, 3 as "A"').json()) == (
        '[{"a":1,"a_1":2,"A_2":3}]\n'
    )


def test_json_of_no_rows_is_an_empty_array(session: Session) -> None:
    assert "".join(session.sql("select 1 where false").json()) == "[]\n"


def test_json_of_many_rows_is_one_array_in_their_order(session: Session) -> None:
    pieces = list(session.sql("select i from range(25000) n(i)").json())
    assert len(pieces) == 4
    assert json.loads("".join(pieces)) == [{"i": i} for i in range(25_000)]


def test_rows_come_as_python_arrow_polars_and_pandas(session: Session) -> None:
    result = session.sql(f"select id, amount, ordered_at {ORDERS} limit 2")
    rows = result.fetchall()
    assert [row[1] for row in rows] == [Decimal("1.25"), Decimal("2.50")]
    assert result.columns == ["id", "amount", "ordered_at"]
    table = result.arrow()
    assert [str(kind) for kind in table.schema.types] == [
        "int64",
        "decimal128(10, 2)",
        "timestamp[us, tz=UTC]",
    ]
    assert [tuple(row.values()) for row in table.to_pylist()] == rows
    assert result.polars().rows() == rows
    assert [tuple(row) for row in result.pandas().itertuples(index=False)] == rows


def test_pandas_keeps_large_numbers_beside_nulls(session: Session) -> None:
    frame = session.sql("from (values (9007199254740993), (null)) t(a)").pandas()
    assert frame["a"].dropna().tolist() == [9007199254740993]


def test_batches_are_a_stream(session: Session) -> None:
    batches = session.sql("from range(1000000)").batches()
    first = next(batches)
    assert 0 < first.num_rows < 200_000
    assert first.num_rows + sum(batch.num_rows for batch in batches) == 1_000_000


def test_a_result_can_be_read_again_and_after_another_one(session: Session) -> None:
    one, two = session.sql("select 1 as a"), session.sql("select 2 as a")
    assert (one.fetchall(), two.fetchall(), one.fetchall()) == ([(1,)], [(2,)], [(1,)])
    assert (one.arrow().to_pylist(), two.polars().rows()) == ([{"a": 1}], [(2,)])


def test_a_stream_that_another_query_overtakes_says_so(session: Session) -> None:
    rows = session.sql("from range(1000000)").batches()
    next(rows)
    assert session.sql("select 2").fetchall() == [(2,)]
    with pytest.raises(LakeError, match="another query was asked"):
        next(rows)


@pytest.mark.parametrize("read", ["fetchall", "arrow", "polars", "pandas", "csv", "json"])
def test_what_fails_in_the_middle_is_told_in_one_line(session: Session, read: str) -> None:
    result = session.sql("select if(i = 500000, 'x', '1')::int as a from range(600000) n(i)")
    with pytest.raises(QueryRefusedError, match=r"^Could not convert string 'x' to INT32$"):
        list(getattr(result, read)())
    assert session.sql("select 1").fetchall() == [(1,)]


def test_what_fails_is_told_even_where_a_stopped_thread_is_quicker(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> None:
        raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")

    wrong = session.sql("select if(i = 50000, 'x', '1')::int as a from range(60000) n(i)")
    monkeypatch.setattr(wrong._reading, "relation", SimpleNamespace(fetchmany=stopped))
    with pytest.raises(QueryRefusedError, match=r"^Could not convert string 'x' to INT32$"):
        wrong.fetchall()
    asked = session.sql("select 1")
    monkeypatch.setattr(asked._reading, "relation", SimpleNamespace(fetchmany=stopped))
    session.interrupt()
    with pytest.raises(QueryRefusedError, match=r"^the query was interrupted$"):
        asked.fetchall()


def test_a_reading_ends_its_transaction(session: Session) -> None:
    for read in ("fetchall", "arrow", "csv", "json"):
        list(getattr(session.sql(ORDERS), read)())
        assert session.reading is None
    session.sql(ORDERS).preview(5)
    assert session.reading is None


def test_a_preview_has_the_first_rows_as_text_and_counts_all(session: Session) -> None:
    result = session.sql(f"select id, amount, null {ORDERS}")
    assert result.preview(2) == ([("1", "1.25", None), ("2", "2.50", None)], 1000)
    assert session.sql("select 1 where false").preview(2) == ([], 0)
    assert session.sql("select 1 from range(2)").preview(2) == ([("1",), ("1",)], 2)
