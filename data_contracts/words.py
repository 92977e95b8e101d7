"""The rules of a contract in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.quality import is_of_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Column, Rule

COMPARED = {
    "mustBe": "must be {}",
    "mustNotBe": "must not be {}",
    "mustBeGreaterThan": "must be above {}",
    "mustBeGreaterOrEqualTo": "must be at least {}",
    "mustBeLessThan": "must be below {}",
    "mustBeLessOrEqualTo": "must be at most {}",
    "mustBeBetween": "must be {} to {}",
    "mustNotBeBetween": "must not be {} to {}",
}
METRICS = {
    "nullValues": "missing values",
    "missingValues": "missing values",
    "invalidValues": "invalid values",
    "duplicateValues": "repeated values",
    "rowCount": "number of rows",
}
OPTIONS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "a multiple of {}",
    "pattern": "matches {}",
    "minLength": "{} characters or more",
    "maxLength": "{} characters or fewer",
    "minItems": "{} items or more",
    "maxItems": "{} items or fewer",
    "format": "as {}",
    "defaultTimezone": "in {} where no zone is given",
}
SHOWN = 8


def rules_of_column(column: Column) -> list[str]:
    """Every rule of a column but that it is required, unique or of the key."""
    return list(_rules(column))


def rule_in_words(rule: Rule) -> str:
    """One quality rule: what is measured, what it is held to, and what happens where it fails."""
    if is_of_rows(rule):
        return _row_rule(rule)
    what = rule.query if rule.type == "sql" else METRICS.get(rule.metric or "", rule.metric)
    if columns := rule.arguments.get("properties"):
        what = f"{what} of {', '.join(map(str, columns))}"
    if rule.unit == "percent":
        what = f"{what} in percent"
    held = " and ".join(
        COMPARED[name].format(*(bound if isinstance(bound, list) else [bound]))
        for name, bound in rule.comparisons
    )
    return f"{what} {held}" + (", else a warning" if rule.severity == "warning" else "")


def listed(values: tuple[str, ...] | list[str]) -> str:
    """Values as a person reads them, cut off after some."""
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(values[:SHOWN]) + more


def _rules(column: Column) -> Iterator[str]:
    for name, words in OPTIONS.items():
        if (said := column.options.get(name)) is not None:
            yield words.format(said)
    if column.options.get("uniqueItems"):
        yield "no item twice"
    if column.enum:
        yield f"one of {listed(column.enum)}"
    for rule in column.rules:
        yield rule_in_words(rule)


def _row_rule(rule: Rule) -> str:
    """A rule that judges each row by itself."""
    if rule.metric == "invalidValues":
        valid = rule.arguments.get("validValues")
        pattern = rule.arguments.get("pattern")
        parts = [f"one of {listed([str(v) for v in valid])}"] if valid else []
        return " and ".join([*parts, f"matches {pattern}"] if pattern else parts) or "no rule"
    empty = [str(word) for word in rule.arguments.get("missingValues", []) if word]
    return f"required, {listed(empty)} count as missing" if empty else "required"
