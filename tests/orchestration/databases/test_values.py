"""Values that a reader may spoil: each kind of database, against its own client or its own words."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from orchestration.connectors.databases.address import address_of
from orchestration.connectors.databases.reach import SPOOL
from orchestration.connectors.databases.sqlite import checks_of
from orchestration.connectors.open import reach_of
from tests.lake_help import on_sqlite
from tests.orchestration.databases.source_help import Source, drafted, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = (
    "tests.lake_help", "tests.mariadb_help", "tests.orchestration.databases.source_help",
)  # fmt: skip
RANDOM = random.Random(20261125)
FLOATS = (
    *(RANDOM.uniform(-1e6, 1e6) for _ in range(2000)),
    *(RANDOM.uniform(-1, 1) * 10.0 ** RANDOM.randint(-300, 300) for _ in range(2000)),
    0.1,
    0.1 + 0.2,
    1 / 3,
    5e-324,
    1.7976931348623157e308,
    -2.5,
    1e22,
    123456789.123456789,
)


def of(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("source", [kind], indirect=True)


def as_read(source: Source, table: str) -> list[tuple[object, ...]]:
    """Rows as the connector has them for the gate."""
    reach = reach_of(address_of(source.url))
    try:
        described = reach.describe(table)
        assert described is not None
        listed = ", ".join(
            f"{reach.dialect.value(column, None)} as {column.name}" for column in described.columns
        )
        finish = ", ".join(reach.dialect.finished(c) or c.name for c in described.columns)
        reach.take("rows", f"select {listed} from {reach.dialect.place(described)}", finish)
        return reach.connection.execute(f"select columns(*)::varchar from {SPOOL}.rows").fetchall()
    finally:
        reach.close()


@of("sqlite")
def test_sqlite_writes_every_digit_of_a_float(source: Source) -> None:
    source.execute("create table t (x real)")
    with closing(sqlite3.connect(source.url)) as session, session:
        session.executemany("insert into t values (?)", [(number,) for number in FLOATS])
    assert [float(str(text)) for (text,) in as_read(source, "t")] == list(FLOATS)


@of("sqlite")
@pytest.mark.parametrize(
    ("declared", "value", "text"),
    [
        ("integer", "9223372036854775807", "9223372036854775807"),
        ("integer", "'one'", "one"),
        ("integer", "2.5", "2.5"),
        ("numeric", "9007199254740993", "9007199254740993"),
        ("numeric", "x'373738312e3439'", "7781.49"),  # a blob of digits, as Tryton keeps them
        ("numeric", "'12.300'", "12.3"),  # SQLite itself makes that a number
        ("date", "'2026-01-31 10:00:00'", "2026-01-31 10:00:00"),
        ("date", "20260131", "20260131"),
        ("text", "12.50", "12.5"),
        ("text", "x'ff00'", "FF00"),
        ("text", "x'00ff'", "00FF"),
        ("text", "x'6100'", "6100"),
        ("text", "cast(x'c32861' as text)", "C32861"),  # no UTF-8
        ("integer", "cast(x'ff' as text)", "FF"),
        ("numeric", "cast(x'ff' as text)", "FF"),
        ("", "cast(x'ff' as text)", "FF"),
        ("blob", "x'6162'", "6162"),
        ("blob", "'text'", "text"),
        ("", "1.5", "1.5"),
        ("text", "'é\U0001f600'", "é\U0001f600"),
        ("text", "''", ""),
        ("text", "null", None),
        ("blob", "null", None),
        ("blob", "x''", ""),
    ],
)
def test_a_value_of_sqlite_is_read_as_what_it_is(
    source: Source, declared: str, value: str, text: str | None
) -> None:
    source.execute(f"create table t (x {declared})", f"insert into t values ({value})")
    assert as_read(source, "t") == [(text,)]


@of("postgres")
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("123456789012345678901234567890.0123456789::numeric",) * 2,
        ("'NaN'::numeric(10,2)", "NaN"),  # the scanner makes 0 of it
        ("1.50::numeric(10,2)", "1.50"),
        ("0.1::real", "0.1"),
        ("0.1::float8 + 0.2::float8", "0.30000000000000004"),
        ("'\\xff00'::bytea", "ff00"),
        ("array[1,null,3]", "[1,null,3]"),
        ("'1 day 02:00:00'::interval", "1 day 02:00:00"),
        ("'$1,234.50'::money", "1234.50"),
        ("'2026-01-31 10:00:00.123456+02'::timestamptz", "2026-01-31 08:00:00.123456+00"),
        ("'24:00:00'::time", "24:00:00"),
        ("'{\"a\": 1}'::jsonb", '{"a": 1}'),
        ("'::1'::inet", "::1/128"),
        ("'a'::char(3)", "a"),
    ],
)
def test_a_value_of_postgres_is_read_with_every_digit(
    source: Source, value: str, text: str
) -> None:
    source.execute(f"create table t as select {value} as x")
    assert as_read(source, "t") == [(text.partition("::")[0] if text == value else text,)]


@of("mariadb")
@pytest.mark.parametrize(
    ("declared", "value", "text"),
    [
        ("decimal(40,10)", "123456789012345678901234567890.0123456789", None),
        ("bigint unsigned", "18446744073709551615", None),
        ("float", "0.1", None),
        ("double", "0.1 + 0.2e0", "0.30000000000000004"),
        ("tinyint(1)", "2", None),
        ("bit(9)", "b'101'", "5"),
        ("blob", "x'ff00'", "FF00"),
        ("datetime(6)", "'2026-01-31 10:00:00.123456'", "2026-01-31 10:00:00.123456"),
        ("date", "'0000-00-00'", "0000-00-00"),
        ("date", "'2026-00-10'", "2026-00-10"),  # the scanner fails on it
        ("time(3)", "'-838:59:59.000'", "-838:59:59.000"),
        ("enum('a','b''c')", "'b''c'", "b'c"),
        ("varchar(9)", "'é\U0001f600'", "é\U0001f600"),
        ("varchar(9)", "''", ""),
        ("varchar(9) collate utf8mb4_bin", "'é'", "é"),  # the scanner takes it for bytes
        ("json", """'{"a": 1.10}'""", '{"a": 1.10}'),
        ("enum('a','b') collate utf8mb4_bin", "'b'", "b"),
        ("bit(64)", "~0", "18446744073709551615"),
    ],
)
def test_a_value_of_mariadb_is_read_with_every_digit(
    source: Source, declared: str, value: str, text: str | None
) -> None:
    source.execute(
        f"create table t (x {declared})", "set sql_mode = ''", f"insert into t values ({value})"
    )
    assert as_read(source, "t") == [(value if text is None else text,)]


@on_sqlite
@of("sqlite")
def test_a_value_that_its_column_has_no_place_for_is_quarantined_with_the_reason(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source.execute(
        "create table t (id integer primary key, n integer)", "insert into t values (1, 1)"
    )
    folder = drafted(source, tmp_path / "c")
    source.execute("insert into t values (2, 'many')")
    report = synced(lakehouse, source, folder)
    assert report.as_json()["quarantined"] == 1
    assert lakehouse.one("select reasons[1] from ops.quarantine") == "n: 'many' is not an integer"


def test_checks_are_found_wherever_a_table_says_them() -> None:
    created = """create table "a check (" (
        [x] int check ([x] >= (0)), -- check (no)
        y text default 'check (1)' CHECK(y in ('a', 'b)')), check ((x < 5) and x <> 3))"""
    assert checks_of(created) == ["[x] >= (0)", "y in ('a', 'b)')", "(x < 5) and x <> 3"]
