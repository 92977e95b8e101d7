"""Lakes on both catalogs, contracts and files, for the tests of loading.

A test module gets the fixtures by `pytest_plugins = "tests.lake_help"` (hence PYTEST_DONT_REWRITE).
"""

from __future__ import annotations

import shutil
import socket
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
import pytest

from catalog.lake import Lake
from catalog.postgres import EmbeddedPostgres
from catalog.settings import Settings
from data_contracts.contract import Column, Contract
from orchestration.ingest import Report, ingest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from duckdb import DuckDBPyConnection

REPOSITORY = Path(__file__).parents[1]
BOTH = ("sqlite", "postgres")
ID = Column("id", "id", "string", "VARCHAR", required=True, key_position=1)
QUANTITY = Column("quantity", "quantity", "integer", "BIGINT")
PRICE = Column("price", "price", "number", "DECIMAL(18,2)")
HEADER = "id,quantity,price"
THREADS = 1  # with a core for each process that tests, two take 1.4 times as long


def contract(*columns: Column, **says: Any) -> Contract:
    """A contract of orders (id, quantity, price), or of other columns, that says what is given."""
    about: dict[str, Any] = {
        "id": "shop.order",
        "version": "1.0.0",
        "domain": "shop",
        "name": "order",
        "columns": columns or (ID, QUANTITY, PRICE),
        "file": Path("order.odcs.yaml"),
        "digest": "d" * 64,
    }
    return Contract(**about | says)


def write_csv(path: Path, *lines: str, header: str = HEADER) -> Path:
    """A file of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8", newline="")
    return path


def orders(path: Path, rows: int, first: int = 1, broken: Iterable[int] = ()) -> Path:
    """A file of orders, those whose number is in `broken` with a quantity that is none."""
    bad = set(broken)
    lines = (
        f"o{number},{'many' if number in bad else number % 9},{number}.25"
        for number in range(first, first + rows)
    )
    return write_csv(path, *lines)


@dataclass(slots=True)
class Lakehouse:
    """One test's lake, and what is in it."""

    settings: Settings
    folder: Path  # for the test's files
    _connection: list[DuckDBPyConnection] = field(default_factory=list)

    @property
    def lake(self) -> Lake:
        return Lake(self.settings)

    @property
    def data(self) -> Path:
        """Folder of the lake's files, where it is one."""
        return Path(self.lake.data.url)

    def load(self, held_to: Contract, *paths: Path, **options: Any) -> Report:
        """Ingest files."""
        return ingest(self.settings, held_to, [str(path) for path in paths], **options)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """What a reader sees now."""
        if not self._connection:
            self._connection.append(self.lake.connect(read_only=True))
        return self._connection[0].execute(query).fetchall()

    def one(self, query: str) -> Any:
        """The one value of a query."""
        [(value,)] = self.sql(query)
        return value

    def rows(self, columns: str = "id, quantity, price", table: str = "shop_order") -> list[Any]:
        """Rows of a bronze table, in their order."""
        return self.sql(f"select {columns} from bronze.{table} order by _source, _position, _batch")

    def ids(self, table: str = "shop_order") -> list[str]:
        return [row[0] for row in self.sql(f"select id from bronze.{table} order by all")]

    def state(self, table: str = "shop_order") -> tuple[Any, ...]:
        """Counts and content hashes of bronze, quarantine and ledger, of every column."""
        hashed = (
            "select count(*), md5(string_agg(t::varchar, chr(10) order by t::varchar)) from {} t"
        )
        tables = (f"bronze.{table}", "ops.quarantine", "ops.ledger")
        return tuple(self.sql(hashed.format(name))[0] for name in tables)

    def count(self, table: str) -> int:
        return int(self.one(f"select count(*) from {table}"))

    def snapshots(self) -> int:
        return int(self.one("select count(*) from lake.snapshots()"))

    def close(self) -> None:
        for connection in self._connection:
            connection.close()
        self._connection.clear()


class Server:
    """An embedded Postgres for a whole session of tests, a database for each."""

    def __init__(self, home: Path) -> None:
        self._postgres = EmbeddedPostgres(home)
        self._port: int | None = None
        self._numbers = count(1)

    def start(self) -> None:
        self._postgres.ensure()
        self.execute("alter system set fsync = off", "select pg_reload_conf()")

    def remove(self) -> None:
        self._postgres.remove()

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as session:
            for statement in statements:
                session.execute(statement)

    def database(self, template: str = "template1") -> str:
        """The name of a new database."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"create database {name} template {template}")
        return name

    def drop(self, name: str) -> None:
        self.execute(f"drop database {name} with (force)")

    def listen(self) -> None:
        """Answer at a free port of this machine from now on, for drivers that know no sockets."""
        if self._port:
            return
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        options = f"-c listen_addresses=127.0.0.1 -c port={self._port}"
        options += f" -c unix_socket_directories={self._postgres.socket}"
        log = self._postgres.data.parent / "log" / "postgres.log"
        self._postgres._run(
            "pg_ctl", "-D", str(self._postgres.data), "-m", "fast", "-w", "-l", str(log),
            "-o", options, "restart",
        )  # fmt: skip

    def url(self, database: str) -> str:
        if self._port:
            return f"postgresql://lakehouse@127.0.0.1:{self._port}/{database}"
        host = quote(str(self._postgres.socket), safe="")
        return f"postgresql://lakehouse@/{database}?host={host}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty lake on SQLite, to copy."""
    home = tmp_path_factory.mktemp("template") / "sqlite"
    Lake(Settings(home=home, threads=THREADS)).create()
    return home


@pytest.fixture(scope="session")
def postgres_template(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with an empty lake on Postgres, and its database, to copy."""
    home, name = tmp_path_factory.mktemp("template") / "postgres", server.database()
    Lake(Settings(home=home, catalog=server.url(name), threads=THREADS)).create()
    return home, name


@pytest.fixture(params=BOTH)
def catalog(request: pytest.FixtureRequest) -> str:
    """The kind of catalog; a test may ask for one by parametrising it indirectly."""
    return str(request.param)


@pytest.fixture
def fresh_settings(
    catalog: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """Settings of a lake that is not made yet."""
    settings = Settings(home=tmp_path / "home", threads=THREADS)
    if catalog == "sqlite":
        yield settings
        return
    server: Server = request.getfixturevalue("server")
    name = server.database()
    yield replace(settings, catalog=server.url(name))
    server.drop(name)


@pytest.fixture
def lake_settings(
    catalog: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """Settings of an empty lake of the test's own."""
    settings = Settings(home=tmp_path / "home", threads=THREADS)
    if catalog == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_template"), settings.home)
        yield settings
        return
    server: Server = request.getfixturevalue("server")
    home, template = request.getfixturevalue("postgres_template")
    shutil.copytree(home, settings.home)
    name = server.database(template)
    yield replace(settings, catalog=server.url(name))
    server.drop(name)


class Prepared:
    """Lakes that were loaded once, one on each catalog, to copy for each test of a module."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, tuple[Path, str]] = {}

    def copy_to(
        self,
        lakehouse: Lakehouse,
        request: pytest.FixtureRequest,
        load: Callable[[Lakehouse], None],
    ) -> None:
        """Make an empty lake one that `load` has loaded, from files in the same folder each time."""
        on_sqlite, home = lakehouse.lake.on_sqlite, lakehouse.settings.home
        kind = "sqlite" if on_sqlite else "postgres"
        server: Server | None = None if on_sqlite else request.getfixturevalue("server")
        name = (lakehouse.settings.catalog or "").rpartition("/")[2].partition("?")[0]
        if kind not in self._made:
            load(Lakehouse(lakehouse.settings, self._folder / "files"))
            kept = shutil.copytree(home, self._folder / kind)
            self._made[kind] = kept, server.database(name) if server else ""
            return
        kept, database = self._made[kind]
        shutil.rmtree(home)
        shutil.copytree(kept, home)
        if server:
            server.drop(name)
            server.execute(f"create database {name} template {database}")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return Prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def lakehouse(lake_settings: Settings, tmp_path: Path) -> Iterator[Lakehouse]:
    """An empty lake on each catalog."""
    house = Lakehouse(lake_settings, tmp_path / "files")
    yield house
    house.close()


on_sqlite = pytest.mark.parametrize("catalog", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("catalog", ["postgres"], indirect=True)
