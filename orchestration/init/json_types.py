"""Types of JSON values, nested ones with what is in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.init import dates, names, numbers, words
from orchestration.init.digits import digits_of
from orchestration.init.personal import personal
from orchestration.init.property import Property, Type, confidence
from orchestration.init.types import MOST_PLACES, NO_ZONE, ROOM

if TYPE_CHECKING:
    from collections.abc import Sequence

DEEPEST = 6  # levels that are named; what is below stays JSON
STEADY_FROM = 1000  # objects that show which keys there are, where not all were seen
KINDS = {bool: "boolean", int: "integer", Decimal: "number", float: "number", str: "string",
         dict: "object", list: "array"}  # fmt: skip
UNSTEADY = Type("object", remarks=("kept whole as JSON: its keys differ from row to row",))


def property_of(
    name: str, values: Sequence[Any], *, complete: bool, depth: int = 0
) -> Property | None:
    """The property of JSON values, named only; None where no type of a contract holds them all."""
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
    found = _scalar(name, said, kinds, complete=complete, depth=depth)
    return Property(name, name, found, sure) if found else None


def _fields(said: list[dict[str, Any]], *, complete: bool, depth: int) -> tuple[Property, ...]:
    """The fields of objects that all have the same keys, else none."""
    keys = said[0].keys()
    steady = complete or len(said) >= STEADY_FROM
    if not keys or not steady or depth >= DEEPEST or any(item.keys() != keys for item in said):
        return ()
    found = []
    for key, name in zip(keys, names.columns(keys), strict=True):
        values = [item[key] for item in said]
        inner = property_of(name, values, complete=complete, depth=depth + 1)
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
    found = property_of("item", inner, complete=complete, depth=depth + 1)
    is_plain = found is not None and found.type.logical != "object"
    return found if found is not None and (is_plain or found.fields) else None


def _scalar(
    name: str, said: list[Any], kinds: set[str], *, complete: bool, depth: int
) -> Type | None:
    if kinds == {"string"}:
        moments = dates.moments_of(Counter(said)) if not depth and "" not in said else None
        if moments and not moments.doubtful and moments.logical_type != "time":
            doubts = () if moments.logical_type == "date" or moments.zoned else (NO_ZONE,)
            return Type(moments.logical_type, format=moments.format, doubts=doubts)
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
    if not numbers.reads(texts, numbers.MARKS[0]):
        return None
    digits = digits_of(texts, numbers.MARKS[0])
    places = max(2 if complete else ROOM, digits.after)
    if words.is_money(name) and digits.after <= MOST_PLACES and digits.before + places <= 18:
        return Type("number", f"decimal(18,{places})", remarks=("money by its name",))
    if digits.whole:
        return Type("integer")
    return Type("number") if digits.exact else None
