"""The model of the made-up group, before anything is written or planted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.sandbox import erp
from infra.sandbox.group import COMPANIES, Plan
from infra.sandbox.model import Model
from tests.infra.sandbox.content import content

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOKS = Path(erp.__file__).parent / "books.sql"
PLAN = Plan(scale=0.01, days=75)


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with Model(PLAN) as made:
        yield made


def test_the_books_tie_to_the_cent_before_any_bad_row_is_added(model: Model) -> None:
    for table in model.tables("erp"):
        once = " where not _resent" if table in erp.NO_KEY else ""
        model.connection.execute(
            f"create or replace temp view sandbox_{table} as select * from erp_{table}{once}"
        )
    asked = BOOKS.read_text(encoding="utf-8").replace("silver.", "")
    ties = model.connection.execute(asked).fetchall()
    assert len(ties) == 13
    assert [tie for tie, differ in ties if differ] == []


def test_there_is_business_in_every_table_and_no_stock_below_nothing(model: Model) -> None:
    for table in model.tables("erp"):
        [(rows,)] = model.connection.execute(f"select count(*) from erp_{table}").fetchall()
        assert rows, table
    [(least,)] = model.connection.execute(
        "select min(there) from (select sum(quantity) over (partition by site, product_id "
        "order by n) as there from moves)"
    ).fetchall()
    assert least >= 0


@pytest.mark.parametrize("company", COMPANIES)
def test_a_day_that_arrives_makes_what_is_made_with_it_at_once(
    model: Model, company: str, tmp_path: Path
) -> None:
    with Model(Plan(scale=PLAN.scale, days=PLAN.days - 1)) as before:
        erp.create(before, tmp_path / "grown", "erp", company)
    grown = erp.add_day(model, tmp_path / "grown", "erp", company)
    erp.create(model, tmp_path / "whole", "erp", company)
    assert sum(grown.values())
    assert content(tmp_path / "grown") == content(tmp_path / "whole")
    assert erp.add_day(model, tmp_path / "grown", "erp", company) == {}


def test_another_seed_is_another_business(model: Model) -> None:
    query = "select sum(amount) from ledger where account = '4000'"
    with Model(Plan(scale=PLAN.scale, days=PLAN.days)) as same:
        assert (
            same.connection.execute(query).fetchall() == model.connection.execute(query).fetchall()
        )
    with Model(Plan(scale=PLAN.scale, days=PLAN.days, seed=7)) as other:
        assert (
            other.connection.execute(query).fetchall() != model.connection.execute(query).fetchall()
        )


def test_sqlite_has_money_to_the_last_digit(model: Model, tmp_path: Path) -> None:
    erp.create(model, tmp_path / "AW", "erp", "AW")
    with closing(sqlite3.connect(tmp_path / "AW")) as database:
        kinds = database.execute("select distinct typeof(amount) from ledger_line").fetchall()
        texts = database.execute("select ledger_line_id, amount from ledger_line").fetchall()
    assert kinds == [("text",)]
    exact = dict(
        model.connection.execute(
            "select ledger_line_id, amount::varchar from erp_ledger_line where company = 'AW'"
        ).fetchall()
    )
    assert {key: value for key, value in texts if "-X" not in key} == exact


def test_an_amount_of_ten_billions_is_converted_to_the_cent(model: Model) -> None:
    [(most,)] = model.connection.execute(
        "select max(money(10000000000.01::decimal(18, 2) * factor)) from factors "
        "where currency = into_currency"
    ).fetchall()
    assert str(most) == "10000000000.01"
