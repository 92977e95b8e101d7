"""The files of the made-up group: its bank's statements, card payments and events."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

import pytest

from infra.sandbox import company, erp
from infra.sandbox.group import Plan
from infra.sandbox.model import Model, sql
from tests.infra.sandbox.content import content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLAN = Plan(scale=0.01, days=31)
CAMT = {"": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return company.create(tmp_path_factory.mktemp("files") / "alder", PLAN).folder


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with Model(PLAN) as made:
        yield made


def signed(element: Xml.Element) -> Decimal:
    amount = Decimal(element.findtext("Amt", "", CAMT))
    return -amount if element.findtext("CdtDbtInd", "", CAMT) == "DBIT" else amount


def statement(file: Path) -> tuple[Decimal, list[Xml.Element], Decimal]:
    found = Xml.parse(file).getroot().find("BkToCstmrStmt/Stmt", CAMT)
    assert found is not None
    opening, closing = found.findall("Bal", CAMT)
    return signed(opening), found.findall("Ntry", CAMT), signed(closing)


def test_a_statement_closes_at_its_opening_and_entries_and_the_next_opens_there(
    folder: Path,
) -> None:
    for account in ("AWEUR", "AWUSD", "AHCHF", "AHEUR"):
        days = [statement(file) for file in sorted((folder / "bank/camt053").glob(f"{account}-*"))]
        assert len(days) == PLAN.days
        assert all(
            opening + sum(map(signed, entries)) == closing for opening, entries, closing in days
        )
        assert all(one[2] == other[0] for one, other in pairwise(days))


def test_each_database_has_all_its_tables(folder: Path, model: Model) -> None:
    for system, name, file in company.databases(folder):
        erp.create(model, folder.parent / "alone", system, name)
        assert content(file) == content(folder.parent / "alone")
        assert set(content(file)) == set(model.tables(system))


def test_mt940_closes_at_its_opening_and_entries(folder: Path) -> None:
    statements = sorted((folder / "bank/mt940").iterdir())
    assert len(statements) == PLAN.days
    for file in statements:
        text = file.read_bytes().decode("ascii")
        found = re.findall(r"^:(?:60F|62F):([CD])\d{6}GBP([\d,]+)\r$", text, re.MULTILINE)
        lines = re.findall(r"^:61:\d{10}([CD])([\d,]+)N", text, re.MULTILINE)
        opening, closing, *entries = (
            (1 if side == "C" else -1) * Decimal(amount.replace(",", "."))
            for side, amount in (*found, *lines)
        )
        assert opening + sum(entries) == closing


def test_the_bank_is_the_ledgers_account_to_the_cent(folder: Path, model: Model) -> None:
    said = dict(
        model.connection.execute(
            "select company || currency, sum(amount) from ledger where account = '1000' group by all"
        ).fetchall()
    )
    for account in ("AWEUR", "AWUSD", "AHCHF", "AHEUR"):
        last = folder / "bank/camt053" / f"{account}-{PLAN.last_date}.xml"
        assert statement(last)[2] == said[account]


def test_what_a_day_adds_is_what_is_made_with_it_at_once(folder: Path, tmp_path: Path) -> None:
    grown = company.create(tmp_path / "grown", Plan(PLAN.scale, PLAN.seed, PLAN.days - 1)).folder
    company.next_day(grown)
    names = {file.relative_to(folder) for file in folder.rglob("*") if file.is_file()}
    assert names == {file.relative_to(grown) for file in grown.rglob("*") if file.is_file()}
    for name in names:
        if name.suffix != ".sqlite":
            assert (folder / name).read_bytes() == (grown / name).read_bytes(), name


def test_fraud_is_told_a_week_later_and_in_no_column_of_the_payment(folder: Path) -> None:
    paid, labels = folder / "cards/transaction", folder / "cards/label"
    first, *_ = sorted(labels.iterdir())
    assert date.fromisoformat(first.stem) == date(2025, 1, 1) + timedelta(days=7)
    known = {line.split(",")[0] for line in (paid / "2025-01-01.csv").read_text().splitlines()[1:]}
    told = [line.split(",")[0] for line in first.read_text().splitlines()[1:]]
    assert set(told) == known
    assert len(told) == len(known)
    assert "fraud" not in (paid / "2025-01-01.csv").read_text()
    frauds = [
        line for file in labels.iterdir() for line in file.read_text().splitlines() if ",1," in line
    ]
    assert frauds


def test_a_machine_fails_only_after_its_readings_changed(tmp_path: Path) -> None:
    with Model(Plan(scale=0.2, days=70)) as model:
        model.connection.execute("set variable first_day = 0; set variable to_day = 69")
        model.connection.execute(sql("devices"))
        shown = """
            select r.mode, avg(t.vibration) - 2.5, avg(t.temperature) - 64, avg(t.power) - 19
            from readings as t
            inner join runs as r
                on t.machine = r.machine
                and t.n between r.starts + 0.95 * r.life::double and r.starts + r.life::double
            where t.state = 'running' group by all order by all
        """
        modes = {mode: found for mode, *found in model.connection.execute(shown).fetchall()}
        failed = "select count(*) from readings where state = 'failed'"
        assert model.connection.execute(failed).fetchall() > [(0,)]
    assert modes["bearing"][0] > 3 > 1 > abs(modes["motor"][0])
    assert modes["cooling"][1] > 15 > 5 > abs(modes["motor"][1])
    assert modes["motor"][2] > 3 > 1 > abs(modes["bearing"][2])
