"""Limits of one query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import QueryRefusedError

if TYPE_CHECKING:
    from catalog.settings import Settings

POWERS = "BKMGT"
COLUMNS = 5_000  # to number, cut or write 40,000 takes DuckDB seconds in which nothing can stop it


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take.

    Attributes:
        seconds: of DuckDB's work; the time that a reader takes over the rows does not count.
        rows: that it may return.
        memory: as the setting writes it, ``4GB``.
    """

    seconds: float
    rows: int
    memory: str

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the settings name."""
        return cls(settings.query_seconds, settings.query_rows, settings.memory)

    @property
    def memory_bytes(self) -> int:
        """The memory as a number."""
        size = self.memory.upper()
        number, power = re.findall(rf"[\d.]+|[{POWERS}]", size)[:2]
        return int(float(number) * (1024 if "I" in size else 1000) ** POWERS.index(power))

    def check_rows(self, rows: int) -> None:
        """Refuse a result that has grown past its limit."""
        if rows > self.rows:
            raise QueryRefusedError(
                f"the query returns more than {self.rows:,} rows (LAKEHOUSE_QUERY_ROWS); "
                "add a limit or aggregate"
            )

    def check_columns(self, columns: int) -> None:
        """Refuse a result that is too wide."""
        if columns > COLUMNS:
            raise QueryRefusedError(
                f"the query returns {columns:,} columns, more than {COLUMNS:,}; name those you need"
            )

    @property
    def too_long(self) -> str:
        """What is said of a query that took too much time."""
        return f"the query took longer than {self.seconds:g} s (LAKEHOUSE_QUERY_SECONDS)"

    @property
    def too_large(self) -> str:
        """What is said of a query that took too much memory."""
        return (
            f"the query needs more memory than {self.memory} (LAKEHOUSE_MEMORY); "
            "filter or aggregate earlier"
        )
