"""What is said of one column in a first contract, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """A type of the contract, and what to know about the choice."""

    logical: str = "string"
    physical: str | None = None
    format: str | None = None
    remarks: tuple[str, ...] = ()  # said beside the property
    doubts: tuple[str, ...] = ()  # a person should look at these
    either: tuple[str, ...] = ()  # formats between which no value decides
    nulls: frozenset[str] = frozenset()  # texts that mean null, beside the empty one

    @property
    def is_decimal(self) -> bool:
        """Whether it is a number with a fixed number of digits."""
        return self.logical == "number" and self.physical is not None


@dataclass(frozen=True, slots=True)
class Property:
    """One column of a first contract."""

    name: str
    source: str
    type: Type
    confidence: float | None = None  # 0 to 1, of the type
    required: bool = False
    key: int | None = None  # position in the primary key
    enum: tuple[str, ...] = ()
    personal: str | None = None  # what personal data it seems to hold
    remarks: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()  # never of personal data
    totals: tuple[str, ...] = ()  # words of a row that is the total of others, and no row
    fields: tuple[Property, ...] = ()  # of an object
    items: Property | None = None  # of an array
    missing: int = 0  # of the sampled rows
    distinct: int = 0


def confidence(agreeing: int, rows: int) -> float:
    """Laplace's rule of succession: how likely the next row agrees too, 0.5 where none was seen."""
    return (agreeing + 1) / (rows + 2)
