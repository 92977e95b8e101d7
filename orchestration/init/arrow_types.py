"""Types of Arrow's columns, which is what Parquet says of itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from orchestration.init import numbers, words
from orchestration.init.digits import digits_of
from orchestration.init.property import Property, Type
from orchestration.init.types import LONGEST, MOST_PLACES, NO_ZONE, ROOM

if TYPE_CHECKING:
    from collections.abc import Sequence


def property_of(name: str, type_: pa.DataType, values: Sequence[Any]) -> Property | None:
    """The property of an Arrow column, named only; None where no type of a contract holds it."""
    if pa.types.is_struct(type_):
        inner = [property_of(field.name, field.type, []) for field in type_]
        fields = tuple(replace(field, confidence=None) for field in inner if field is not None)
        whole = len(fields) == len(inner)
        return Property(name, name, Type("object"), 1.0, fields=fields) if whole else None
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        items = property_of("item", type_.value_type, [])
        return Property(name, name, Type("array"), 1.0, items=items) if items else None
    found = _scalar(name, type_, [value for value in values if value is not None])
    return Property(name, name, found, 1.0) if found else None


def _scalar(name: str, type_: pa.DataType, said: list[Any]) -> Type | None:
    is_ = pa.types
    if is_.is_dictionary(type_):
        return _scalar(name, type_.value_type, said)
    if is_.is_decimal(type_) and type_.precision <= LONGEST and type_.scale >= 0:
        return Type("number", f"decimal({type_.precision},{type_.scale})")
    if is_.is_floating(type_):
        return _float(name, said)
    if is_.is_uint64(type_):
        return Type("number", "decimal(20,0)", remarks=("unsigned, of 64 bits",))
    if is_.is_timestamp(type_):
        return Type("timestamp", doubts=() if type_.tz else (NO_ZONE,))
    if (is_.is_binary(type_) or is_.is_large_binary(type_)) and said and all(map(_is_utf8, said)):
        return Type(remarks=("bytes that are UTF-8",))
    kinds = (
        (is_.is_boolean, "boolean"), (is_.is_integer, "integer"), (is_.is_date, "date"),
        (is_.is_time, "time"), (is_.is_string, "string"), (is_.is_large_string, "string"),
        (is_.is_string_view, "string"), (is_.is_null, "string"),
    )  # fmt: skip
    return next((Type(kind) for test, kind in kinds if test(type_)), None)


def _is_utf8(value: bytes) -> bool:
    try:
        return bool(value.decode()) or not value
    except UnicodeDecodeError:
        return False


def _float(name: str, said: list[Any]) -> Type:
    """Money in binary floats is a decimal: 15 of their digits count, as the gate has it."""
    if not words.is_money(name) or not said or any(value != value for value in said):
        return Type("number")
    places = max(digits_of({f"{v:.15g}": 1 for v in said}, numbers.MARKS[0]).after, ROOM)
    if places > MOST_PLACES or max(map(abs, said)) >= 1e9:
        return Type("number")
    return Type("number", f"decimal(18,{places})", remarks=("money by its name",))
