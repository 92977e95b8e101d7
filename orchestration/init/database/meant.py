"""What a column of a database is in a contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Meant:
    """A type of the contract, and what to know about the choice.

    Attributes:
        options: of the logical type.
        enum: the values that the database allows.
        remark: said beside the property.
        nulls: texts that stand for null.
    """

    logical: str
    physical: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    enum: tuple[str, ...] = ()
    remark: str | None = None
    nulls: tuple[str, ...] = ()


BYTES = Meant("string", remark="bytes, read as hex")
LOCAL = "a time without a zone, read as UTC; logicalTypeOptions: {defaultTimezone: ...} names one"
LEAST_SCALE = 4  # of a decimal whose digits the database does not limit
MOST_DIGITS = 38


def decimal(precision: int, scale: int) -> Meant:
    """A decimal of so many digits; a text where the lake has none so wide."""
    if precision > MOST_DIGITS or scale > precision:
        return Meant("string", remark=f"numeric({precision},{scale}) has more digits than 38")
    return Meant("number", f"decimal({precision},{scale})")


def decimal_by_values(whole: int, scale: int) -> Meant:
    """A decimal that holds the digits that are there, with room for more.

    Args:
        whole: most digits before the point.
        scale: and after it.
    """
    scale = max(scale, LEAST_SCALE)
    if whole + scale > MOST_DIGITS:
        return Meant("string", remark=f"holds numbers of {whole} and {scale} digits, as text")
    precision = 18 if whole + scale <= 16 else MOST_DIGITS
    remark = f"the database names no scale; {scale} digits hold all that is there"
    return Meant("number", f"decimal({precision},{scale})", remark=remark)
