"""The made-up company in Tryton: what is read from it is real business, and the same each time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.tryton_help import Company

pytest_plugins = ["tests.lake_help", "tests.tryton_help"]
pytestmark = pytest.mark.slow

SALES = (
    "select s.reference, s.number, s.state, s.sale_date, c.code, s.total_amount_cache "
    "from sale_sale s join currency_currency c on c.id = s.currency order by s.id"
)


def asked(company: Company, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{company.file}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


def test_everybody_in_it_is_said_to_be_made_up(companies: dict[str, Company]) -> None:
    for company in companies.values():
        names = asked(company, "select name from party_party")
        assert len(names) > 5
        assert [name for (name,) in names if "(made up)" not in name] == []


def test_every_account_balances_and_many_were_used(companies: dict[str, Company]) -> None:
    for company in companies.values():
        sums = [[Decimal(value) for value in values] for values in company.balance.values()]
        assert len([1 for debit, credit, _ in sums if debit or credit]) >= 7
        assert sum(debit for debit, _, _ in sums) == sum(credit for _, credit, _ in sums) > 1000
        assert all(debit - credit == balance for debit, credit, balance in sums)


def test_documents_go_all_the_way(companies: dict[str, Company]) -> None:
    company = companies["before"]
    kinds = asked(company, "select distinct type, sequence_type_cache, state from account_invoice")
    assert {("in", "invoice", "paid"), ("out", "invoice", "paid")} <= set(kinds)
    assert ("out", "credit_note", "posted") in kinds
    assert asked(company, "select count(*) from account_move_reconciliation")[0][0] > 3
    assert {row[0] for row in asked(company, "select state from account_statement")} == {"posted"}
    totals = {code: total for *_, code, total in asked(company, SALES) if total is not None}
    digits = {code: len(total.decode().partition(".")[2]) for code, total in totals.items()}
    assert digits == {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


def test_more_business_changes_rows_and_deletes_them_for_good_with_their_children(
    companies: dict[str, Company],
) -> None:
    before, after = (
        {
            table: dict(asked(companies[state], f"select id, quote(write_date) from {table}"))
            for table in ("sale_sale", "sale_line", "party_party", "account_move_line")
        }
        for state in ("before", "after")
    )
    gone = {table: before[table].keys() - after[table].keys() for table in before}
    assert len(gone["sale_sale"]) == 1
    assert len(gone["sale_line"]) > 1
    for table, rows in before.items():
        assert after[table].keys() - rows.keys(), table
        kept = rows.keys() & after[table].keys()
        assert any(rows[key] != after[table][key] for key in kept), table
    # Tryton's own log of deletions names the sale, and none of the lines that went with it.
    log = asked(companies["after"], "select resource from ir_model_log where event = 'delete'")
    logged = {resource for (resource,) in log}
    [sale] = gone["sale_sale"]
    assert f"sale.sale,{sale}" in logged
    assert len({f"sale.line,{line}" for line in gone["sale_line"]} - logged) > 0


def test_the_same_seed_makes_the_same_company_on_postgres(
    companies: dict[str, Company], postgres_companies: dict[str, tuple[str, dict[str, Any]]]
) -> None:
    for state, (url, balance) in postgres_companies.items():
        # Ids differ where a transaction was done again: PostgreSQL's sequences go on.
        assert sorted(balance.values()) == sorted(companies[state].balance.values())
        with psycopg.connect(url) as session:
            there = session.execute(SALES).fetchall()
        here = [
            (*row[:3], str(row[3]), row[4], row[5] and Decimal(row[5].decode()))
            for row in asked(companies[state], SALES)
        ]
        assert [(*row[:3], str(row[3]), *row[4:]) for row in there] == here
