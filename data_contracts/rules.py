"""The rules of one row's column: what must hold of a readable value, and what to say where not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data_contracts.bounds import among, bound, multiple
from data_contracts.forms import FORMS
from data_contracts.quality import is_of_rows
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Column

BOUNDS = (
    ("minimum", ">=", "is below the minimum"),
    ("maximum", "<=", "is above the maximum"),
    ("exclusiveMinimum", ">", "is not above"),
    ("exclusiveMaximum", "<", "is not below"),
)
SIZES = {
    "string": ("characters", "minLength", "maxLength"),
    "array": ("items", "minItems", "maxItems"),
    "object": ("fields", "minProperties", "maxProperties"),
}
LISTED = 10  # values of an enum that a reason tells


@dataclass(frozen=True, slots=True)
class RowRule:
    """A predicate that holds, and the words for a value that breaks it."""

    holds: str  # SQL, boolean; null counts as broken
    broken: str  # "is below the minimum 0"


def rules_of_column(column: Column, value: str) -> list[RowRule]:
    """The rules of a column's value, in the order in which the first broken one is told.

    Raises:
        BoundError: a bound is no value of the column's type.
    """
    options = column.options
    rules = [
        RowRule(bound(column, value, operator, options[name]), f"{words} {options[name]}")
        for name, operator, words in BOUNDS
        if options.get(name) is not None
    ]
    rules += [*_sizes(column, value), *_items(column, value), *_format(column, value)]
    if pattern := options.get("pattern"):
        rules.append(_like(value, pattern))
    if (step := options.get("multipleOf")) is not None:
        rules.append(RowRule(multiple(column, value, step), f"is no multiple of {step}"))
    if column.enum:
        rules.append(_one_of(column, value, list(column.enum)))
    return [*rules, *_quality(column, value)]


def is_required(column: Column) -> bool:
    """Whether a row without the value is broken."""
    metrics = ("nullValues", "missingValues")
    return column.required or any(
        rule.metric in metrics and is_of_rows(rule) for rule in column.rules
    )


def _sizes(column: Column, value: str) -> Iterator[RowRule]:
    if column.logical_type not in SIZES:
        return
    what, least, most = SIZES[column.logical_type]
    size = f"length({value})"
    if column.logical_type == "array":
        size = f"json_array_length({value})" if column.items is None else f"len({value})"
    elif column.logical_type == "object":
        given = [f"({value}[{literal(f.name)}] is not null)::integer" for f in column.fields]
        size = f"({' + '.join(given)})" if given else f"len(json_keys({value}))"
    if (count := column.options.get(least)) is not None:
        yield RowRule(f"{size} >= {int(count)}", f"has fewer than {count} {what}")
    if (count := column.options.get(most)) is not None:
        yield RowRule(f"{size} <= {int(count)}", f"has more than {count} {what}")


def _items(column: Column, value: str) -> Iterator[RowRule]:
    if column.logical_type == "array" and column.options.get("uniqueItems"):
        items = value if column.items is not None else f"""from_json({value}, '["JSON"]')"""
        given = f"len(list_filter({items}, lambda item : item is not null))"
        yield RowRule(f"{given} = list_unique({items})", "has an item twice")
    if column.logical_type != "object":
        return
    names = {name: field.name for field in column.fields for name in (field.name, field.source)}
    for name in column.options.get("required") or []:
        holds = f"list_contains(json_keys({value}), {literal(name)})"
        if column.fields:
            holds = f"{value}[{literal(names.get(name, name))}] is not null"
        yield RowRule(holds, f"has no {name}")


def _format(column: Column, value: str) -> Iterator[RowRule]:
    form = str(column.options.get("format"))
    if column.logical_type == "string" and form in FORMS:
        holds = f"regexp_full_match({value}, {literal(FORMS[form])})"
        yield RowRule(holds, f"is no {form}")
    if column.logical_type == "integer" and form[:1] in ("i", "u") and form[1:].isdecimal():
        bits = int(form[1:])
        least, beyond = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if form[0] == "i" else (0, 2**bits)
        holds = f"{bound(column, value, '>=', least)} and {bound(column, value, '<', beyond)}"
        yield RowRule(holds, f"is no {form}")


def _quality(column: Column, value: str) -> Iterator[RowRule]:
    for rule in filter(is_of_rows, column.rules):
        if rule.metric == "invalidValues":
            if (valid := rule.arguments.get("validValues")) is not None:
                yield _one_of(column, value, [str(item) for item in valid if item is not None])
            if pattern := rule.arguments.get("pattern"):
                yield _like(value, pattern)
        if rule.metric == "missingValues":
            words = [str(w) for w in rule.arguments.get("missingValues", []) if w is not None]
            if words:
                yield RowRule(f"not {among(column, value, words)}", "counts as missing")


def _like(value: str, pattern: Any) -> RowRule:
    return RowRule(
        f"regexp_matches({value}::varchar, {literal(str(pattern))})", f"does not match {pattern}"
    )


def _one_of(column: Column, value: str, values: list[str]) -> RowRule:
    listed = ", ".join(values[:LISTED]) + (", ..." if len(values) > LISTED else "")
    return RowRule(among(column, value, values), f"is none of {listed}")
