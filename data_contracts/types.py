"""From a property's logical type to the type of its column in the lake."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data_contracts.errors import ContractError

if TYPE_CHECKING:
    from data_contracts.contract import Column

DECIMAL = re.compile(
    r"(?:decimal|numeric|number)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", re.IGNORECASE
)

SCALARS = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "time": "VARCHAR",  # DuckLake stores no TIME that every engine reads
    "boolean": "BOOLEAN",
    "object": "JSON",
    "array": "JSON",
}


def decimal_of(physical_type: str | None) -> tuple[int, int] | None:
    """Precision and scale that a physical type such as ``decimal(18,2)`` names, else None."""
    found = DECIMAL.fullmatch((physical_type or "").strip())
    if not found:
        return None
    precision, scale = int(found[1]), int(found[2] or 0)
    if not (1 <= precision <= 38 and scale <= precision):
        raise ContractError(
            f"{physical_type} is no decimal: the precision is 1 to 38, the scale at most as much"
        )
    return precision, scale


def lake_type(
    logical_type: str,
    physical_type: str | None = None,
    fields: tuple[Column, ...] = (),
    items: Column | None = None,
) -> str:
    """The DuckDB type of a column.

    Raises:
        ContractError: the logical type is none of the standard's.
    """
    if logical_type == "number" and (decimal := decimal_of(physical_type)):
        return "DECIMAL({},{})".format(*decimal)
    if logical_type == "object" and fields:
        return "STRUCT({})".format(", ".join(f"{quoted(f.name)} {f.type}" for f in fields))
    if logical_type == "array" and items:
        return f"{items.type}[]"
    if logical_type not in SCALARS:
        raise ContractError(
            f"logicalType {logical_type!r} is unknown; one of {', '.join(SCALARS)} is meant"
        )
    return SCALARS[logical_type]


def quoted(name: str) -> str:
    """An identifier as SQL writes it."""
    return '"{}"'.format(name.replace('"', '""'))


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'{}'".format(text.replace("'", "''"))
