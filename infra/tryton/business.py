"""Nine months of business, and more of it later: new documents, changes, and deletions for good."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from infra.tryton import bank, goods, plan, trade
from infra.tryton.company import FIRST, LAST, YEAR, company_of
from infra.tryton.goods import Party, Product

if TYPE_CHECKING:
    from infra.tryton.company import Company
    from infra.tryton.database import Database

TRADED = (FIRST, date(YEAR, 9, 30))  # what comes later is invoiced later, as its numbers demand
SPARE = 3  # sales that stay drafts, so that there is something to change and to delete


def trade_first(database: Database, seed: int, sales: int) -> None:
    """Let a new company trade for its first nine months.

    Args:
        database: of a company that was founded.
        seed: of all that is drawn; the same one gives the same documents.
        sales: how many; a quarter as many purchases, a fifth as many customers and products.
    """
    chance, company = Random(seed), company_of(database)
    customers = goods.parties(database, company, chance, "customer", max(4, sales // 5))
    suppliers = goods.parties(database, company, chance, "supplier", max(2, sales // 20))
    products = goods.products(database, company, chance, max(5, sales // 5))
    goods.stock_up(database, products)
    bought = plan.purchases(chance, suppliers, products, TRADED, max(1, sales // 4))
    sold = plan.sales(chance, customers, products, TRADED, sales)
    _trade(database, company, chance, bought, sold)
    drafts = plan.sales(chance, customers, products, TRADED, SPARE, first=sales + 1)
    trade.draft_sales(database, company, drafts)
    for month in range(3):
        day = FIRST + timedelta(days=30 * month + 29)
        bank.interest(database, company, day, Decimal(chance.randint(100, 9999)) / 100)


def trade_more(database: Database, seed: int, sales: int) -> None:
    """More business in a company that has traded: all that an incremental reading has to notice.

    New documents; a payment that changes rows of months ago; a party renamed, one that is no longer
    active, a price; a draft that changes; and deletions for good, of a draft with its lines (of
    which Tryton's log names the sale only), a line of another draft, and a party.
    """
    chance, company = Random(seed), company_of(database)
    customers, suppliers, products = database.work(lambda: _known(database))
    customers += goods.parties(database, company, chance, "customer", 1)
    count = database.work(lambda: len(database.model("sale.sale").search([])))
    later = database.work(lambda: _last_day(database)), LAST
    bought = plan.purchases(chance, suppliers, products, later, max(1, sales // 4), first=count + 1)
    sold = plan.sales(chance, customers, products, later, sales, first=count + 1)
    _trade(database, company, chance, bought, sold)
    spare = plan.sales(chance, customers, products, later, SPARE, first=count + sales + 1)
    trade.draft_sales(database, company, spare)
    open_ = database.work(lambda: _unpaid(database))
    bank.pay_cash(database, company, open_[:1])
    database.work(lambda: _change(database, customers))
    database.work(lambda: _delete(database))


def _trade(
    database: Database,
    company: Company,
    chance: Random,
    bought: list[plan.Order],
    sold: list[plan.Order],
) -> None:
    """Buy and sell; of the invoices, most are paid by bank, some in cash, and some stay open."""
    bills = trade.buy(database, company, bought)
    invoices = trade.sell(database, trade.draft_sales(database, company, sold))
    euros = database.work(lambda: _in_euros(database, invoices))
    foreign = [id_ for id_ in invoices if id_ not in euros]
    by_bank = euros[: len(euros) * 2 // 3] + bills[: len(bills) // 2]
    bank.pay_by_bank(database, company, chance, by_bank)
    bank.pay_cash(database, company, [*euros[len(euros) * 2 // 3 :][:1], *foreign[:1]])
    for invoice in foreign[-1:]:
        trade.credit(database, invoice)


def _last_day(database: Database) -> date:
    """The last day that an invoice is of: numbers of invoices follow their days."""
    dated = [("invoice_date", "!=", None)]
    last = database.model("account.invoice").search(
        dated, order=[("invoice_date", "DESC")], limit=1
    )
    return last[0].invoice_date if last else FIRST


def _in_euros(database: Database, invoices: list[int]) -> list[int]:
    found = database.model("account.invoice").browse(invoices)
    return [invoice.id for invoice in found if invoice.currency.code == "EUR"]


def _unpaid(database: Database) -> list[int]:
    wanted = [("state", "=", "posted"), ("type", "=", "out"), ("total_amount_cache", ">", 0)]
    found = database.model("account.invoice").search(wanted, order=[("id", "ASC")])
    return [invoice.id for invoice in found]


def _known(database: Database) -> tuple[list[Party], list[Party], list[Product]]:
    """Customers, suppliers and products that were made before."""
    find = database.model
    found = {
        kind: [
            Party(party.id, party.addresses[0].id)
            for party in find("party.party").search(
                [("name", "like", f"{kind}%")], order=[("id", "ASC")]
            )
        ]
        for kind in ("Customer", "Supplier")
    }
    products = [
        Product(
            product.id,
            product.default_uom.id,
            product.default_uom.name,
            product.list_price_used,
            product.account_category.customer_taxes[0].id,
        )
        for product in find("product.product").search([], order=[("id", "ASC")])
    ]
    return found["Customer"], found["Supplier"], products


def _drafts(database: Database) -> list[Any]:
    wanted = [("state", "=", "draft")]
    return list(database.model("sale.sale").search(wanted, order=[("id", "ASC")]))


def _change(database: Database, customers: list[Party]) -> None:
    find = database.model
    party = find("party.party")
    first, second, *_ = party.browse([customer.id for customer in customers])
    party.write([first], {"name": f"{first.name}, renamed"}, [second], {"active": False})
    [template] = find("product.template").search([], order=[("id", "ASC")], limit=1)
    find("product.template").write([template], {"list_price": template.list_price + 1})
    draft = _drafts(database)[0]
    draft.comment = "Changed later"
    draft.lines[0].quantity += 1
    draft.lines = draft.lines
    draft.save()


def _delete(database: Database) -> None:
    find = database.model
    _, second, third, *_ = _drafts(database)
    find("sale.sale").delete([second])
    find("sale.line").delete([third.lines[0]])
    passing = find("party.party").create([{"name": "Passing by (made up)"}])
    find("party.party").delete(passing)
