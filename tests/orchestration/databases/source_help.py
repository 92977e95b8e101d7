"""Real databases of three kinds to sync from, and what a sync says. (PYTEST_DONT_REWRITE)"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from catalog.lake import Lake
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.open import open_source
from orchestration.contracts_of import contracts_of
from orchestration.init.database.write import init
from orchestration.sync import Synced, sync

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.lake_help import Lakehouse, Server
    from tests.mariadb_help import MariaDb

KINDS = ("sqlite", "postgres", "mariadb")


@dataclass(frozen=True)
class Source:
    """A database, and how it is written to."""

    kind: str
    url: str
    execute: Callable[..., None]


@pytest.fixture(params=KINDS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    """An empty database of each kind."""
    if request.param == "sqlite":
        file = tmp_path / "shop.db"

        def execute(*statements: str) -> None:
            with closing(sqlite3.connect(file)) as session, session:
                for statement in statements:
                    session.execute(statement)

        execute("create table seen (a)", "drop table seen")  # so that there is a file
        return Source("sqlite", str(file), execute)
    if request.param == "postgres":
        server: Server = request.getfixturevalue("server")
        url = server.url(server.database())

        def execute_there(*statements: str) -> None:
            with psycopg.connect(url, autocommit=True) as session:
                for statement in statements:
                    session.execute(statement.encode())

        return Source("postgres", url, execute_there)
    mariadb: MariaDb = request.getfixturevalue("mariadb")
    name = mariadb.database()
    return Source(
        "mariadb",
        mariadb.url(name),
        lambda *statements: mariadb.execute(*statements, database=name),
    )


def drafted(source: Source, folder: Path, **changes: Any) -> Path:
    """First contracts of its tables, with custom properties put in the place of theirs."""
    for written in init(source.url, folder):
        text = written.path.read_text(encoding="utf-8")
        for name, value in changes.items():
            lines = [line for line in text.splitlines() if f"property: {name}," not in line]
            if value is not None:
                at = lines.index("    customProperties:") + 1
                lines.insert(at, f"      - {{property: {name}, value: {json.dumps(value)}}}")
            text = "\n".join(lines) + "\n"
        written.path.write_text(text, encoding="utf-8")
    return folder


def synced(lakehouse: Lakehouse, source: Source, folder: Path, **asked: Any) -> Synced:
    """Sync every table that has a contract."""
    address = address_of(source.url)
    contracts, lake = contracts_of(folder, address.domain), lakehouse.lake
    with lake.connect() as connection, closing(open_source(address, connection)) as connector:
        return sync(lake, connector, contracts, Asked(**asked), connection=connection)


def sums(report: Synced) -> tuple[int, int, int, int, int]:
    """Rows read, loaded, quarantined, unchanged and deleted."""
    said = report.as_json()
    assert report.ok, said["failures"]
    assert said["read"] == said["loaded"] + said["quarantined"] + said["unchanged"]
    return tuple(said[n] for n in ("read", "loaded", "quarantined", "unchanged", "deleted"))


def lake_of(lakehouse: Lakehouse, **settings: Any) -> Lake:
    return Lake(replace(lakehouse.settings, **settings))
