"""A real ERP in bronze: the books agree with its own, and what changed is all that is read again."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from data_contracts.odcs import read
from orchestration.connectors.connector import Asked
from orchestration.connectors.databases.address import address_of
from orchestration.connectors.open import open_source
from orchestration.sync import Synced, sync
from tests.lake_help import on_sqlite
from tests.tryton_help import CONTRACTS, STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.lake_help import Lakehouse
    from tests.tryton_help import Company

pytest_plugins = ["tests.lake_help", "tests.tryton_help"]
BOOKS = ("account_account", "account_move", "account_move_line")
CHANGED = (  # by more business
    "account_invoice", "account_move_line", "account_move_reconciliation", "party_party",
    "product_list_price", "sale_line", "sale_sale", "stock_move",
)  # fmt: skip
BALANCE = """
    select account, sum(debit), sum(credit)
    from silver.tryton_account_move_line join silver.tryton_account_move as move on move.id = move
    where date between '2025-01-01' and '2025-12-31'
    group by account
"""


def synced(house: Lakehouse, url: str, tables: Sequence[str], **asked: Any) -> Synced:
    """Sync some tables of a database; all of them have to succeed, and no row is broken."""
    contracts = [read(CONTRACTS / f"{table}.odcs.yaml")[0] for table in tables]
    with (
        house.lake.connect() as connection,
        closing(open_source(address_of(url), connection)) as connector,
    ):
        report = sync(house.lake, connector, contracts, Asked(**asked), connection=connection)
    assert report.ok, report.as_json()["failures"]
    assert report.as_json()["quarantined"] == 0
    return report


@pytest.fixture(params=["sqlite", "postgres"])
def at(request: pytest.FixtureRequest) -> dict[str, tuple[str, dict[str, Any]]]:
    """URLs of the company before and after more business, each with Tryton's own balance."""
    if request.param == "sqlite":
        companies: dict[str, Company] = request.getfixturevalue("companies")
        return {state: (one.url, one.balance) for state, one in companies.items()}
    found: dict[str, tuple[str, dict[str, Any]]] = request.getfixturevalue("postgres_companies")
    return found


def current(house: Lakehouse, table: str) -> list[tuple[Any, ...]]:
    """The rows of a table as the source has them now, without where they came from."""
    columns = ", ".join(f'"{c.name}"' for c in read(CONTRACTS / f"{table}.odcs.yaml")[0].columns)
    rows = house.sql(f"select {columns} from silver.tryton_{table} order by id::bigint")
    house.close()
    return rows


@on_sqlite
def test_the_trial_balance_in_the_lake_is_trytons_own_to_the_cent(
    lakehouse: Lakehouse, at: dict[str, tuple[str, dict[str, Any]]]
) -> None:
    for state in STATES:
        url, balance = at[state]
        synced(lakehouse, url, BOOKS)
        there = {account: sums for account, *sums in lakehouse.sql(BALANCE)}
        lakehouse.close()
        used = 0
        for account, (debit, credit, total) in balance.items():
            mine = there.pop(account, [Decimal(0), Decimal(0)])
            assert mine == [Decimal(debit), Decimal(credit)], account
            assert mine[0] - mine[1] == Decimal(total), account
            used += any(mine)
        assert used >= 7
        assert there == {}


@on_sqlite
def test_after_more_business_an_incremental_sync_equals_a_full_one(
    lakehouse: Lakehouse, at: dict[str, tuple[str, dict[str, Any]]]
) -> None:
    (before, _), (after, _) = (at[state] for state in STATES)
    whole = synced(lakehouse, before, CHANGED).as_json()
    changes = synced(lakehouse, after, CHANGED).as_json()
    assert 0 < changes["read"] < whole["read"]  # what is a day old was not read again
    assert changes["loaded"] > 0
    assert changes["deleted"] > 1  # rows that are gone, though nothing in the source says so
    incremental = {table: current(lakehouse, table) for table in CHANGED}
    again = synced(lakehouse, after, CHANGED, full=True).as_json()
    assert (again["loaded"], again["deleted"]) == (0, 0)
    assert again["unchanged"] == again["read"] == sum(map(len, incremental.values()))
    assert {table: current(lakehouse, table) for table in CHANGED} == incremental


@on_sqlite
def test_a_second_sync_loads_nothing(
    lakehouse: Lakehouse, at: dict[str, tuple[str, dict[str, Any]]]
) -> None:
    url, _ = at["before"]
    synced(lakehouse, url, BOOKS)
    second = synced(lakehouse, url, BOOKS).as_json()
    assert (second["loaded"], second["deleted"]) == (0, 0)


@on_sqlite
def test_sqlite_and_postgres_give_the_same_rows_by_the_same_contracts(
    lakehouse: Lakehouse,
    companies: dict[str, Company],
    postgres_companies: dict[str, tuple[str, dict[str, Any]]],
) -> None:
    """All but ids and times are the same, to the last digit: the documents are."""
    lines = (
        "select code, debit, credit, amount_second_currency, maturity_date, state, line.description "
        "from silver.tryton_account_move_line as line "
        "join silver.tryton_account_account as account on account.id = account order by all"
    )
    found = []
    for url in (companies["after"].url, postgres_companies["after"][0]):
        synced(lakehouse, url, BOOKS, full=True)
        found.append(lakehouse.sql(lines))
        lakehouse.close()
    assert len(found[0]) > 100
    assert found[0] == found[1]


@on_sqlite
def test_what_commits_late_or_shares_the_highest_time_is_read_once(
    lakehouse: Lakehouse, companies: dict[str, Company]
) -> None:
    """A change's time is when its transaction began: it may lie below the highest one read."""
    lakehouse.folder.mkdir()
    file = Path(shutil.copy(companies["after"].file, lakehouse.folder / "company.sqlite"))
    lines = ("account_move_line",)
    whole = synced(lakehouse, str(file), lines).as_json()
    with closing(sqlite3.connect(file)) as database, database:
        [(high,)] = database.execute(
            "select max(coalesce(write_date, create_date)) from account_move_line"
        )
        late = datetime.fromisoformat(high) - timedelta(minutes=50)
        change = "update account_move_line set description = ?, write_date = ? where id = ?"
        database.execute(change, ("committed late", late.isoformat(" "), 1))
        database.execute(change, ("shares the highest time", high, 2))
    changes = synced(lakehouse, str(file), lines).as_json()
    assert changes["loaded"] == 2
    assert changes["read"] == changes["loaded"] + changes["unchanged"] < whole["read"]
    changed = "select description from silver.tryton_account_move_line where id in ('1', '2')"
    found = lakehouse.sql(f"{changed} order by id::bigint")
    assert found == [("committed late",), ("shares the highest time",)]
    lakehouse.close()
    again = synced(lakehouse, str(file), lines).as_json()
    assert (again["loaded"], again["deleted"]) == (0, 0)
