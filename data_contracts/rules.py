"""The rules of one row's column: what must hold of a readable value, and what to say where not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data_contracts.local_time import at_zone
from data_contracts.quality import is_of_rows
from data_contracts.types import literal

if TYPE_CHECKING:
    from data_contracts.cell import Cell
    from data_contracts.contract import Column

BOUNDS = (
    ("minimum", ">=", "is below the minimum"),
    ("maximum", "<=", "is above the maximum"),
    ("exclusiveMinimum", ">", "is not above"),
    ("exclusiveMaximum", "<", "is not below"),
)
FORMS = {  # the standard's formats of strings that have a form to hold them to
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uuid": "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "ipv4": r"((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)",
}
SHOWN = 100  # characters of a value that a reason shows


@dataclass(frozen=True, slots=True)
class RowRule:
    """A predicate that holds, and the words for a value that breaks it."""

    holds: str  # SQL, boolean; null counts as broken
    broken: str  # "is below the minimum 0"


def rules_of_column(column: Column, value: str) -> list[RowRule]:
    """The rules of a column's value, in the order in which the first broken one is told."""
    rules = [*_bounds(column, value), *_lengths(column, value), *_values(column, value)]
    for rule in column.rules:
        if rule.metric == "invalidValues" and is_of_rows(rule):
            rules += _invalid_values(rule.arguments, value)
        if rule.metric == "missingValues" and is_of_rows(rule):
            words = [str(word) for word in rule.arguments.get("missingValues", []) if word is not None]
            if words:
                holds = f"{value}::varchar not in ({', '.join(map(literal, words))})"
                rules.append(RowRule(holds, "counts as missing"))
    return rules


def is_required(column: Column) -> bool:
    """Whether a row without the value is broken."""
    metrics = ("nullValues", "missingValues")
    return column.required or any(
        rule.metric in metrics and is_of_rows(rule) for rule in column.rules
    )


def keeps(column: Column, cell: Cell) -> str:
    """SQL, never null: the cell keeps every rule of its column."""
    rules = [rule.holds for rule in rules_of_column(column, cell.value)]
    good = " and ".join([f"({cell.readable})", *(f"({rule})" for rule in rules)])
    if is_required(column):
        return f"coalesce(not ({cell.missing}) and {good}, false)"
    if good == "(true)":
        return "true"
    return f"(case when {cell.missing} then true else coalesce({good}, false) end)"


def reason(column: Column, cell: Cell) -> str:
    """SQL of the one reason why a column is broken, null where it is not."""
    name = column.name.replace("'", "''")
    shown = f"'''' || left({cell.shown}, {SHOWN}) || ''''"
    cases = []
    if is_required(column):
        cases.append(f"when {cell.missing} then '{name}: is missing and required'")
    else:
        cases.append(f"when {cell.missing} then null")
    if cell.readable != "true":
        unreadable = literal(f" is not {_kind(column)}")
        cases.append(f"when not coalesce({cell.readable}, false) then '{name}: ' || {shown} || {unreadable}")
    for rule in rules_of_column(column, cell.value):
        words = literal(f" {rule.broken}")
        cases.append(f"when not coalesce({rule.holds}, false) then '{name}: ' || {shown} || {words}")
    return f"case {' '.join(cases)} end"


def _kind(column: Column) -> str:
    words = {"integer": "an integer", "object": "an object of its fields", "array": "an array of its items"}
    if column.type.startswith("DECIMAL"):
        return f"a {column.type.lower()} without losing digits"
    kind = words.get(column.logical_type, f"a {column.logical_type}")
    if form := column.options.get("format"):
        kind += f" as {form}"
    if zone := column.options.get("defaultTimezone"):
        kind += f" that exists in {zone}"
    return kind


def _bounds(column: Column, value: str) -> list[RowRule]:
    return [
        RowRule(f"{value} {operator} {_bound(column, column.options[name])}", f"{words} {column.options[name]}")
        for name, operator, words in BOUNDS
        if column.options.get(name) is not None
    ]


def _bound(column: Column, bound: Any) -> str:
    text = literal(str(bound))
    if column.logical_type == "timestamp":
        zone = column.options.get("defaultTimezone") or "UTC"
        if any(sign in str(bound)[10:] for sign in "Z+-"):
            return f"{text}::timestamptz"
        return at_zone(f"{text}::timestamp", zone)[0]
    if column.logical_type == "number" and column.type == "DOUBLE":
        return f"{text}::double"
    return text if column.type == "VARCHAR" else f"{text}::{_wide(column.type)}"


def _wide(type_: str) -> str:
    return "decimal(38,10)" if type_.startswith(("DECIMAL", "BIGINT")) else type_


def _lengths(column: Column, value: str) -> list[RowRule]:
    options, rules = column.options, []
    size = "length" if column.logical_type == "string" else "len"
    if column.logical_type == "array" and column.items is None:
        size = "json_array_length"
    words = ("characters", "minLength", "maxLength")
    if column.logical_type == "array":
        words = ("items", "minItems", "maxItems")
    what, least, most = words
    if options.get(least) is not None:
        rules.append(RowRule(f"{size}({value}) >= {int(options[least])}", f"has fewer than {options[least]} {what}"))
    if options.get(most) is not None:
        rules.append(RowRule(f"{size}({value}) <= {int(options[most])}", f"has more than {options[most]} {what}"))
    if options.get("uniqueItems") and column.items is not None:
        rules.append(RowRule(f"len({value}) = len(list_distinct({value}))", "has an item twice"))
    return rules


def _values(column: Column, value: str) -> list[RowRule]:
    options, rules = column.options, []
    if pattern := options.get("pattern"):
        rules.append(RowRule(f"regexp_matches({value}, {literal(pattern)})", f"does not match {pattern}"))
    if column.logical_type == "string" and (form := FORMS.get(str(options.get("format")))):
        rules.append(
            RowRule(f"regexp_full_match({value}, {literal(form)})", f"is no {options['format']}")
        )
    if multiple := options.get("multipleOf"):
        step = literal(str(multiple))
        rules.append(
            RowRule(f"{value}::decimal(38,10) % {step}::decimal(38,10) = 0", f"is no multiple of {multiple}")
        )
    if column.enum:
        rules.append(_one_of(value, list(column.enum)))
    return rules


def _one_of(value: str, values: list[str]) -> RowRule:
    listed = ", ".join(values[:10]) + (", ..." if len(values) > 10 else "")
    return RowRule(f"{value}::varchar in ({', '.join(map(literal, values))})", f"is none of {listed}")


def _invalid_values(arguments: Any, value: str) -> list[RowRule]:
    rules = []
    if (valid := arguments.get("validValues")) is not None:
        rules.append(_one_of(value, [str(item) for item in valid if item is not None]))
    if pattern := arguments.get("pattern"):
        rules.append(RowRule(f"regexp_matches({value}, {literal(pattern)})", f"does not match {pattern}"))
    return rules
