"""Money: invoices paid in cash and by bank statement, both reconciled, and entries by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from infra.tryton.company import LAST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from infra.tryton.company import Company
    from infra.tryton.database import Database


def pay_cash(database: Database, company: Company, invoices: Sequence[int]) -> None:
    """Pay invoices in full on their own day, in cash, as the wizard of an invoice does."""
    for id_ in invoices:

        def pay(id_: int = id_) -> None:
            from trytond.transaction import Transaction

            invoice = database.model("account.invoice")(id_)
            wizard = database.wizard("account.invoice.pay")
            active = {"active_model": "account.invoice", "active_id": id_, "active_ids": [id_]}
            with Transaction().set_context(active):
                session, *_ = wizard.create()
                start = {
                    "payee": invoice.party.id, "company": invoice.company.id,
                    "amount": invoice.amount_to_pay, "currency": invoice.currency.id,
                    "payment_method": company.payment_method, "date": invoice.invoice_date,
                    "invoice_account": invoice.account.id,
                }  # fmt: skip
                wizard.execute(session, {"start": start}, "choice")
                wizard.delete(session)

        database.work(pay)


def pay_by_bank(
    database: Database, company: Company, chance: Random, invoices: Sequence[int]
) -> None:
    """Pay invoices in EUR in full, by one statement a month, up to 30 days after their day."""
    delays = {id_: chance.randint(1, 30) for id_ in invoices}

    def months() -> list[tuple[date, list[dict[str, Any]]]]:
        lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for invoice in database.model("account.invoice").browse(list(invoices)):
            day = min(invoice.invoice_date + timedelta(days=delays[invoice.id]), LAST)
            sign = 1 if invoice.type == "out" else -1
            lines[day.month].append(
                {
                    "date": day, "amount": invoice.total_amount * sign,
                    "party": invoice.party.id, "account": invoice.account.id,
                    "related_to": f"account.invoice,{invoice.id}",
                    "description": invoice.number,
                }
            )  # fmt: skip
        return [
            (max(line["date"] for line in lines[month]), lines[month]) for month in sorted(lines)
        ]

    for day, lines in database.work(months):
        database.work(lambda day=day, lines=lines: _statement(database, company, day, lines))  # type: ignore[misc]


def _statement(
    database: Database, company: Company, day: date, lines: list[dict[str, Any]]
) -> None:
    model = database.model("account.statement")
    last = model.search([], order=[("id", "DESC")], limit=1)
    before = last[0].end_balance if last else Decimal("10000.00")
    lines = sorted(lines, key=lambda line: (line["date"], line["related_to"]))
    numbered = [line | {"number": str(number)} for number, line in enumerate(lines, 1)]
    made = model.create(
        [
            {
                "name": f"{day:%Y-%m}/{len(model.search([])) + 1}", "date": day,
                "journal": company.statement_journal, "start_balance": before,
                "end_balance": before + sum(line["amount"] for line in lines),
                "lines": [("create", numbered)],
            }
        ]
    )  # fmt: skip
    model.validate_statement(made)
    model.post(model.browse(made))


def interest(database: Database, company: Company, day: date, amount: Decimal) -> None:
    """Enter what the bank charged, by hand, and post it."""

    def enter() -> None:
        find = database.model
        period = find("account.period").find(database.context["company"], date=day)
        sides = (("interest", amount, Decimal(0)), ("bank", Decimal(0), amount))
        lines = [
            {"account": company.accounts[name], "debit": debit, "credit": credit_}
            for name, debit, credit_ in sides
        ]
        moves = find("account.move").create(
            [
                {
                    "journal": company.journal, "period": period.id, "date": day,
                    "description": "Interest of the month", "lines": [("create", lines)],
                }
            ]
        )  # fmt: skip
        find("account.move").post(moves)

    database.work(enter)
