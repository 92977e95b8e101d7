"""The standard's quality rules, as far as the gate and the lake work them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data_contracts.contract import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from open_data_contract_standard.model import DataQuality

    from data_contracts.document import Document
    from data_contracts.standard import Path_

COMPARISONS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")
ROW_METRICS = ("nullValues", "missingValues", "invalidValues")
WARNINGS = ("warning", "warn", "info", "low")


def rules_of(
    document: Document,
    where: Path_,
    quality: list[DataQuality] | None,
    column: str | None,
) -> tuple[Rule, ...]:
    """The library and SQL rules; text is for people, and custom engines are run by their own tools.

    Raises:
        ContractError: a rule that cannot be worked out (no figure to hold it to, say).
    """
    rules = []
    for index, found in enumerate(quality or []):
        at = (*where, index)
        if not is_kept({"type": found.type, "metric": found.metric, "rule": found.rule}):
            continue
        kind = found.type or "library"
        metric = found.metric or found.rule
        comparisons = tuple(
            (name, getattr(found, name)) for name in COMPARISONS if getattr(found, name) is not None
        )
        if kind == "sql" and not found.query:
            raise document.fault(at, "a rule of type sql needs its query")
        if kind == "library" and metric not in METRICS:
            raise document.fault(at, f"metric {metric!r} is none of {', '.join(METRICS)}")
        if not comparisons:
            raise document.fault(at, "says no figure; add mustBe: 0 or another comparison")
        arguments = _arguments(document, (*at, "arguments"), found.arguments or {})
        if kind == "library" and column is None and metric in ROW_METRICS:
            raise document.fault(at, f"{metric} is a rule of a property; move it to one")
        if metric == "duplicateValues" and column is None and not arguments.get("properties"):
            raise document.fault(
                at, "duplicateValues needs its columns: arguments: {properties: [a, b]}"
            )
        severity: Severity = "warning" if (found.severity or "").lower() in WARNINGS else "error"
        rules.append(
            Rule(
                name=found.name or found.id or _name(column, metric, kind, index),
                type=kind,  # type: ignore[arg-type]
                severity=severity,
                metric=metric,
                query=found.query,
                arguments=arguments,
                comparisons=comparisons,
                unit="percent" if (found.unit or "").lower() == "percent" else "rows",
                column=column,
            )
        )
    return tuple(rules)


def is_kept(said: Mapping[str, Any]) -> bool:
    """Whether a rule, as it stands in the file, is one that `rules_of` keeps."""
    named = said.get("metric") or said.get("rule")
    return (said.get("type") or ("library" if named else "text")) in ("library", "sql")


def is_of_rows(rule: Rule) -> bool:
    """Whether a rule judges each row by itself, so that the gate and not the load applies it."""
    return (
        rule.column is not None
        and rule.metric in ROW_METRICS
        and rule.comparisons == (("mustBe", 0),)
        and rule.severity == "error"
    )


def _arguments(document: Document, where: Path_, said: dict[str, Any]) -> dict[str, Any]:
    """The arguments, their lists of values as they are written: YAML alone would read 007 as 7."""
    return {
        name: [
            item if item is None else document.text((*where, name, at)) or str(item)
            for at, item in enumerate(value)
        ]
        if isinstance(value, list)
        else value
        for name, value in said.items()
    }


def _name(column: str | None, metric: str | None, kind: str, index: int) -> str:
    parts = [column, metric or f"{kind}_{index + 1}"]
    return ".".join(part for part in parts if part)
