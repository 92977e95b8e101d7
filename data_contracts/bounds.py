"""What a contract says of values, as SQL of the column's own type.

A bound is brought to the column's type here, so that no cast can fail or round while rows are read:
a minimum of 0.005 is one of 0.01 for a column with two decimals.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from data_contracts.errors import ContractError
from data_contracts.moments import clock
from data_contracts.times import Pattern, zone
from data_contracts.types import decimal_of, literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data_contracts.contract import Column

PRECISE = Context(prec=500)
DIGITS_OF_BIGINT = 18  # that every BIGINT has, and one more that some have
TYPED = ("integer", "number", "boolean", "date", "timestamp", "time")


class BoundError(ContractError, ValueError):
    """A contract's bound is no value of its column's type."""


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
        least = f"'{float(_number(column, said))!r}'::double"
        # An engine puts NaN above everything; it is within no bounds.
        return f"{value} {operator} {least}" + f" and not isnan({value})" * (operator[0] == ">")
    if column.type == "BIGINT" or column.type.startswith("DECIMAL"):
        return _compared(column, value, operator, _number(column, said))
    if column.logical_type == "time":
        value = clock(column, value)
    return f"{value} {operator} {_literal(column, said)}"


def among(column: Column, value: str, words: Iterable[str]) -> str:
    """SQL: the value is one of the words; those that are no value of the type stand for none."""
    if column.logical_type not in TYPED or column.logical_type == "time":
        return f"{value}::varchar in ({', '.join(map(literal, words))})"
    listed = []
    for word in words:
        with suppress(BoundError):
            listed.append(_literal(column, word))
    return f"{value} in ({', '.join(listed)})" if listed else "false"


def multiple(column: Column, value: str, said: Any) -> str:
    """SQL: the value is a whole multiple of a number.

    Raises:
        BoundError: what is said is no number above 0.
    """
    step = _number(column, said)
    if not (step.is_finite() and step > 0):
        raise BoundError(f"multipleOf {said!r} is no number above 0")
    places = max(_places(column), -_exponent(step))
    if column.type == "DOUBLE":
        # As of every binary float, 15 digits count.
        value, places = f"printf('%.15g', {value})", max(18, places)
    type_ = f"decimal(38,{min(places, 38)})"
    return f"try_cast({value} as {type_}) % '{step:f}'::{type_} = 0"


def _compared(column: Column, value: str, operator: str, limit: Decimal) -> str:
    """SQL of a comparison with the last number of the column's scale that the limit leaves."""
    digits, places = decimal_of(column.type) or (DIGITS_OF_BIGINT + 1, 0)
    beyond = 2**63 if column.type == "BIGINT" else Decimal(10) ** (digits - places)
    if abs(limit) >= beyond:
        return "true" if (limit > 0) == (operator[0] == "<") else "false"
    up = operator in (">=", "<")
    step = Decimal(1).scaleb(-places)
    limit = limit.quantize(step, ROUND_CEILING if up else ROUND_FLOOR, PRECISE)
    if abs(limit) >= beyond:  # rounded past the last number of the type
        return "true" if operator in ("<", ">") else "false"
    return f"{value} {operator} '{limit:f}'::{column.type}"


def _literal(column: Column, said: Any) -> str:
    """SQL of a value that is said in a contract, of the column's type."""
    text = str(said)
    if column.logical_type == "boolean" and text.lower() in ("true", "false"):
        return text.lower()
    if column.type == "DOUBLE":
        return f"'{float(_number(column, said))!r}'::double"
    if column.logical_type in ("integer", "number"):
        number = _number(column, said)
        if -_exponent(number.normalize(PRECISE)) <= _places(column):
            return f"'{number:f}'::{column.type}"
    elif column.logical_type in TYPED:
        with suppress(ValueError, OverflowError):
            return _moment(column, text)
    raise BoundError(f"{said!r} is no {column.logical_type} that the column can hold")


def _moment(column: Column, text: str) -> str:
    try:
        day = "1970-01-01T" if column.logical_type == "time" else ""
        read = datetime.fromisoformat(day + text)
    except ValueError:
        if not (form := column.options.get("format")):
            raise
        read = datetime.strptime(text, Pattern(form).strptime.replace("%g", "%f"))
    if column.logical_type == "time":
        return f"time '{read.time().isoformat()}'"
    if column.logical_type == "date":
        return f"date '{read.date().isoformat()}'"
    if read.tzinfo is None:
        read = read.replace(tzinfo=zone(column.options.get("defaultTimezone") or "UTC"))
    moment = read.astimezone(UTC).replace(tzinfo=None)
    return f"timestamptz '{moment.isoformat(sep=' ')}+00'"


def _number(column: Column, said: Any) -> Decimal:
    try:
        number = Decimal(str(said).strip())
    except InvalidOperation:
        number = Decimal("nan")
    if number.is_nan():
        raise BoundError(f"{said!r} is no {column.logical_type}")
    return number


def _places(column: Column) -> int:
    return (decimal_of(column.type) or (0, 0))[1]


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
