"""A real ERP by its own APIs, as one in the cloud is read: what comes is what its database holds."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from catalog.lake import Lake
from data_contracts.odcs import read
from data_contracts.syncing import Syncing
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.open import open_source
from orchestration.connectors.tryton import api
from orchestration.errors import InputError, UnreachableError
from orchestration.sync import Synced, sync
from tests.lake_help import on_sqlite
from tests.tryton_help import CONTRACTS
from tests.tryton_server_help import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def synced(
    house: Lakehouse, connector: Connector, tables: tuple[str, ...] = TABLES, **asked: Any
) -> Synced:
    contracts = [read(CONTRACTS / f"{table}.odcs.yaml")[0] for table in tables]
    report = sync(house.lake, connector, contracts, Asked(**asked))
    assert report.ok, report.as_json()["failures"]
    assert report.as_json()["quarantined"] == 0
    return report


def opened(house: Lakehouse, url: str) -> Connector:
    return open_source(address_of(url), house.settings)


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
    by_api = opened(lakehouse, served.url(kind))
    report = synced(lakehouse, by_api)
    by_api.close()
    there = rows(lakehouse)
    assert sum(map(len, there.values())) == report.as_json()["loaded"] > 100  # of pages of 20
    # The same delivery by SQL changes nothing: rows are equal to the last digit.
    by_sql = opened(lakehouse, str(served.file))
    again = synced(lakehouse, by_sql, full=True).as_json()
    by_sql.close()
    assert (again["loaded"], again["deleted"]) == (0, 0)
    assert again["unchanged"] == report.as_json()["loaded"]
    assert rows(lakehouse) == there


@APIS
@on_sqlite
def test_after_more_business_an_incremental_sync_equals_a_full_one(
    lakehouse: Lakehouse, served: Served, companies: dict[str, Company], kind: str
) -> None:
    connector = opened(lakehouse, served.url(kind))
    whole = synced(lakehouse, connector).as_json()
    served.become(companies["after"])  # and whatever session there was has ended
    try:
        changes = synced(lakehouse, connector).as_json()
        assert 0 < changes["read"] < whole["read"]
        assert changes["loaded"] > 0
        assert changes["deleted"] > 1
        again = synced(lakehouse, connector, full=True).as_json()
    finally:
        served.become(companies["before"])
        connector.close()
    assert (again["loaded"], again["deleted"]) == (0, 0)
    by_sql = opened(lakehouse, companies["after"].url)
    truth = synced(lakehouse, by_sql, full=True).as_json()
    by_sql.close()
    assert (truth["loaded"], truth["deleted"]) == (0, 0)


@on_sqlite
def test_a_session_that_ends_while_it_is_read_is_begun_anew(
    lakehouse: Lakehouse, tryton: Tryton, companies: dict[str, Company]
) -> None:
    lakehouse.folder.mkdir()
    with serving(tryton, companies["before"], lakehouse.folder, session_seconds=1) as server:
        asked = api.JsonRpc(address_of(server.url("jsonrpc")))
        pages = asked.pages("account.move.line", [], ["id"])
        first = next(pages)
        began = asked._session
        time.sleep(2)
        ids = [record["id"] for page in (first, *pages) for record in page]
        assert asked._session != began
        asked.close()
    assert len(ids) == len(set(ids)) > 20
    assert ids == sorted(ids)


@on_sqlite
@APIS
def test_who_is_not_let_in_is_told_without_the_password(
    lakehouse: Lakehouse, served: Served, kind: str
) -> None:
    wrong = replace(served, password="not-the-password", key="not-the-key")
    connector = opened(lakehouse, wrong.url(kind))
    with pytest.raises(UnreachableError, match="is wrong") as told:
        synced(lakehouse, connector)
    connector.close()
    assert "not-the" not in str(told.value)
    assert "\n" not in str(told.value)


@on_sqlite
def test_what_is_read_between_two_times_moves_no_position(
    lakehouse: Lakehouse, served: Served
) -> None:
    connector = opened(lakehouse, served.url("jsonrpc"))
    some = synced(lakehouse, connector, since="2020-01-01", until="2020-01-02").as_json()
    assert some["read"] == 0
    assert synced(lakehouse, connector).as_json()["loaded"] > 100
    connector.close()


@on_sqlite
def test_prices_which_json_rpc_does_not_give_come_by_rest(
    lakehouse: Lakehouse, served: Served
) -> None:
    prices = read(CONTRACTS / "product_list_price.odcs.yaml")
    rpc, rest = (opened(lakehouse, served.url(kind)) for kind in ("jsonrpc", "rest"))
    [(_, refused)] = sync(lakehouse.lake, rpc, prices).outcomes
    assert refused.status == "failed"
    assert "is not open to JSON-RPC" in str(refused.reason)
    [(_, loaded)] = sync(lakehouse.lake, rest, prices).outcomes
    assert (loaded.status, loaded.loaded) == ("loaded", 5)
    rpc.close()
    rest.close()


@on_sqlite
def test_a_model_that_is_not_there_is_told_and_the_others_are_loaded(
    lakehouse: Lakehouse, served: Served
) -> None:
    contracts = [
        read(CONTRACTS / f"{table}.odcs.yaml")[0] for table in ("party_party", "sale_sale")
    ]
    contracts[0] = replace(contracts[0], source="party_guest")
    connector = opened(lakehouse, served.url("jsonrpc"))
    report = sync(Lake(lakehouse.settings), connector, contracts)
    connector.close()
    [(table, outcome)] = report.of("failed")
    assert table == "tryton_party_party"
    assert outcome.reason == "there is no model of a table party_guest that this user may see"
    assert len(report.of("loaded")) == 1


@on_sqlite
def test_a_password_is_sent_over_no_network_in_the_clear(lakehouse: Lakehouse) -> None:
    with pytest.raises(InputError, match="in the clear") as told:
        opened(lakehouse, "tryton+http://admin:hidden@erp.example.com/company")
    assert "hidden" not in str(told.value)


@on_sqlite
def test_a_server_that_does_not_answer_is_told(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.connectors.tryton.http.WAIT", 0.01)
    connector = opened(lakehouse, "tryton+http://admin:hidden@127.0.0.1:9/company")
    with pytest.raises(UnreachableError, match=r"^tryton\+http://admin@127.0.0.1:9/company cannot"):
        synced(lakehouse, connector)
    connector.close()


@on_sqlite
def test_a_field_that_is_gone_is_told_and_nothing_becomes_null_unasked(
    lakehouse: Lakehouse, served: Served, companies: dict[str, Company]
) -> None:
    parties = ("party_party",)
    connector = opened(lakehouse, served.url("rest"))
    synced(lakehouse, connector, parties)
    with closing(sqlite3.connect(served.file)) as database, database:
        database.execute("delete from ir_model_field where model = 'party.party' and name = 'code'")
    try:
        contracts = read(CONTRACTS / "party_party.odcs.yaml")
        [(_, refused)] = sync(lakehouse.lake, connector, contracts).outcomes
        assert refused.status == "failed"
        assert "its model changed: - code char; tryton.party_party names code" in str(
            refused.reason
        )
        taken = synced(lakehouse, connector, parties, accept=True, full=True)
    finally:
        served.become(companies["before"])
        connector.close()
    [(_, outcome)] = taken.outcomes
    assert outcome.notes[0] == "its model changed: - code char"
    assert lakehouse.one("select count(code) from silver.tryton_party_party") == 0


@on_sqlite
def test_its_tables_are_its_models(lakehouse: Lakehouse, served: Served) -> None:
    connector = opened(lakehouse, served.url("jsonrpc"))
    assert {"account_move_line", "product_list_price"} <= set(connector.tables())
    assert connector.has("party_party")
    assert not connector.has("party_guest")
    connector.close()


@on_sqlite
def test_a_database_that_is_not_there_is_told(lakehouse: Lakehouse, served: Served) -> None:
    place = replace(served, file=served.file.with_name("nowhere.sqlite"))
    connector = opened(lakehouse, place.url("jsonrpc"))
    with pytest.raises(UnreachableError, match=r"/nowhere: there is no such database$"):
        connector.tables()
    connector.close()


@on_sqlite
def test_times_of_a_contract_without_a_watermark_are_refused(
    lakehouse: Lakehouse, served: Served
) -> None:
    [parties] = read(CONTRACTS / "party_party.odcs.yaml")
    parties = replace(parties, syncing=Syncing())
    connector = opened(lakehouse, served.url("jsonrpc"))
    [(_, refused)] = sync(lakehouse.lake, connector, [parties], Asked(since="2026-01-01")).outcomes
    connector.close()
    assert "has no watermark in tryton.party_party" in str(refused.reason)
