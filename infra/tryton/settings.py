"""What a company needs before it can trade: taxes, payment terms, ways to pay, and a bank."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from infra.tryton.database import first

if TYPE_CHECKING:
    from infra.tryton.database import Database

TAXES = {"standard": Decimal("0.21"), "reduced": Decimal("0.09")}
IBAN = "DE89370400440532013000"  # of no account: the one in the standard's own examples


def settle(database: Database) -> None:
    """Make them for the company that was founded."""
    find, company = database.model, database.context["company"]
    account = find("account.account")
    tax, cash = (first(account, ("code", "=", code)) for code in ("6.3.6", "1.1.1"))
    gains = first(account, ("code", "=", "6.2.1"))
    for name, rate in TAXES.items():
        find("account.tax").create(
            [
                {
                    "name": name, "description": f"VAT {rate:.0%}", "type": "percentage",
                    "rate": rate, "company": company,
                    "invoice_account": tax.id, "credit_note_account": tax.id,
                }
            ]
        )  # fmt: skip
    for days in (0, 14, 30):
        line = {"type": "remainder", "relativedeltas": [("create", [{"days": days}])]}
        term = {"name": f"{days} days", "lines": [("create", [line])]}
        find("account.invoice.payment_term").create([term])
    settings = find("account.configuration")(1)
    settings.currency_exchange_journal = first(find("account.journal"), ("code", "=", "EXC"))
    settings.currency_exchange_credit_account = gains
    settings.currency_exchange_debit_account = gains
    settings.save()
    journal = first(find("account.journal"), ("type", "=", "cash"))
    find("account.invoice.payment.method").create(
        [
            {
                "name": "Cash", "company": company, "journal": journal.id,
                "credit_account": cash.id, "debit_account": cash.id,
            }
        ]
    )  # fmt: skip
    _bank(database, cash)


def _bank(database: Database, cash: Any) -> None:
    find, company = database.model, database.context["company"]
    own = find("company.company")(company).party
    keeper = find("party.party").create([{"name": "Bank of Nowhere (made up)", "code": "BANK"}])[0]
    bank = find("bank").create([{"party": keeper.id}])[0]
    number = {"type": "iban", "number": IBAN}
    account = find("bank.account").create(
        [{"bank": bank.id, "owners": [("add", [own.id])], "numbers": [("create", [number])]}]
    )[0]
    ledger = find("account.account").create(
        [
            {
                "name": "Bank", "code": "1.1.1.9", "company": company, "type": cash.type.id,
                "parent": cash.parent.id,
            }
        ]
    )[0]  # fmt: skip
    statements = first(find("account.journal"), ("code", "=", "STA"))
    find("account.statement.journal").create(
        [
            {
                "name": "Bank", "company": company, "journal": statements.id, "account": ledger.id,
                "validation": "balance", "bank_account": account.id,
            }
        ]
    )  # fmt: skip
