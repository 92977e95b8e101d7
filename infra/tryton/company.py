"""The company itself: its currencies, chart of accounts, fiscal year, taxes, journals and bank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from infra.tryton.database import first
from infra.tryton.settings import settle

if TYPE_CHECKING:
    from infra.tryton.database import Database

NAME = "Fern & Kettle Trading (made up)"
YEAR = 2025
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
CURRENCIES = {  # code: name, digits, units for one EUR at the beginning of the year
    "EUR": ("Euro", 2, "1"),
    "USD": ("US Dollar", 2, "1.0389"),
    "JPY": ("Japanese Yen", 0, "163.06"),
    "KWD": ("Kuwaiti Dinar", 3, "0.3201"),
}


@dataclass(frozen=True, slots=True)
class Company:
    """Ids of what documents refer to."""

    currencies: dict[str, int]
    accounts: dict[str, int]  # receivable, payable, revenue, expense, cash, bank, interest
    taxes: dict[str, int]
    terms: list[int]
    payment_method: int
    statement_journal: int
    journal: int  # of entries that are no invoice's


def found(database: Database) -> None:
    """Make the company and all that it needs before it can trade."""
    database.work(lambda: _currencies(database))
    database.context["company"] = database.work(lambda: _company(database))
    database.work(lambda: _chart(database))
    database.work(lambda: _year(database))
    database.work(lambda: settle(database))


def company_of(database: Database) -> Company:
    """The ids of a company that was made before."""

    def look() -> Company:
        find, account = database.model, database.model("account.account")
        code = {c.code: c.id for c in find("currency.currency").search([])}
        kinds = ("receivable", "payable", "revenue", "expense")
        accounts = {kind: _of_kind(account, kind).id for kind in kinds}
        for name, number in (("cash", "1.1.1"), ("bank", "1.1.1.9"), ("interest", "6.2.8")):
            accounts[name] = first(account, ("code", "=", number)).id
        return Company(
            currencies=code,
            accounts=accounts,
            taxes={tax.name: tax.id for tax in find("account.tax").search([])},
            terms=[term.id for term in find("account.invoice.payment_term").search([])],
            payment_method=first(find("account.invoice.payment.method")).id,
            statement_journal=first(find("account.statement.journal")).id,
            journal=first(find("account.journal"), ("code", "=", "MISC")).id,
        )

    return database.work(look)


def _of_kind(account: Any, kind: str) -> Any:
    """The first account of a kind that may be entered in; of receivable ones, one by party."""
    by_party = kind in ("receivable", "payable")
    of_kind = [(f"type.{kind}", "=", True), ("closed", "!=", True)]
    return first(account, *of_kind, *([("party_required", "=", True)] if by_party else []))


def _currencies(database: Database) -> None:
    for code, (name, digits, rate) in CURRENCIES.items():
        unit = Decimal(1).scaleb(-digits)
        database.model("currency.currency").create(
            [
                {
                    "name": name, "code": code, "symbol": code, "digits": digits, "rounding": unit,
                    "rates": [("create", [{"date": date(YEAR - 1, 1, 1), "rate": Decimal(rate)}])],
                }
            ]
        )  # fmt: skip


def _company(database: Database) -> int:
    party = database.model("party.party").create([{"name": NAME, "code": "OWN"}])[0]
    euro = first(database.model("currency.currency"), ("code", "=", "EUR"))
    company = database.model("company.company").create(
        [{"party": party.id, "currency": euro.id, "timezone": "Europe/Berlin"}]
    )[0]
    user = database.model("res.user")
    user.write(user.browse([1]), {"companies": [("add", [company.id])], "company": company.id})
    return int(company.id)


def _chart(database: Database) -> None:
    data, wizard = database.model("ir.model.data"), database.wizard("account.create_chart")
    company = database.context["company"]
    session, *_ = wizard.create()
    root = data.get_id("account", "account_template_root_en")
    chosen = {"company": company, "account_template": root}
    wizard.execute(session, {"account": chosen}, "create_account")
    account = database.model("account.account")
    defaults = {f"account_{kind}": _of_kind(account, kind).id for kind in ("receivable", "payable")}
    wizard.execute(session, {"properties": {"company": company} | defaults}, "create_properties")
    wizard.delete(session)


def _year(database: Database) -> None:
    company = database.context["company"]

    def sequence(kind: str, prefix: str) -> int:
        type_ = database.model("ir.sequence.type").search([("name", "=", kind)], limit=1)[0]
        said = {"name": prefix, "sequence_type": type_.id, "company": company, "padding": 5}
        made = database.model("ir.sequence.strict").create([said | {"prefix": f"{prefix}{YEAR}/"}])
        return int(made[0].id)

    invoices = {
        f"{way}_{kind}_sequence": sequence("Invoice", prefix)
        for way, kind, prefix in (
            ("out", "invoice", "R"), ("out", "credit_note", "G"),
            ("in", "invoice", "ER"), ("in", "credit_note", "EG"),
        )
    }  # fmt: skip
    years = database.model("account.fiscalyear")
    year = years.create(
        [
            {
                "name": str(YEAR), "company": company, "start_date": FIRST, "end_date": LAST,
                "move_sequence": sequence("Account Move", "B"),
                "invoice_sequences": [("create", [invoices | {"company": company}])],
            }
        ]
    )  # fmt: skip
    years.create_period(year)
