"""The trial balance as Tryton itself works it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.tryton.company import FIRST, LAST

if TYPE_CHECKING:
    from infra.tryton.database import Database


def trial_balance(database: Database) -> dict[str, tuple[str, str, str]]:
    """Debit, credit and balance of the year by account, as texts with every digit.

    Keys are the ids of accounts that may have entries of their own, those without any among them.
    """

    def ask() -> dict[str, tuple[str, str, str]]:
        from trytond.transaction import Transaction

        account = database.model("account.account")
        period = {"from_date": FIRST, "to_date": LAST, "flat_balance": True, "active_test": False}
        with Transaction().set_context(period):
            found = account.search([("type", "!=", None)], order=[("id", "ASC")])
            return {str(a.id): (str(a.debit), str(a.credit), str(a.balance)) for a in found}

    return database.work(ask)
