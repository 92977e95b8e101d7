"""What is to be bought and sold: drawn beforehand, so that a seed always gives the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from infra.tryton.company import CURRENCIES

if TYPE_CHECKING:
    from random import Random

    from infra.tryton.goods import Party, Product

FOREIGN = ("USD", "JPY", "KWD")  # every third sale, in turn: 2, 0 and 3 digits


Span = tuple[date, date]  # first and last day


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order."""

    product: Product
    quantity: float
    price: Decimal  # a unit, in the order's currency


@dataclass(frozen=True, slots=True)
class Order:
    """A sale or a purchase."""

    party: Party
    day: date
    currency: str
    reference: str
    lines: tuple[Line, ...]


def purchases(
    chance: Random,
    suppliers: list[Party],
    products: list[Product],
    span: Span,
    count: int,
    first: int = 1,
) -> list[Order]:
    """Purchases in EUR, in the order of their days; `first` is the number of the first."""
    goods = [product for product in products if not product.is_service]
    return [
        Order(
            chance.choice(suppliers),
            day,
            "EUR",
            f"PO-{number:06d}",
            tuple(_line(chance, p, p.price / 2) for p in _some(chance, goods)),
        )
        for number, day in enumerate(_days(chance, span, count), first)
    ]


def sales(
    chance: Random,
    customers: list[Party],
    products: list[Product],
    span: Span,
    count: int,
    first: int = 1,
) -> list[Order]:
    """Sales, every third in a foreign currency; `first` is the number of the first."""
    orders = []
    for number, day in enumerate(_days(chance, span, count), first):
        currency = FOREIGN[number // 3 % len(FOREIGN)] if number % 3 == 0 else "EUR"
        rate = Decimal(CURRENCIES[currency][2])
        chosen = _some(chance, products)
        lines = tuple(_line(chance, p, p.price * rate) for p in chosen)
        orders.append(Order(chance.choice(customers), day, currency, f"WEB-{number:06d}", lines))
    return orders


def _days(chance: Random, span: Span, count: int) -> list[date]:
    first, last = span
    length = (last - first).days
    return sorted(first + timedelta(days=chance.randint(0, length)) for _ in range(count))


def _some(chance: Random, products: list[Product]) -> list[Product]:
    return chance.sample(products, min(len(products), chance.randint(1, 4)))


def _line(chance: Random, product: Product, price: Decimal) -> Line:
    whole = chance.randint(1, 20)
    quantity = whole + chance.choice((0, 0.25, 0.1)) if product.unit_name != "Unit" else whole
    return Line(product, float(quantity), price.quantize(Decimal("0.0001")))
