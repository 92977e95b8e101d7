"""What a contract says of values, as SQL of the column's own type.

A bound is brought to the column's type here, so that no cast can fail or round while rows are read:
a minimum of 0.005 is one of 0.01 for a column with two decimals.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from data_contracts.literals import (
    PRECISE,
    TYPED,
    BoundError,
    beyond,
    exponent,
    literal_of,
    number_of,
    places,
)
from data_contracts.moments import clock
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data_contracts.contract import Column


def bound(column: Column, value: str, operator: str, said: Any) -> str:
    """SQL of `value`, compared with a bound as a contract says it.

    Args:
        column: whose value it is.
        value: SQL of it, of the column's type.
        operator: ``>=``, ``<=``, ``>`` or ``<``.
        said: the bound, a number or a text.

    Raises:
        BoundError: what is said is no value of the column's type.
    """
    if column.type == "DOUBLE":
        least = f"'{float(number_of(column, said))!r}'::double"
        # An engine puts NaN above everything; it is within no bounds.
        return f"{value} {operator} {least}" + f" and not isnan({value})" * (operator[0] == ">")
    if column.type == "BIGINT" or column.type.startswith("DECIMAL"):
        return _compared(column, value, operator, number_of(column, said))
    if column.logical_type == "time":
        value = clock(column, value)
    return f"{value} {operator} {literal_of(column, said)}"


def among(column: Column, value: str, words: Iterable[str]) -> str:
    """SQL: the value is one of the words; those that are no value of the type stand for none."""
    if column.logical_type not in TYPED or column.logical_type == "time":
        return f"{value}::varchar in ({', '.join(map(literal, words))})"
    listed = []
    for word in words:
        with suppress(BoundError):
            listed.append(literal_of(column, word))
    return f"{value} in ({', '.join(listed)})" if listed else "false"


def multiple(column: Column, value: str, said: Any) -> str:
    """SQL: the value is a whole multiple of a number.

    Raises:
        BoundError: what is said is no number above 0.
    """
    step = number_of(column, said)
    if not (step.is_finite() and step > 0):
        raise BoundError(f"multipleOf {said!r} is no number above 0")
    digits = max(places(column), exponent(step))
    if column.type == "DOUBLE":
        # As of every binary float, 15 digits count.
        value, digits = f"printf('%.15g', {value})", max(18, digits)
    type_ = f"decimal(38,{min(digits, 38)})"
    return f"try_cast({value} as {type_}) % try_cast('{step:f}' as {type_}) = 0"


def _compared(column: Column, value: str, operator: str, limit: Decimal) -> str:
    """SQL of a comparison with the last number of the column's scale that the limit leaves."""
    if abs(limit) >= beyond(column):
        return "true" if (limit > 0) == (operator[0] == "<") else "false"
    rounding = ROUND_CEILING if operator in (">=", "<") else ROUND_FLOOR
    limit = limit.quantize(Decimal(1).scaleb(-places(column)), rounding, PRECISE)
    if abs(limit) >= beyond(column):  # rounded past the last number of the type
        return "true" if operator in ("<", ">") else "false"
    return f"{value} {operator} '{limit:f}'::{column.type}"
