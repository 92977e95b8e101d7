"""Values that a contract says, as SQL of the column's own type: no cast of them can fail later."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from data_contracts.errors import ContractError
from data_contracts.times import Pattern, zone
from data_contracts.types import decimal_of

if TYPE_CHECKING:
    from data_contracts.contract import Column

PRECISE = Context(prec=500)
TYPED = ("integer", "number", "boolean", "date", "timestamp", "time")


class BoundError(ContractError, ValueError):
    """A contract's bound is no value of its column's type."""


def literal_of(column: Column, said: Any) -> str:
    """SQL of a value that is said in a contract, of the column's type.

    Raises:
        BoundError: it is no value of that type.
    """
    text = str(said)
    if column.logical_type == "boolean" and text.lower() in ("true", "false"):
        return text.lower()
    if column.type == "DOUBLE":
        return f"'{float(number_of(column, said))!r}'::double"
    if column.logical_type in ("integer", "number"):
        number = number_of(column, said)
        fits = abs(number) < beyond(column) and exponent(number) <= places(column)
        if fits:
            return f"'{number:f}'::{column.type}"
    elif column.logical_type in TYPED:
        with suppress(ValueError, OverflowError):
            return _moment(column, text)
    raise BoundError(f"{said!r} is no {column.logical_type} that the column can hold")


def number_of(column: Column, said: Any) -> Decimal:
    """A number that is said in a contract.

    Raises:
        BoundError: it is none.
    """
    try:
        number = Decimal(str(said).strip())
    except InvalidOperation:
        number = Decimal("nan")
    if number.is_nan():
        raise BoundError(f"{said!r} is no {column.logical_type}")
    return number


def beyond(column: Column) -> int:
    """The first whole number that a BIGINT or DECIMAL column does not hold."""
    digits = decimal_of(column.type)
    return 10 ** (digits[0] - digits[1]) if digits else 2**63


def places(column: Column) -> int:
    """Decimals of a BIGINT or DECIMAL column."""
    return (decimal_of(column.type) or (0, 0))[1]


def exponent(number: Decimal) -> int:
    """Decimals that a number needs; less than none where it ends in zeros."""
    found = number.normalize(PRECISE).as_tuple().exponent
    return -found if isinstance(found, int) else 0


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
