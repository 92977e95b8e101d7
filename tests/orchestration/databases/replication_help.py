"""A PostgreSQL whose changes can be read, and what a lake and it say of a table. (PYTEST_DONT_REWRITE)"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from orchestration.connectors.connector import Asked
from orchestration.init.database.write import init
from orchestration.slot import make
from orchestration.turns import meant, synced
from tests.lake_help import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orchestration.sync import Synced
    from tests.lake_help import Lakehouse

ORDERS = """
create table orders (
    id integer primary key, customer text not null, amount numeric(12,2), note text,
    placed_at timestamptz, tags text[], is_paid boolean, raw bytea, rate double precision, day date
)
"""
COLUMNS = "id, customer, amount, note, placed_at, tags, is_paid, raw, rate, day"


class LogicalServer(Server):
    """An embedded Postgres with wal_level logical."""

    def start(self) -> None:
        super().start()
        self.execute("alter system set wal_level = logical")
        self._postgres.stop()
        self._postgres.ensure()


@pytest.fixture(scope="session")
def logical(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogicalServer]:
    server = LogicalServer(tmp_path_factory.mktemp("logical"))
    try:
        server.start()
        yield server
    finally:
        server.remove()


@dataclass(frozen=True)
class Shop:
    """A database with a table of orders that a slot is there for."""

    url: str
    folder: Path
    lakehouse: Lakehouse

    def execute(self, *statements: str) -> None:
        """Each in a transaction of its own, unless it has several."""
        with psycopg.connect(self.url, autocommit=True) as session:
            for statement in statements:
                session.execute(statement.encode())

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as session:
            session.execute("set timezone = 'UTC'")
            return session.execute(query.encode()).fetchall()

    def draft(self) -> None:
        init(self.url, self.folder, changes=True)

    def make(self) -> None:
        make(self.lakehouse.settings, self.url, self.folder, None)

    def sync(self, **asked: Any) -> Synced:
        [source] = meant(self.lakehouse.settings, self.url, self.folder, [], None)
        return synced(self.lakehouse.lake, source, Asked(**asked))

    def silver(self, columns: str = "*", table: str = "orders") -> list[tuple[Any, ...]]:
        return self.lakehouse.sql(
            f"select {columns} from silver.{self.domain}_{table} order by all"
        )

    @property
    def domain(self) -> str:
        return next(path.name for path in self.folder.iterdir())

    def assert_same(self) -> None:
        """What is current in the lake is what the database holds, value by value."""
        there = (
            "id, customer, amount::text, note, to_char(placed_at, 'YYYY-MM-DD HH24:MI:SS.US'), "
            "array_to_json(tags)::jsonb::text, is_paid, encode(raw, 'hex'), rate, day::text"
        )
        here = (
            "id, customer, amount::varchar, note, strftime(placed_at, '%Y-%m-%d %H:%M:%S.%f'), "
            "tags::json::varchar, is_paid, raw, rate, day::varchar"
        )
        truth = [_parsed(row) for row in self.ask(f"select {there} from orders order by id")]
        assert [_parsed(row) for row in self.silver(here)] == truth

    def confirmed(self) -> str | None:
        found = self.ask(
            "select confirmed_flush_lsn::text from pg_replication_slots "
            "where database = current_database()"
        )
        return found[0][0] if found else None


@pytest.fixture
def shop(logical: LogicalServer, lakehouse: Lakehouse, tmp_path: Path) -> Iterator[Shop]:
    name = logical.database()
    shop = Shop(logical.url(name), tmp_path / "c", lakehouse)
    shop.execute(
        ORDERS,
        "insert into orders select n, 'c' || n % 3, n / 4.0, null, "
        "'2026-01-01 10:00:00+02'::timestamptz + n * interval '1 hour', array['a', n::text], "
        "n % 2 = 0, decode('00ff', 'hex'), n / 3.0, '2026-01-01'::date + n "
        "from generate_series(1, 20) as n",
    )
    shop.draft()
    yield shop
    with psycopg.connect(shop.url, autocommit=True) as session:
        session.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots "
            "where database = current_database()"
        )
    logical.drop(name)


def _parsed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(json.loads(v) if at == 5 and v else v for at, v in enumerate(row))
