"""Any other database, by SQLAlchemy: here on drivers that are at hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from data_contracts.find import find
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.databases.alchemy import ROWS
from orchestration.connectors.databases.reach import SPOOL
from orchestration.connectors.open import reach_of
from orchestration.errors import InputError
from orchestration.init.database.write import init
from tests.lake_help import on_sqlite
from tests.orchestration.databases.source_help import Source, drafted, sums, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = ("tests.lake_help", "tests.orchestration.databases.source_help")
pytestmark = pytest.mark.slow
both = pytest.mark.parametrize("source", ["sqlite", "postgres"], indirect=True)


def by_alchemy(source: Source) -> Source:
    """The same database, by a driver of Python."""
    if source.kind == "sqlite":
        return Source("other", f"sqlite+pysqlite:///{source.url}", source.execute)
    url = source.url.replace("postgresql://", "postgresql+psycopg://")
    return Source("other", url, source.execute)


@on_sqlite
@both
def test_a_table_is_synced_by_any_driver(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    source = by_alchemy(source)
    source.execute(
        'create table "Order Details" (id integer primary key, amount decimal(12,2), note text, '
        "updated_at timestamp not null)",
        "insert into \"Order Details\" values (1, 1.25, 'a:b', '2026-01-01 10:00:00'), "
        "(2, null, null, '2026-01-01 10:00:00')",
    )
    folder = drafted(source, tmp_path / "c", overlap="10 minutes")
    contract = find(str(next(folder.rglob("*.yaml"))))
    assert contract.loading.mode == "upsert"
    assert sums(synced(lakehouse, source, folder)) == (2, 2, 0, 0, 0)
    source.execute(
        "insert into \"Order Details\" values (3, 0.5, 'c', '2026-01-01 10:00:01')",
        'delete from "Order Details" where id = 2',
    )
    assert sums(synced(lakehouse, source, folder)) == (2, 1, 0, 1, 1)
    table = f"silver.{contract.table}"
    found = lakehouse.sql(f"select id, amount::varchar, note from {table} order by id")
    assert found == [(1, "1.25", "a:b"), (3, "0.50", "c")]


@pytest.mark.parametrize("source", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("123456789012345678901234567890.0123456789::numeric", None),
        ("1e-10::numeric", "0.0000000001"),
        ("0.1::float8 + 0.2::float8", "0.30000000000000004"),
        ("'\\xff00'::bytea", "ff00"),
        ("array[1,2]", "[1, 2]"),
        ("'2026-01-31 10:00:00.123456'::timestamp", "2026-01-31 10:00:00.123456"),
        ("true", "true"),
        ("'a:b \\ %s é'::text", "a:b \\ %s é"),
    ],
)
def test_a_value_of_any_driver_has_every_digit(
    source: Source, value: str, text: str | None
) -> None:
    source.execute(f"create table t as select {value} as x")
    reach = reach_of(address_of(by_alchemy(source).url))
    try:
        with reach.transaction("t"):
            reach.take("rows", "select x from t")
        expected = value.partition("::")[0] if text is None else text
        assert reach.connection.execute(f"from {SPOOL}.rows").fetchall() == [(expected,)]
    finally:
        reach.close()


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_more_rows_than_a_batch_are_all_there(source: Source) -> None:
    count = 2 * ROWS + 1
    source.execute(
        "create table t as with recursive n(x) as "
        f"(select 1 union all select x + 1 from n where x < {count}) select x, null as y from n"
    )
    reach = reach_of(address_of(by_alchemy(source).url))
    try:
        with reach.transaction("t"):
            reach.take("rows", "select x, y from t")
        query = "select count(*), sum(x::bigint)::bigint, count(y) from " + f"{SPOOL}.rows"
        assert reach.connection.execute(query).fetchall() == [(count, count * (count + 1) // 2, 0)]
    finally:
        reach.close()


def test_a_driver_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match="oracledb"):
        reach_of(address_of("oracle+oracledb://ann@db/shop"))


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_types_of_any_database_are_read_by_their_names(source: Source, tmp_path: Path) -> None:
    source.execute(
        "create table t (a bigint, b numeric(10, 2), c double precision, d boolean, "
        "e timestamp, f date, g blob, h varchar(9), i numeric)"
    )
    [written] = init(by_alchemy(source).url, tmp_path)
    text = written.path.read_text(encoding="utf-8")
    found = re.findall(r"logicalType: (\w+)", text)[1:]
    assert found == [
        "integer", "number", "number", "boolean", "timestamp", "date", "string", "string", "number",
    ]  # fmt: skip
