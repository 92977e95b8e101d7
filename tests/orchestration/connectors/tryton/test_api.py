"""A real ERP by its own APIs, as one in the cloud is read: what comes is what its database holds."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.odcs import read
from data_contracts.syncing import Syncing
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.open import open_source
from orchestration.connectors.tryton import api
from orchestration.connectors.tryton.jsonrpc import JsonRpc
from orchestration.errors import InputError, UnreachableError
from orchestration.sync import Synced, sync
from tests.lake_help import on_sqlite
from tests.tryton_help import CONTRACTS
from tests.tryton_server_help import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from data_contracts.contract import Contract
    from orchestration.connectors.connector import Connector
    from tests.lake_help import Lakehouse
    from tests.tryton_help import Company, Tryton

pytest_plugins = ["tests.lake_help", "tests.tryton_help"]
TABLES = ("account_move_line", "party_party", "sale_line", "sale_sale")
APIS = pytest.mark.parametrize("kind", ["jsonrpc", "rest"])


@pytest.fixture(scope="module")
def served(
    tryton: Tryton, companies: dict[str, Company], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server of the company before more business; each test leaves it so."""
    with serving(tryton, companies["before"], tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PAGE", 20)


@dataclass(frozen=True)
class Open:
    """A source that is open for a lake."""

    lake: Lake
    connection: DuckDBPyConnection
    connector: Connector

    def sync(self, *contracts: Contract, **asked: Any) -> Synced:
        """Sync what there are contracts of; a table may fail."""
        return sync(
            self.lake, self.connector, contracts, Asked(**asked), connection=self.connection
        )

    def load(self, tables: tuple[str, ...] = TABLES, **asked: Any) -> dict[str, Any]:
        """Sync tables, all of which have to succeed."""
        report = self.sync(*(contract_of(table) for table in tables), **asked)
        assert report.ok, report.as_json()["failures"]
        assert report.as_json()["quarantined"] == 0
        return report.as_json()


@contextmanager
def opened(house: Lakehouse, url: str) -> Iterator[Open]:
    with (
        house.lake.connect() as connection,
        closing(open_source(address_of(url), connection)) as connector,
    ):
        yield Open(house.lake, connection, connector)


def contract_of(table: str) -> Contract:
    [found] = read(CONTRACTS / f"{table}.odcs.yaml")
    return found


def rows(house: Lakehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Every current row of the tables, without where it came from."""
    found = {}
    for table in TABLES:
        columns = read(CONTRACTS / f"{table}.odcs.yaml")[0].columns
        named = ", ".join(f'"{column.name}"' for column in columns)
        found[table] = house.sql(f"select {named} from silver.tryton_{table} order by id::bigint")
    house.close()
    return found


@APIS
@on_sqlite
def test_an_api_gives_every_row_and_digit_that_the_database_holds(
    lakehouse: Lakehouse, served: Served, kind: str
) -> None:
    with opened(lakehouse, served.url(kind)) as by_api:
        report = by_api.load()
    there = rows(lakehouse)
    assert sum(map(len, there.values())) == report["loaded"] > 100  # of pages of 20
    # The same delivery by SQL changes nothing: rows are equal to the last digit.
    with opened(lakehouse, str(served.file)) as by_sql:
        again = by_sql.load(full=True)
    assert (again["loaded"], again["deleted"]) == (0, 0)
    assert again["unchanged"] == report["loaded"]
    assert rows(lakehouse) == there


@APIS
@on_sqlite
def test_after_more_business_an_incremental_sync_equals_a_full_one(
    lakehouse: Lakehouse, served: Served, companies: dict[str, Company], kind: str
) -> None:
    with opened(lakehouse, served.url(kind)) as by_api:
        whole = by_api.load()
        served.become(companies["after"])  # and whatever session there was has ended
        try:
            changes = by_api.load()
            assert 0 < changes["read"] < whole["read"]
            assert changes["loaded"] > 0
            assert changes["deleted"] > 1
            again = by_api.load(full=True)
        finally:
            served.become(companies["before"])
    assert (again["loaded"], again["deleted"]) == (0, 0)
    with opened(lakehouse, companies["after"].url) as by_sql:
        truth = by_sql.load(full=True)
    assert (truth["loaded"], truth["deleted"]) == (0, 0)


def test_a_session_that_ends_while_it_is_read_is_begun_anew(
    tryton: Tryton, companies: dict[str, Company], tmp_path: Path
) -> None:
    with serving(tryton, companies["before"], tmp_path, session_seconds=1) as server:
        asked = JsonRpc(address_of(server.url("jsonrpc")))
        pages = asked.pages("account.move.line", [], ["id"])
        first = next(pages)
        began = asked._session
        time.sleep(2)
        ids = [record["id"] for page in (first, *pages) for record in page]
        assert asked._session != began
        asked.close()
    assert len(ids) == len(set(ids)) > 20
    assert ids == sorted(ids)


@APIS
@on_sqlite
def test_who_is_not_let_in_is_told_without_the_password(
    lakehouse: Lakehouse, served: Served, kind: str
) -> None:
    wrong = replace(served, password="not-the-password", key="not-the-key")
    with (
        opened(lakehouse, wrong.url(kind)) as source,
        pytest.raises(UnreachableError, match="is wrong") as told,
    ):
        source.load()
    assert "not-the" not in str(told.value)
    assert "\n" not in str(told.value)


@on_sqlite
def test_what_is_read_between_two_times_moves_no_position(
    lakehouse: Lakehouse, served: Served
) -> None:
    with opened(lakehouse, served.url("jsonrpc")) as source:
        assert source.load(since="2020-01-01", until="2020-01-02")["read"] == 0
        assert source.load()["loaded"] > 100


@on_sqlite
def test_prices_which_json_rpc_does_not_give_come_by_rest(
    lakehouse: Lakehouse, served: Served
) -> None:
    prices = contract_of("product_list_price")
    with opened(lakehouse, served.url("jsonrpc")) as source:
        [(_, refused)] = source.sync(prices).outcomes
    assert refused.status == "failed"
    assert "is not open to JSON-RPC" in str(refused.reason)
    with opened(lakehouse, served.url("rest")) as source:
        [(_, loaded)] = source.sync(prices).outcomes
    assert (loaded.status, loaded.loaded) == ("loaded", 5)


@on_sqlite
def test_a_model_that_is_not_there_is_told_and_the_others_are_loaded(
    lakehouse: Lakehouse, served: Served
) -> None:
    guests = replace(contract_of("party_party"), source="party_guest")
    with opened(lakehouse, served.url("jsonrpc")) as source:
        report = source.sync(guests, contract_of("sale_sale"))
    [(table, outcome)] = report.of("failed")
    assert table == "tryton_party_party"
    assert outcome.reason == "there is no model of a table party_guest that this user may see"
    assert len(report.of("loaded")) == 1


def test_a_password_is_sent_over_no_network_in_the_clear() -> None:
    with pytest.raises(InputError, match="in the clear") as told:
        open_source(address_of("tryton+http://admin:hidden@erp.example.com/company"))
    assert "hidden" not in str(told.value)


def test_a_server_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.connectors.tryton.http.WAIT", 0.01)
    connector = open_source(address_of("tryton+http://admin:hidden@127.0.0.1:9/company"))
    with pytest.raises(UnreachableError, match=r"^tryton\+http://admin@127.0.0.1:9/company cannot"):
        connector.tables()
    connector.close()


@on_sqlite
def test_a_field_that_is_gone_is_told_and_nothing_becomes_null_unasked(
    lakehouse: Lakehouse, served: Served, companies: dict[str, Company]
) -> None:
    parties = contract_of("party_party")
    with opened(lakehouse, served.url("rest")) as source:
        source.load(("party_party",))
        with closing(sqlite3.connect(served.file)) as database, database:
            database.execute(
                "delete from ir_model_field where model = 'party.party' and name = 'code'"
            )
        try:
            [(_, refused)] = source.sync(parties).outcomes
            [(_, taken)] = source.sync(parties, accept=True, full=True).outcomes
        finally:
            served.become(companies["before"])
    assert refused.status == "failed"
    assert "its model changed: - code char; read by silver.tryton_party_party, " in str(
        refused.reason
    )
    assert (taken.status, taken.notes[0].split(";")[0]) == (
        "loaded",
        "its model changed: - code char",
    )
    assert lakehouse.one("select count(code) from silver.tryton_party_party") == 0


def test_its_tables_are_its_models(served: Served) -> None:
    connector = open_source(address_of(served.url("jsonrpc")))
    assert {"account_move_line", "product_list_price"} <= set(connector.tables())
    assert connector.has("party_party")
    assert not connector.has("party_guest")
    connector.close()


def test_a_database_that_is_not_there_is_told(served: Served) -> None:
    place = replace(served, file=served.file.with_name("nowhere.sqlite"))
    connector = open_source(address_of(place.url("jsonrpc")))
    with pytest.raises(UnreachableError, match=r"/nowhere: there is no such database$"):
        connector.tables()
    connector.close()


@on_sqlite
def test_times_of_a_contract_without_a_watermark_are_refused(
    lakehouse: Lakehouse, served: Served
) -> None:
    parties = replace(contract_of("party_party"), syncing=Syncing())
    with opened(lakehouse, served.url("jsonrpc")) as source:
        [(_, refused)] = source.sync(parties, since="2026-01-01").outcomes
    assert "has no watermark in tryton.party_party" in str(refused.reason)
