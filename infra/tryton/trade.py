"""Purchases and sales by Tryton's workflows: from the order by way of stock to the invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.tryton.company import Company
    from infra.tryton.database import Database
    from infra.tryton.plan import Order

AT_ONCE = 20  # documents that share a transaction, and so a time of change


def draft_sales(database: Database, company: Company, orders: Sequence[Order]) -> list[int]:
    """Enter sales, and leave them as drafts; their ids."""
    values = [_values(company, order, "sale") for order in orders]
    return [id_ for part in _parts(values) for id_ in _create(database, "sale.sale", part)]


def sell(database: Database, sales: Sequence[int]) -> list[int]:
    """Quote, confirm and ship sales, and post their invoices; the ids of those."""
    invoices = list[int]()
    for part in _parts(sales):
        _advance(database, "sale.sale", part, "quote", "confirm")

        def ship(part: Sequence[int] = part) -> None:
            model, shipments = database.model("stock.shipment.out"), []
            for sale in database.model("sale.sale").browse(part):
                for shipment in sale.shipments:
                    shipment.effective_date = sale.sale_date
                    shipments.append(shipment)
            model.save(shipments)
            for step in ("assign_force", "pick", "pack", "do"):
                getattr(model, step)(model.browse(shipments))

        database.work(ship)
        invoices += _post_invoices(database, "sale.sale", "sale_date", part)
    return invoices


def buy(database: Database, company: Company, orders: Sequence[Order]) -> list[int]:
    """Order, receive, and post the suppliers' invoices; the ids of those."""
    values = [_values(company, order, "purchase") for order in orders]
    invoices = list[int]()
    for part in _parts(values):
        made = _create(database, "purchase.purchase", part)
        _advance(database, "purchase.purchase", made, "quote", "confirm")

        def receive(made: list[int] = made) -> None:
            model, shipments = database.model("stock.shipment.in"), []
            [place] = database.model("stock.location").search([("type", "=", "warehouse")])
            for purchase in database.model("purchase.purchase").browse(made):
                moves = [("add", [move.id for move in purchase.moves])]
                day = purchase.purchase_date
                shipments.append(
                    {
                        "supplier": purchase.party.id, "planned_date": day, "effective_date": day,
                        "reference": f"DN-{purchase.reference}", "incoming_moves": moves,
                        "warehouse": place.id, "warehouse_input": place.input_location.id,
                        "warehouse_storage": place.storage_location.id,
                    }
                )  # fmt: skip
            received = model.create(shipments)
            model.receive(received)
            model.do(model.browse(received))

        database.work(receive)
        invoices += _post_invoices(database, "purchase.purchase", "purchase_date", made)
    return invoices


def credit(database: Database, invoice: int) -> None:
    """Post a credit note for an invoice, without paying it back."""

    def post() -> None:
        model = database.model("account.invoice")
        original = model(invoice)
        notes = model.credit([original], refund=False, invoice_date=original.invoice_date)
        model.post(model.browse(notes))

    database.work(post)


def _parts(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[at : at + AT_ONCE] for at in range(0, len(items), AT_ONCE))


def _create(database: Database, model: str, values: Sequence[dict[str, Any]]) -> list[int]:
    return database.work(lambda: [made.id for made in database.model(model).create(list(values))])


def _advance(database: Database, model: str, ids: Sequence[int], *buttons: str) -> None:
    """Press buttons, each in a transaction of its own, as a user does."""
    for button in buttons:
        database.work(
            lambda button=button: getattr(database.model(model), button)(  # type: ignore[misc]
                database.model(model).browse(ids)
            )
        )


def _post_invoices(database: Database, model: str, day: str, ids: Sequence[int]) -> list[int]:
    """Date the invoices of orders as the orders are, and post them; their ids."""

    def post() -> list[int]:
        invoice, found = database.model("account.invoice"), []
        for order in database.model(model).browse(ids):
            for one in order.invoices:
                one.invoice_date = getattr(order, day)
                one.reference = order.reference
                found.append(one)
        invoice.save(found)
        invoice.post(invoice.browse(found))
        return [int(one.id) for one in found]

    return database.work(post)


def _values(company: Company, order: Order, kind: str) -> dict[str, Any]:
    """A sale or purchase as Tryton's models take it."""
    lines = [
        {
            "type": "line", "product": line.product.id, "unit": line.product.unit,
            "quantity": line.quantity, "unit_price": line.price,
            "taxes": [("add", [line.product.tax])],
        }
        for line in order.lines
    ]  # fmt: skip
    values = {
        "party": order.party.id, f"{kind}_date": order.day, "reference": order.reference,
        "currency": company.currencies[order.currency], "invoice_address": order.party.address,
        "invoice_method": "order", "lines": [("create", lines)],
    }  # fmt: skip
    if kind == "sale":
        values["shipment_address"] = order.party.address
    return values
