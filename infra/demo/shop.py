"""A tea shop that does not exist, and its orders in one month; the same ones each time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

NAME = "Fern & Kettle"
ZONE = ZoneInfo("Europe/Berlin")
FIRST_DAY = datetime(2026, 3, 1, tzinfo=ZONE)
DAYS = 31
OPENS, OPEN_MINUTES = 9, 11 * 60  # hour of the day, minutes from then on
SEED = 20260301
TEAS = {
    "Assam": Decimal("6.90"),
    "Darjeeling first flush": Decimal("14.50"),
    "Earl Grey": Decimal("7.80"),
    "Genmaicha": Decimal("9.20"),
    "Peppermint": Decimal("4.40"),
    "Rooibos vanilla": Decimal("5.60"),
}
WEIGHTS = (20, 8, 24, 10, 22, 16)
COUNTRIES = ("DE", "DE", "DE", "DE", "AT", "CH")
PAID_BY_CARD = 0.8


@dataclass(frozen=True, slots=True)
class Order:
    """One order, as the shop knows it."""

    id: str
    at: datetime
    article: str
    packs: int
    pack_price: Decimal
    country: str

    @property
    def total(self) -> Decimal:
        """What is to be paid, EUR."""
        return self.packs * self.pack_price


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment by card."""

    id: int
    order_id: str | None
    at: datetime
    amount: Decimal


def orders() -> dict[int, list[Order]]:
    """The month's orders by day, each day in the order of their times."""
    chance, number = random.Random(SEED), 0
    month: dict[int, list[Order]] = {}
    for day in range(1, DAYS + 1):
        start = FIRST_DAY.replace(day=day, hour=OPENS)
        count = 12 + 3 * (start.weekday() >= 5) + int(chance.random() * 5)
        minutes = sorted(int(chance.random() * OPEN_MINUTES) for _ in range(count))
        month[day] = []
        for minute in minutes:
            number += 1
            article = chance.choices(list(TEAS), WEIGHTS)[0]
            month[day].append(
                Order(
                    id=f"T-{number:05}",
                    at=start + timedelta(minutes=minute),
                    article=article,
                    packs=1 + int(chance.random() * chance.random() * 6),
                    pack_price=TEAS[article],
                    country=COUNTRIES[int(chance.random() * len(COUNTRIES))],
                )
            )
    return month


def payments(month: dict[int, list[Order]]) -> list[Payment]:
    """The payments by card for a month's orders, a minute after each."""
    chance = random.Random(SEED + 1)
    paid = [o for day in month.values() for o in day if chance.random() < PAID_BY_CARD]
    return [
        Payment(number, order.id, order.at.astimezone(UTC) + timedelta(minutes=1), order.total)
        for number, order in enumerate(paid, start=1)
    ]
