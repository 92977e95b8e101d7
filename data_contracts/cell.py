"""One value of a source as SQL: what it is in the lake, and whether it can be read without loss.

A cell is three SQL expressions over the source's column. `value` may be null or rounded where
`readable` is false; nothing uses it there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """How one column of the lake is read from one column of the source."""

    value: str  # of the lake's type
    missing: str  # boolean, never null: the source gives no value
    readable: str  # boolean, meaningful where not missing: reads as the type, every digit kept
    shown: str  # text of the source's value, for reasons
    repeated: str | None = None  # boolean: a local time that its zone's clocks show twice


def absent(type_: str) -> Cell:
    """The cell of a column that the source does not have."""
    return Cell(f"null::{type_}", "true", "true", "null::varchar")
