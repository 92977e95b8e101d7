"""The watermark: which rows of a table are new since it was last read.

Rows that share the last watermark are read again, since more of them may have come; the change log
knows those that it has. A row without a watermark is always read.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data_contracts.contract import Contract
    from orchestration.connectors.databases.described import SourceColumn
    from orchestration.connectors.databases.dialect import Dialect

# Times that PostgreSQL knows and Python does not: without end, or in a year of five digits.
ENDLESS = re.compile(r"(-)?infinity|\d{5,}-")
EVERY_DIGIT = "2026-01-31 00:00:00.000000"
FAR = timedelta(hours=15)  # a local time is ahead of UTC by less


def highest(dialect: Dialect, columns: Sequence[SourceColumn]) -> str:
    """The database's SQL of the highest watermark, as text."""
    named = [dialect.quoted(column.name) for column in columns]
    one = named[0] if len(named) == 1 else f"coalesce({', '.join(named)})"
    return dialect.text(f"max({one})")


def from_on(dialect: Dialect, columns: Sequence[SourceColumn], low: str) -> str:
    """The database's SQL that is true of rows at or above a watermark, and of those without one.

    Each column is compared by itself, since no index is over what `coalesce` makes of two.
    """
    first, *others = columns
    name = dialect.quoted(first.name)
    own = f"{name} >= {dialect.moment(low, first)}"
    if others:
        return f"({own} or ({name} is null and {from_on(dialect, others, low)}))"
    return f"({own} or {name} is null)" if first.nullable else own


def before(dialect: Dialect, columns: Sequence[SourceColumn], high: str) -> str:
    """The database's SQL that is true of rows below a watermark."""
    first, *others = columns
    name = dialect.quoted(first.name)
    own = f"{name} < {dialect.moment(high, first)}"
    return f"({own} or ({name} is null and {before(dialect, others, high)}))" if others else own


def lowered(mark: str, contract: Contract) -> str:
    """Where reading begins: the last watermark, less the overlap.

    Raises:
        DeliveryError: the watermark is no time.
    """
    overlap = contract.syncing.overlap
    if not overlap:
        return mark
    if not is_time(contract):
        try:
            return str(int(mark) - overlap)
        except ValueError:
            raise DeliveryError(f"its watermark {mark!r} is no whole number") from None
    moment = _moment(mark)
    if moment is None:
        raise DeliveryError(f"its watermark {mark!r} is no time, from which to take the overlap")
    return _like(mark, moment - timedelta(seconds=overlap))


def capped(mark: str | None, contract: Contract, now: datetime | None = None) -> str | None:
    """The highest watermark, where it lies in no far future: below that nothing would be read.

    A local time may be up to 15 hours from UTC either way, so it is only below the one and above
    the other that is safe. Where every time is before all time there is no watermark.
    """
    now = now or datetime.now(UTC)
    if mark and is_time(contract) and (endless := ENDLESS.match(mark)):
        return None if endless[1] else _like(EVERY_DIGIT, now.replace(tzinfo=None) - FAR)
    moment = _moment(mark) if mark and is_time(contract) else None
    if mark is None or moment is None:
        return mark
    if moment.tzinfo is None:
        now = now.replace(tzinfo=None)
    return _like(mark, now - FAR) if moment > now + FAR else mark


def is_time(contract: Contract) -> bool:
    """Whether the watermark is a time or a date."""
    types = {column.name: column.logical_type for column in contract.columns}
    return types[contract.syncing.watermark[0]] in ("timestamp", "date")


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _like(text: str, moment: datetime) -> str:
    """A moment written as `text` is: SQLite compares them letter by letter."""
    if len(text) == len("2026-01-31"):
        return date.isoformat(moment)
    digits = "microseconds" if "." in text else "seconds"
    return moment.isoformat(text[10], digits)
