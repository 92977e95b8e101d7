"""Alder Group, which does not exist: its constants, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

NOTICE = "made up: Alder Group, its customers and its figures do not exist"
FIRST_DAY = date(2025, 1, 1)
DAYS = 120
SEED = 20250101
COMPANIES = {"AW": "EUR", "AH": "CHF"}
GROUP_CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Plan:
    """A sandbox: how large, by what chance, and up to which day.

    Attributes:
        scale: 1 is about a million rows in 120 days; everything that happens grows with it.
        seed: of its chance.
        days: how many there are.
    """

    scale: float = 1.0
    seed: int = SEED
    days: int = DAYS

    @property
    def last(self) -> int:
        """Number of the last day, from 0."""
        return self.days - 1

    @property
    def last_date(self) -> date:
        """The last day."""
        return FIRST_DAY + timedelta(days=self.last)

    def variables(self) -> dict[str, int | float]:
        """What the SQL of the model asks for by `getvariable`."""
        return {
            "seed": self.seed,
            "last_day": self.last,
            "scale": self.scale,
            "clients": max(30, round(3000 * self.scale)),
            "orders": max(4.0, 125 * self.scale),
            "machines": max(3, round(40 * self.scale)),
            "quotes": max(20, round(1200 * self.scale)),
            "trades": max(5, round(200 * self.scale)),
            "cards": max(50, round(1500 * self.scale)),
            "card_payments": max(10, round(800 * self.scale)),
        }
