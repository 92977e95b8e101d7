"""A table that is read for the first time, on its way through the gate: the same rows, to a digit."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from catalog.delivery import DeliveryError
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.databases.first import UNREAD
from orchestration.connectors.open import open_source
from orchestration.contracts_of import contracts_of
from orchestration.errors import UnreachableError
from tests.lake_help import on_sqlite
from tests.orchestration.databases.source_help import Source, drafted, sums, synced

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lake_help import Lakehouse, Server

pytest_plugins = (
    "tests.lake_help", "tests.mariadb_help", "tests.orchestration.databases.source_help",
)  # fmt: skip
pytestmark = [pytest.mark.slow, on_sqlite]
MADE = """
create table orders (
    id {key} not null primary key, amount decimal(18, 2), note varchar(40), updated_at timestamp null
)
"""


def made(source: Source, *values: str, key: str = "integer") -> None:
    rows = [f"insert into orders values ({value}, '2026-01-01 10:00:00')" for value in values]
    source.execute(MADE.format(key=key), *rows)


def bronze(lakehouse: Lakehouse, source: Source) -> list[tuple[Any, ...]]:
    table = f"{address_of(source.url).domain}_orders"
    with lakehouse.lake.connect() as lake:
        found = lake.execute(
            f"select id, amount::varchar, note from lake.bronze.{table} order by 1"
        )
        return found.fetchall()


def test_a_first_read_keeps_every_digit_and_sets_aside_what_breaks_the_contract(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    made(source, "1, 1234567890123.25, 'a'", "-2, 0.10, ''", "3, null, null", "4, 7, 'é'")
    folder = drafted(source, tmp_path / "c", compareKeys=None)
    text = (file := next(folder.rglob("*.yaml"))).read_text(encoding="utf-8")
    file.write_text(
        text.replace(
            "name: note, logicalType: string", "name: note, logicalType: string, required: true"
        ),
        encoding="utf-8",
    )
    assert sums(synced(lakehouse, source, folder)) == (4, 3, 1, 0, 0)
    assert bronze(lakehouse, source) == [
        (-2, "0.10", ""), (1, "1234567890123.25", "a"), (4, "7.00", "é"),
    ]  # fmt: skip
    assert sums(synced(lakehouse, source, folder)) == (4, 0, 1, 3, 0)


@pytest.mark.parametrize("source", ["postgres"], indirect=True)
def test_a_decimal_that_is_no_number_is_set_aside_and_not_zero(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    made(source, "1, 'NaN', 'a'", "2, 0, 'b'")
    folder = drafted(source, tmp_path / "c")
    assert sums(synced(lakehouse, source, folder)) == (2, 1, 1, 0, 0)
    assert bronze(lakehouse, source) == [(2, "0.00", "b")]


@pytest.mark.parametrize("source", ["postgres"], indirect=True)
def test_rows_of_tables_that_inherit_may_repeat_a_primary_key(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    made(source, "1, 1, 'parent'")
    source.execute(
        "create table child () inherits (orders)",
        "insert into child values (1, 2, 'child', '2026-01-01 10:00:00')",
    )
    folder = drafted(source, tmp_path / "c")
    for file in folder.rglob("child*"):
        file.unlink()
    assert sums(synced(lakehouse, source, folder))[0] == 2
    with lakehouse.lake.connect() as lake:
        domain = address_of(source.url).domain
        found = lake.execute(f"select count(*) from lake.silver.{domain}_orders").fetchall()
    assert found == [(1,)]


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_keys_that_are_two_in_sqlite_and_one_as_text_are_one_row(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    made(source, "'A', 1, 'text'", "x'41', 2, 'bytes'", key="varchar(9)")
    folder = drafted(source, tmp_path / "c")
    assert sums(synced(lakehouse, source, folder))[0] == 2
    with lakehouse.lake.connect() as lake:
        assert lake.execute("select count(*) from lake.silver.shop_orders").fetchall() == [(1,)]


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_decimals_that_are_kept_as_blobs_of_digits_are_read(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    made(source, "1, x'31322e3530', 'a'")
    folder = drafted(source, tmp_path / "c")
    source.execute("insert into orders values (2, x'ff', 'b', null), (3, 0.5, x'ff', null)")
    assert sums(synced(lakehouse, source, folder)) == (3, 2, 1, 0, 0)
    assert bronze(lakehouse, source)[0] == (1, "12.50", "a")


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_a_file_that_is_written_to_while_threads_read_it_is_read_again_at_one_moment(
    lakehouse: Lakehouse, source: Source, tmp_path: Path
) -> None:
    made(source, "1, 1, 'a'", "2, 1, 'b'")
    folder = drafted(source, tmp_path / "c")
    [contract] = contracts_of(folder, "shop", ())
    with (
        lakehouse.lake.connect() as lake,
        closing(open_source(address_of(source.url), lake)) as connector,
        connector.reading(contract, Asked()) as offer,
    ):
        chunks = offer.delivery.read()
        assert next(chunks).rows is None
        source.execute("update orders set amount = amount + 1")
        with pytest.raises(DeliveryError, match="somebody wrote to it meanwhile") as told:
            next(chunks)
        assert offer.delivery.reread is not None
        assert offer.delivery.reread(str(told.value)) is None
        [chunk] = offer.delivery.read()
        found = lake.execute(f"select sum(amount::decimal) from ({chunk.scan})").fetchall()
        assert (chunk.rows, found) == (2, [(4,)])
        # What is wrong with its rows is no reason to read them again.
        assert offer.delivery.reread("rule x: is 1") == "rule x: is 1"


@pytest.mark.parametrize("source", ["postgres"], indirect=True)
def test_a_server_that_goes_in_the_midst_of_a_first_read_is_told_as_such(
    lakehouse: Lakehouse, source: Source, server: Server, tmp_path: Path
) -> None:
    made(source, "1, 1, 'a'")
    folder = drafted(source, tmp_path / "c")
    [contract] = contracts_of(folder, address_of(source.url).domain, ())
    name = address_of(source.url).database
    with (
        lakehouse.lake.connect() as lake,
        closing(open_source(address_of(source.url), lake)) as connector,
        connector.reading(contract, Asked()) as offer,
    ):
        server.execute(
            f"alter database {name} allow_connections false",
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        )
        assert offer.delivery.reread is not None
        with pytest.raises(UnreachableError, match="cannot be reached"):
            offer.delivery.reread(f"{UNREAD}broken off")
