"""Changes of a contract's columns, nested ones by their path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.change import BOTH, DELIVERERS, NOBODY, READERS, Audience, Change, becomes
from data_contracts.option_changes import option_changes
from data_contracts.rule_changes import rule_changes
from data_contracts.rules import is_required
from data_contracts.widening import widens
from data_contracts.words import rule_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from data_contracts.contract import Column, Rule

NUMBERS = ("integer", "number")
JSON = "JSON"


def columns_changes(
    old: Sequence[Column], new: Sequence[Column], path: str = "column ", *, refuses: bool = False
) -> Iterator[Change]:
    """Every change of columns.

    Args:
        old: the columns as they were.
        new: as they are.
        path: what stands before a column's name.
        refuses: the new contract refuses files with columns that it does not name.
    """
    before = {column.name.lower(): column for column in old}
    after = {column.name.lower(): column for column in new}
    gone = [column for name, column in before.items() if name not in after]
    for column in [column for name, column in after.items() if name not in before]:
        earlier = next((c for c in gone if c.source == column.source), None)
        where = f"{path}{column.name}"
        if earlier is not None:
            gone.remove(earlier)
            yield Change(f"{path}{earlier.name}", f"is renamed to {column.name}", READERS)
            yield from _column_changes(where, earlier, column)
        elif is_required(column):
            yield Change(where, f"new and required ({column.type})", DELIVERERS)
        else:
            yield Change(where, f"new, may be missing ({column.type})")
    for column in gone:
        broken = BOTH if refuses else READERS
        yield Change(f"{path}{column.name}", f"is taken out ({column.type})", broken)
    for name in [name for name in after if name in before]:
        yield from _column_changes(f"{path}{after[name].name}", before[name], after[name])


def _column_changes(where: str, old: Column, new: Column) -> Iterator[Change]:
    if old.name.lower() == new.name.lower() and old.source != new.source:
        yield Change(where, f"was read from {old.source}, is now from {new.source}", DELIVERERS)
    yield from _type_changes(where, old, new)
    if is_required(old) != is_required(new):
        words = "is now required" if is_required(new) else "may now be missing"
        yield Change(where, words, DELIVERERS if is_required(new) else NOBODY)
    if old.unique != new.unique:
        words = "must now be unique" if new.unique else "may now be repeated"
        yield Change(where, words, DELIVERERS if new.unique else NOBODY)
    yield from option_changes(where, old, new)
    yield from rule_changes(where, _rules(old), _rules(new))
    for name in ("unit", "currency"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:  # naming what was not said before changes no meaning
            yield Change(where, f"{name} {becomes(before, after)}", READERS if before else NOBODY)
    if (old.currency_column, old.is_internal) != (new.currency_column, new.is_internal):
        words = becomes(*(_by_currency(column) for column in (old, new)))
        yield Change(where, f"currencyColumn {words}", BOTH)
    for text in set(old.null_values) ^ set(new.null_values):
        now = "now means" if text in new.null_values else "no longer means"
        yield Change(where, f"{text!r} {now} a missing value", BOTH)
    if old.classification != new.classification:
        words = becomes(old.classification, new.classification)
        yield Change(where, f"classification {words}")
    if old.description != new.description:
        yield Change(where, "description is reworded" if old.description else "is described now")


def _by_currency(column: Column) -> str | None:
    return f"{column.currency_column}, internal" if column.is_internal else column.currency_column


def _rules(column: Column) -> tuple[Rule, ...]:
    """The rules but those that only say once more that the column is required."""
    return tuple(rule for rule in column.rules if rule_in_words(rule) != "required")


def _type_changes(where: str, old: Column, new: Column) -> Iterator[Change]:
    if old.fields and new.fields:
        yield from columns_changes(old.fields, new.fields, f"{where}.")
    elif old.items and new.items:
        yield from _column_changes(f"{where}[]", old.items, new.items)
    elif old.type != new.type or old.logical_type != new.logical_type:
        before, after = _named(old), _named(new)
        if old.type == new.type:
            before, after = old.logical_type, new.logical_type
        yield Change(where, f"type was {before}, is now {after}", _broken_by_type(old, new))


def _broken_by_type(old: Column, new: Column) -> tuple[Audience, ...]:
    readers = not widens(old.type, new.type) or {old.logical_type, new.logical_type} == {
        "object",
        "array",
    }
    deliverers = not _reads_as_much(old, new)
    return tuple(name for name, broken in zip(BOTH, (readers, deliverers), strict=True) if broken)


def _reads_as_much(old: Column, new: Column) -> bool:
    """Whether every text that read as the old type reads as the new one."""
    if new.logical_type == "string":
        return old.logical_type not in ("object", "array")
    if old.logical_type == new.logical_type and new.type == JSON:
        return True  # anything nested, where fields were named before
    if old.logical_type == "date" and new.logical_type == "timestamp":
        return not new.options.get("format")
    numbers = old.logical_type in NUMBERS and new.logical_type in NUMBERS
    return numbers and widens(old.type, new.type)


def _named(column: Column) -> str:
    return column.type if len(column.type) < 60 else column.logical_type
