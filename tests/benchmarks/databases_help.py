"""A million rows in real databases, and raw DuckDB copying them. (PYTEST_DONT_REWRITE)"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import pytest

from catalog import extensions
from catalog.lake import Lake
from catalog.settings import Settings
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.init.database.write import init
from orchestration.sources import Source
from orchestration.turns import synced

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.lake_help import Server
    from tests.mariadb_help import MariaDb

ROWS = 1_000_000
KINDS = ("sqlite", "postgres", "mariadb")
TABLE = """
create table orders (
    id integer primary key, customer varchar(40) not null, article varchar(60) not null,
    quantity integer not null, amount decimal(18, 2) not null, country char(2) not null,
    ordered_at {time} not null, updated_at {time} not null
)
"""
TYPED = """
id::bigint as id, customer, article, quantity::bigint as quantity, amount::decimal(18, 2) as amount,
country, ordered_at, updated_at
"""  # as the contract has them
LAKE = "attach 'ducklake:sqlite:{folder}/c.sqlite' as lake (data_path '{folder}/data')"
INDEX = "create index orders_updated on orders (updated_at)"
VALUES = """
{i}, {customer}, {article}, {i} % 9, ({i} % 100000) * 0.25, substr('ATDECHFR', 1 + 2 * ({i} % 4), 2),
{ordered}, {updated}
"""
FILL = {
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) "
    "insert into orders select "
    + VALUES.format(
        i="i", customer="'customer ' || (i % 5000)", article="'article with a name ' || (i % 700)",
        ordered="datetime('2026-01-01', '+' || (i % 86400) || ' seconds')",
        updated="datetime('2026-01-01', '+' || i || ' seconds')",
    ) + " from n",
    "postgres": "insert into orders select "
    + VALUES.format(
        i="i", customer="'customer ' || (i % 5000)", article="'article with a name ' || (i % 700)",
        ordered="timestamp '2026-01-01' + interval '1 second' * (i % 86400)",
        updated="timestamp '2026-01-01' + interval '1 second' * i",
    ) + " from generate_series(1, {rows}) as t(i)",
    "mariadb": "insert into orders select "
    + VALUES.format(
        i="seq", customer="concat('customer ', seq % 5000)",
        article="concat('article with a name ', seq % 700)",
        ordered="timestampadd(second, seq % 86400, '2026-01-01')",
        updated="timestampadd(second, seq, '2026-01-01')",
    ) + " from seq_1_to_{rows}",
}  # fmt: skip
LATER = {
    "sqlite": "update orders set updated_at = datetime('{day}', '+' || id || ' seconds') "
    "where id % 100 = {turn}",
    "postgres": "update orders set updated_at = timestamp '{day}' + interval '1 second' * id "
    "where id % 100 = {turn}",
    "mariadb": "update orders set updated_at = timestampadd(second, id, '{day}') "
    "where id % 100 = {turn}",
}


@dataclass(frozen=True)
class Table:
    """A table of so many rows."""

    kind: str
    url: str
    execute: Callable[..., None]

    def synced(self, home: Path, contracts: Path, *, full: bool = False) -> int:
        """Sync it into a lake; how many rows were loaded."""
        lake = Lake(Settings(home=home, threads=2))
        report = synced(lake, Source(address_of(self.url), contracts), Asked(full=full))
        assert report.ok, report.as_json()
        return int(report.as_json()["loaded"])

    def copied(self, folder: Path) -> None:
        """The same columns by raw DuckDB: its scanner, into a table of a lake as `raw_lake` made it."""
        scanner = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner"}
        named = scanner.get(self.kind, "mysql_scanner")
        names = dict.fromkeys(("ducklake", "sqlite_scanner", named))
        with extensions.connect(tuple(names), {"threads": "2", "memory_limit": "4GB"}) as raw:
            raw.execute(LAKE.format(folder=folder))
            raw.execute(_attach(self))
            raw.execute(f"create table lake.orders as select {TYPED} from source.orders")
            [(rows,)] = raw.execute("select count(*) from lake.orders").fetchall()
        assert rows == ROWS


def raw_lake(folder: Path) -> Path:
    """A folder with an empty lake of raw DuckDB's."""
    folder.mkdir(parents=True)
    with extensions.connect(("ducklake", "sqlite_scanner"), {}) as raw:
        raw.execute(LAKE.format(folder=folder))
    return folder


def our_lake(home: Path) -> Path:
    """A home with an empty lake of ours."""
    Lake(Settings(home=home)).create()
    return home


def _attach(table: Table) -> str:
    if table.kind == "sqlite":
        return f"attach '{table.url}' as source (type sqlite, read_only)"
    address = address_of(table.url)
    kind = "postgres" if table.kind == "postgres" else "mysql"
    name = "dbname" if kind == "postgres" else "database"
    port = f", port {address.port}" if address.port else ""
    password = address.password.replace("'", "''")
    secret = f"{password and f', password $${address.password}$$'}"
    return (
        f"create secret source_secret (type {kind}, host '{address.host}', user '{address.user}', "
        f"{name} '{address.database}'{port}{secret}); "
        f"attach '' as source (type {kind}, secret source_secret, read_only)"
    )


def database_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> Table:
    """An empty database of a kind."""
    if kind == "sqlite":
        file = folder / "shop.db"

        def execute(*statements: str) -> None:
            with closing(sqlite3.connect(file)) as session, session:
                for statement in statements:
                    session.execute(statement)

        execute("create table seen (a)", "drop table seen")  # so that there is a file
        return Table(kind, str(file), execute)
    if kind == "postgres":
        server: Server = request.getfixturevalue("server")
        server.listen()  # dlt's connectorx knows no sockets
        url = server.url(server.database())

        def execute_there(*statements: str) -> None:
            with psycopg.connect(url, autocommit=True) as session:
                for statement in statements:
                    session.execute(statement.encode())

        return Table(kind, url, execute_there)
    mariadb: MariaDb = request.getfixturevalue("mariadb")
    name = mariadb.database()
    return Table(kind, mariadb.url(name), lambda *all_: mariadb.execute(*all_, database=name))


@pytest.fixture(scope="module", params=KINDS)
def table(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """The table in each kind of database."""
    made = database_of(request.param, request, tmp_path_factory.mktemp("database"))
    time = "timestamp" if made.kind == "postgres" else "datetime"
    made.execute(TABLE.format(time=time), FILL[made.kind].format(rows=ROWS), INDEX)
    return made


@pytest.fixture(scope="module")
def contracts(table: Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its contract as it is drafted, without the comparison of keys."""
    folder = tmp_path_factory.mktemp("contracts")
    for written in init(table.url, folder):
        text = written.path.read_text(encoding="utf-8")
        kept = [line for line in text.splitlines() if "compareKeys" not in line]
        written.path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return folder
