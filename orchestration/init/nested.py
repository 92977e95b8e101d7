"""Types of values that are typed already: those of JSON, and those of Arrow."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from orchestration.init import dates, names, numbers, words
from orchestration.init.personal import personal
from orchestration.init.property import Property, Type, confidence
from orchestration.init.types import LONGEST, MOST_PLACES, ROOM

if TYPE_CHECKING:
    from collections.abc import Sequence

DEEPEST = 6  # levels that are named; what is below stays JSON
STEADY_FROM = 1000  # objects that show which keys there are, where not all were seen
KINDS = {bool: "boolean", int: "integer", Decimal: "number", float: "number", str: "string",
         dict: "object", list: "array"}  # fmt: skip
UNSTEADY = Type("object", remarks=("kept whole as JSON: its keys differ from row to row",))


def of_json(name: str, values: Sequence[Any], *, complete: bool, depth: int = 0) -> Property | None:
    """The property of JSON values, without its source; None where no type of a contract holds them."""
    said = [value for value in values if value is not None]
    kinds = {KINDS[type(value)] for value in said}
    sure = confidence(len(said), len(said))
    if kinds == {"object"}:
        fields = _fields(said, complete=complete, depth=depth)
        type_ = Type("object") if fields else UNSTEADY
        return Property(name, name, type_, sure, fields=fields)
    if kinds == {"array"}:
        items = _items(said, complete=complete, depth=depth)
        return Property(name, name, Type("array"), sure, items=items)
    type_ = _scalar(name, said, kinds, complete=complete, depth=depth)
    return type_ and Property(name, name, type_, sure)


def of_arrow(name: str, type_: pa.DataType, values: Sequence[Any]) -> Property | None:
    """The property of an Arrow column, without its source; None where no type of a contract holds it."""
    if pa.types.is_struct(type_):
        inner = [of_arrow(field.name, field.type, []) for field in type_]
        fields = tuple(field for field in inner if field is not None)
        whole = len(fields) == len(inner)
        return Property(name, name, Type("object"), 1.0, fields=fields) if whole else None
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        items = of_arrow("item", type_.value_type, [])
        return items and Property(name, name, Type("array"), 1.0, items=items)
    found = _arrow_scalar(name, type_, [value for value in values if value is not None])
    return found and Property(name, name, found, 1.0)


def _fields(said: list[dict[str, Any]], *, complete: bool, depth: int) -> tuple[Property, ...]:
    """The fields of objects that all have the same keys, else none."""
    keys = said[0].keys()
    steady = complete or len(said) >= STEADY_FROM
    if not keys or not steady or depth >= DEEPEST or any(item.keys() != keys for item in said):
        return ()
    found = []
    for key, name in zip(keys, names.columns(keys), strict=True):
        values = [item[key] for item in said]
        inner = of_json(name, values, complete=complete, depth=depth + 1)
        if inner is None:
            return ()
        found.append(_named(inner, key, values))
    return tuple(found)


def _named(inner: Property, source: str, values: list[Any]) -> Property:
    texts = Counter(value for value in values if isinstance(value, str))
    found = personal(inner.name, texts) if inner.type.logical not in ("object", "array") else None
    return replace(inner, source=source, confidence=None, personal=found and found[0])


def _items(said: list[list[Any]], *, complete: bool, depth: int) -> Property | None:
    inner = [value for items in said for value in items]
    if not inner or depth >= DEEPEST or not (complete or len(inner) >= STEADY_FROM):
        return None
    found = of_json("item", inner, complete=complete, depth=depth + 1)
    is_plain = found is not None and found.type.logical != "object"
    return found if found is not None and (is_plain or found.fields) else None


def _scalar(
    name: str, said: list[Any], kinds: set[str], *, complete: bool, depth: int
) -> Type | None:
    if kinds == {"string"}:
        moments = dates.moments_of(Counter(said)) if not depth and "" not in said else None
        if moments and not moments.doubtful and moments.logical_type != "time":
            return Type(moments.logical_type, format=moments.format)
        return Type()
    if kinds == {"boolean"}:
        return Type("boolean")
    if kinds <= {"integer", "number"} and kinds:
        return _json_number(name, said, complete=complete)
    if kinds and kinds <= {"string", "integer", "boolean"}:
        return Type(remarks=(f"values are {' and '.join(sorted(kinds))}",))
    return None


def _json_number(name: str, said: list[Any], *, complete: bool) -> Type | None:
    texts = Counter(str(value) for value in said)
    digits = numbers.digits_of(texts, numbers.MARKS[0])
    places = max(2 if complete else ROOM, digits.after)
    if words.is_money(name) and digits.after <= MOST_PLACES and digits.before + places <= 18:
        return Type("number", f"decimal(18,{places})", remarks=("money by its name",))
    if digits.whole:
        return Type("integer")
    return Type("number") if digits.exact else None


def _arrow_scalar(name: str, type_: pa.DataType, said: list[Any]) -> Type | None:
    is_ = pa.types
    if is_.is_dictionary(type_):
        return _arrow_scalar(name, type_.value_type, said)
    if is_.is_decimal(type_) and type_.precision <= LONGEST and 0 <= type_.scale:
        return Type("number", f"decimal({type_.precision},{type_.scale})")
    if is_.is_floating(type_):
        return _float(name, said)
    if is_.is_uint64(type_):
        return Type("number", "decimal(20,0)", remarks=("unsigned, of 64 bits",))
    if is_.is_timestamp(type_):
        doubt = "has no time zone and is read as UTC; name another as defaultTimezone"
        return Type("timestamp", doubts=() if type_.tz else (doubt,))
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
    places = max(numbers.digits_of({f"{v:.15g}": 1 for v in said}, numbers.MARKS[0]).after, ROOM)
    if places > MOST_PLACES or max(map(abs, said)) >= 1e9:
        return Type("number")
    return Type("number", f"decimal(18,{places})", remarks=("money by its name",))
