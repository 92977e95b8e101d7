"""How long rows are kept: the standard's service level `retention`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data_contracts.contract import Column
    from data_contracts.document import Document
    from data_contracts.standard import Path_

UNITS = {
    "h": "hour", "hour": "hour", "hours": "hour",
    "d": "day", "day": "day", "days": "day",
    "w": "week", "week": "week", "weeks": "week",
    "m": "month", "month": "month", "months": "month",
    "y": "year", "yr": "year", "year": "year", "years": "year",
}  # fmt: skip
LONGEST, MOST = {"year": 9_999}, 999_999  # of a year, and of other units: DuckDB reckons that far
TIMES = ("date", "timestamp")


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a row is kept.

    Attributes:
        value: of `unit`.
        unit: hour, day, week, month or year.
        column: the date or time that a row's age counts from; None is when it was loaded.
    """

    value: int
    unit: str
    column: str | None = None

    @property
    def interval(self) -> str:
        """As SQL writes it."""
        return f"interval {self.value} {self.unit}"

    def __str__(self) -> str:
        """In words."""
        return f"{self.value} {self.unit}{'s' if self.value != 1 else ''}"


def retention_of(document: Document, schema: str, columns: Sequence[Column]) -> Retention | None:
    """The retention of a schema object: its own, else that of the whole contract.

    Raises:
        ContractError: it cannot be understood, or names no date or time of the schema object.
    """
    of_all: Retention | None = None
    for at, level in enumerate(document.data.get("slaProperties") or []):
        if level.get("property") != "retention":
            continue
        where: Path_ = ("slaProperties", at)
        found = _length(document, where, level)
        named, _, column = str(level.get("element") or "").rpartition(".")
        if not column:
            of_all = found
        elif named in ("", schema):
            types = {one.name: one.logical_type for one in columns}
            if types.get(column) not in TIMES:
                said = f"{column} is no date or timestamp of {schema}, so no age of a row"
                raise document.fault((*where, "element"), said)
            return Retention(found.value, found.unit, column)
    return of_all


def _length(document: Document, where: Path_, level: dict[str, object]) -> Retention:
    written, unit = str(level.get("value")), str(level.get("unit") or "").lower()
    if unit not in UNITS:
        said = f"its unit is {unit or 'missing'}; write h, d, w, m (months) or y"
        raise document.fault((*where, "unit"), said)
    if found := length(written, unit):
        return found
    most = LONGEST.get(UNITS[unit], MOST)
    raise document.fault((*where, "value"), f"{written!r} is no whole number from 1 to {most:,}")


def length(written: str, unit: str) -> Retention | None:
    """A length of time in a unit; None where it is none, or longer than time itself."""
    named = UNITS.get(unit.lower())
    if named is None or not re.fullmatch("[0-9]{1,6}", written):
        return None
    return Retention(int(written), named) if 0 < int(written) <= LONGEST.get(named, MOST) else None
