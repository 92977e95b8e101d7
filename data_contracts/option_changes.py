"""Changes of what a column's values are held to: bounds, lengths, patterns, values."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from data_contracts.change import BOTH, DELIVERERS, NOBODY, Change, becomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from data_contracts.contract import Column

LOWER = {"minimum": 0, "exclusiveMinimum": 1}
UPPER = {"maximum": 1, "exclusiveMaximum": 0}
LEAST = ("minLength", "minItems", "minProperties")
MOST = ("maxLength", "maxItems", "maxProperties")
DATES = ("date", "timestamp", "time")
SHOWN = 5


def option_changes(where: str, old: Column, new: Column) -> Iterator[Change]:
    """Every change of the options and values of a column."""
    for name in sorted({*old.options, *new.options}):
        before, after = old.options.get(name), new.options.get(name)
        if name == "defaultTimezone":
            before, after = before or "UTC", after or "UTC"
        if before != after:
            broken = BOTH if name == "defaultTimezone" else NOBODY
            if not broken and _is_tighter(name, old, new):
                broken = DELIVERERS
            yield Change(where, f"{name} {becomes(before, after)}", broken)
    yield from _enum_changes(where, old, new)


def _is_tighter(name: str, old: Column, new: Column) -> bool:
    """Whether a value that kept the old option may break the new one."""
    before, after = old.options.get(name), new.options.get(name)
    if name in LOWER or name in UPPER:
        # Of a bound that takes another's place, the new one carries the change.
        return after is not None and _is_bound_tighter(name in LOWER, old.options, new.options)
    if name == "format" and new.logical_type in DATES:
        return True  # one form of dates is read, and ISO where none is named
    if after is None or after is False or name == "timezone":
        return False
    if before is None or name in ("pattern", "format"):
        return name != "format" or new.logical_type == "string"
    if name in LEAST:
        return bool(after > before)
    if name in MOST:
        return bool(after < before)
    if name == "multipleOf":
        return Decimal(str(before)) % Decimal(str(after)) != 0
    return True


def _is_bound_tighter(lower: bool, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    rank = LOWER if lower else UPPER
    strictest = max if lower else min
    old, new = (
        [(said[name], place) for name, place in rank.items() if said.get(name) is not None]
        for said in (before, after)
    )
    if not new or not old:
        return bool(new)
    try:
        bound, earlier = strictest(new), strictest(old)
        return bound > earlier if lower else bound < earlier
    except TypeError:  # a date and a number, say
        return True


def _enum_changes(where: str, old: Column, new: Column) -> Iterator[Change]:
    if not old.enum and not new.enum:
        return
    if not new.enum:
        yield Change(where, "any value is allowed now, not only those of a list")
    elif not old.enum:
        yield Change(where, f"only {_listed(new.enum)} are allowed now", DELIVERERS)
    else:
        gone = tuple(value for value in old.enum if value not in new.enum)
        added = tuple(value for value in new.enum if value not in old.enum)
        if gone:
            yield Change(where, f"{_listed(gone)} is no longer allowed", DELIVERERS)
        if added:
            yield Change(where, f"{_listed(added)} is allowed now too")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(values[:SHOWN]) + (", ..." if len(values) > SHOWN else "")
