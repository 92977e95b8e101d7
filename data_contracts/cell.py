"""One value of a source as SQL: what it is in the lake, and whether it can be read without loss.

No expression raises, whatever the source holds: values and predicate are worked out side by side,
so a value is worked out of what cannot be read too, and is then of no use.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """How one column of the lake is read from one column of the source."""

    value: str  # of the lake's type, null where missing
    missing: str  # boolean, never null: the source gives no value
    readable: str  # boolean: reads as the type with every digit; null is false
    shown: str  # text of the source's value, for reasons
    repeated: str | None = None  # boolean: a local time that its zone's clocks show twice
    more: str | None = None  # boolean: nested fields that the contract does not name
    within: str | None = None  # text of why a nested value cannot be read
    shared: tuple[str, ...] = ()  # parts of the others, worth working out once; inner ones first


def case(*branches: tuple[str, str], otherwise: str = "null") -> str:
    """SQL of the first branch whose condition holds; the later ones are not worked out."""
    whens = " ".join(f"when {condition} then {then}" for condition, then in branches)
    return f"case {whens} else {otherwise} end" if branches else otherwise


def written(source: str) -> str:
    """SQL of any typed value as text; some times have none, and would raise."""
    return case((f"{source} is not null", f"coalesce(try({source}::varchar), 'out of range')"))


def absent(type_: str) -> Cell:
    """The cell of a column that the source does not have."""
    return Cell(f"null::{type_}", "true", "true", "null::varchar")


def unreadable(type_: str, source: str) -> Cell:
    """The cell of a source's column whose values are never of the lake's type."""
    return Cell(f"null::{type_}", f"{source} is null", "false", written(source))
