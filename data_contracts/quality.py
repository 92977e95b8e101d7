"""The standard's quality rules, as far as the gate and the lake work them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.contract import Rule, Severity

if TYPE_CHECKING:
    from open_data_contract_standard.model import DataQuality

    from data_contracts.document import Document

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
    where: tuple[str | int, ...],
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
        kind = found.type or ("library" if found.metric or found.rule else "text")
        if kind not in ("library", "sql"):
            continue
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
        severity: Severity = "warning" if (found.severity or "").lower() in WARNINGS else "error"
        rules.append(
            Rule(
                name=found.name or found.id or _name(column, metric, kind, index),
                type=kind,  # type: ignore[arg-type]
                severity=severity,
                metric=metric,
                query=found.query,
                arguments=found.arguments or {},
                comparisons=comparisons,
                unit="percent" if (found.unit or "").lower() == "percent" else "rows",
                column=column,
            )
        )
    return tuple(rules)


def is_of_rows(rule: Rule) -> bool:
    """Whether a rule judges each row by itself, so that the gate and not the load applies it."""
    return (
        rule.column is not None
        and rule.metric in ROW_METRICS
        and rule.comparisons == (("mustBe", 0),)
        and rule.severity == "error"
    )


def _name(column: str | None, metric: str | None, kind: str, index: int) -> str:
    parts = [column, metric or f"{kind}_{index + 1}"]
    return ".".join(part for part in parts if part)
