"""Whom the company trades with, and what: parties, and products with their prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from infra.tryton.company import FIRST
from infra.tryton.settings import TAXES

if TYPE_CHECKING:
    from random import Random

    from infra.tryton.company import Company
    from infra.tryton.database import Database

CITIES = ("Köln", "Łódź", "Gent", "Zürich", "São Paulo", "O'Fallon")  # what encodings trip over
TEAS = ("Assam", "Darjeeling", "Earl Grey", "Genmaicha", "Oolong", "Peppermint", "Rooibos")
UNITS = (("Unit", "packs"), ("Kilogram", "loose"), ("Hour", "tasting"))


@dataclass(frozen=True, slots=True)
class Party:
    """A party, with what its documents take from it."""

    id: int
    address: int


@dataclass(frozen=True, slots=True)
class Product:
    """A variant, with what lines of documents take from it."""

    id: int
    unit: int
    unit_name: str
    price: Decimal  # EUR a unit
    tax: int

    @property
    def is_service(self) -> bool:
        """Whether it is never shipped."""
        return self.unit_name == "Hour"


def parties(
    database: Database, company: Company, chance: Random, kind: str, count: int
) -> list[Party]:
    """Make customers or suppliers, each with an address, an e-mail address and a payment term."""
    known = database.work(lambda: len(database.model("party.party").search([])))
    values = [
        {
            "name": f"{kind.title()} {known + number} (made up)",
            "addresses": [
                (
                    "create",
                    [
                        {
                            "street_unstructured": f"{chance.randint(1, 99)} Nowhere Road",
                            "postal_code": f"{chance.randint(1, 99999):05d}",
                            "city": chance.choice(CITIES),
                        }
                    ],
                )
            ],
            "contact_mechanisms": [
                ("create", [{"type": "email", "value": f"{kind}{known + number}@example.test"}])
            ],
            f"{kind}_payment_term": chance.choice(company.terms),
        }
        for number in range(1, count + 1)
    ]

    def make() -> list[Party]:
        made = database.model("party.party").create(values)
        return [Party(party.id, party.addresses[0].id) for party in made]

    return database.work(make)


def products(database: Database, company: Company, chance: Random, count: int) -> list[Product]:
    """Make products: packs, goods by weight and hours of service, at prices of four digits."""
    plan = [
        (
            TEAS[number % len(TEAS)],
            *UNITS[min(number % 5 // 2, 2)],
            Decimal(chance.randint(5000, 450000) * 2).scaleb(-4),
            list(TAXES)[number % 4 == 0],
        )
        for number in range(count)
    ]

    def make() -> list[Product]:
        find, made = database.model, list[Product]()
        units = {unit.name: unit.id for unit in find("product.uom").search([])}
        categories = _categories(database, company)
        for tea, unit, form, price, tax in plan:
            service = unit == "Hour"
            template = find("product.template").create(
                [
                    {
                        "name": f"{tea}, {form}", "type": "service" if service else "goods",
                        "default_uom": units[unit], "list_price": price,
                        "cost_price_method": "fixed", "account_category": categories[tax],
                        "salable": True, "sale_uom": units[unit],
                        "purchasable": not service, "purchase_uom": units[unit],
                        "products": [
                            (
                                "create",
                                [{"suffix_code": f"{len(made):05d}", "cost_price": price / 2}],
                            )
                        ],
                    }
                ]
            )[0]  # fmt: skip
            [variant] = template.products
            made.append(Product(variant.id, units[unit], unit, price, company.taxes[tax]))
        return made

    return database.work(make)


def stock_up(database: Database, products: list[Product]) -> None:
    """Count what there is on the first day of the year: 5,000 of each."""

    def count() -> None:
        find = database.model
        storage = find("stock.location").search([("code", "=", "STO")], limit=1)[0]
        lines = [{"product": p.id, "quantity": 5000.0} for p in products if not p.is_service]
        inventory = find("stock.inventory").create(
            [{"location": storage.id, "date": FIRST, "lines": [("create", lines)]}]
        )
        find("stock.inventory").confirm(inventory)

    database.work(count)


def _categories(database: Database, company: Company) -> dict[str, Any]:
    """Ids of the accounting categories by tax; they are made where they are missing."""
    model = database.model("product.category")
    made = {category.name: category.id for category in model.search([("accounting", "=", True)])}
    for tax in TAXES.keys() - made.keys():
        taxes = [("add", [company.taxes[tax]])]
        category = {
            "name": tax, "accounting": True,
            "account_expense": company.accounts["expense"],
            "account_revenue": company.accounts["revenue"],
            "customer_taxes": taxes, "supplier_taxes": taxes,
        }  # fmt: skip
        made[tax] = model.create([category])[0].id
    return made
