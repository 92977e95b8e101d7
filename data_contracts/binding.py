"""Which key of a contract is to blame where DuckDB refuses its gate or its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb

from data_contracts.finding import Finding, fault
from data_contracts.loading_words import loading_faults
from data_contracts.quality import is_kept
from data_contracts.sql_rules import sql_refusal
from data_contracts.trial import nested, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Column, Contract, Rule
    from data_contracts.document import Document
    from data_contracts.standard import Path_

    Refusal = Callable[[Column], str | None]

SMALL = {"threads": "1", "memory_limit": "100MB"}  # a gate is tried over one row
REMEDIES = {
    "pattern": "it is read by RE2, which knows no look-around and no back-references",
    "defaultTimezone": "name a zone as Europe/London",
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        "write it as a value of the column's type, a date as 2026-01-31",
    ),
}


def binding_faults(document: Document, contract: Contract, where: Path_) -> list[Finding]:
    """What of a contract DuckDB refuses, by the key that is to blame.

    Args:
        document: the contract's file.
        contract: one of its schema objects.
        where: that object's place in the file.
    """
    with duckdb.connect(config=dict(SMALL)) as connection:
        connection.execute("set timezone = 'UTC'")
        found = list(_sql_faults(connection, document, contract, where))
        found += loading_faults(connection, document, contract, where)
        alone = replace(contract, rules=(), duplicates="keep", partition=())

        def refusal(column: Column) -> str | None:
            return refusal_of(connection, replace(alone, columns=(column,)))

        words = refusal_of(connection, contract) if contract.columns else None
        if words is None:
            return found
        blamed = [
            finding
            for index, column in enumerate(contract.columns)
            for finding in _of_column(refusal, document, column, (*where, "properties", index))
        ]
        return found + (blamed or [fault(document, where, f"DuckDB refuses its gate: {words}")])


def _of_column(
    refusal: Refusal, document: Document, column: Column, place: Path_
) -> Iterator[Finding]:
    if (whole := refusal(column)) is None:
        return
    bare = replace(column, options={}, rules=(), enum=())
    found: list[Finding] = []
    if refusal(bare) is not None:
        for steps, inner in nested(column):
            found += _of_column(refusal, document, inner, (*place, *steps))
        yield from found or [fault(document, place, f"DuckDB refuses it: {whole}")]
        return
    for name, value in column.options.items():
        if words := refusal(replace(bare, options={name: value})):
            remedy = f"; {REMEDIES[name]}" if name in REMEDIES else ""
            said = f"{value!r} cannot be used: {words}{remedy}"
            found.append(fault(document, (*place, "logicalTypeOptions", name), said))
    if column.enum and (words := refusal(replace(bare, enum=column.enum))):
        found.append(fault(document, (*place, "enum"), f"cannot be used: {words}"))
    for at, rule in _placed(document, place, column.rules):
        if words := refusal(replace(bare, rules=(rule,))):
            found.append(fault(document, at, f"the rule cannot be used: {words}"))
    yield from found or [fault(document, place, f"DuckDB refuses it: {whole}")]


def _sql_faults(
    connection: DuckDBPyConnection, document: Document, contract: Contract, where: Path_
) -> Iterator[Finding]:
    owners = [(where, contract.rules)]
    for index, column in enumerate(contract.columns):
        owners.append(((*where, "properties", index), column.rules))
    for place, rules in owners:
        for at, rule in _placed(document, place, rules):
            if rule.type == "sql" and (words := sql_refusal(connection, contract, rule)):
                yield fault(document, (*at, "query"), f"a load cannot run it: {words}")


def _placed(
    document: Document, place: Path_, rules: tuple[Rule, ...]
) -> Iterator[tuple[Path_, Rule]]:
    """Rules with their places; those in words or of other engines stand between them."""
    node: Any = document.data
    for step in place:
        node = node[step]
    places = [at for at, said in enumerate(node.get("quality") or []) if is_kept(said)]
    for at, rule in zip(places, rules, strict=True):
        yield (*place, "quality", at), rule
