"""A contract's gate tried on DuckDB: a pattern that RE2 cannot read, a bound that is no date.

Binding is not enough, because a cast of a constant is worked out when the first row comes. So the
expressions run over one row of nulls.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from data_contracts.finding import Finding, fault
from data_contracts.gate import compile_gate
from data_contracts.rules import rules_of_column
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Column, Contract
    from data_contracts.document import Document
    from data_contracts.standard import Path_

FAILURES = (duckdb.Error, ValueError, TypeError)  # Python's own: a length that is no number, say
REMEDIES = {
    "pattern": "it is read by RE2, which knows no look-around and no back-references",
    "minimum": "write it as a value of the column's type, a date as 2026-01-31",
    "defaultTimezone": "name a zone as Europe/London",
    "minLength": "a whole number is meant",
}
LIKE = {"maximum": "minimum", "exclusiveMinimum": "minimum", "exclusiveMaximum": "minimum",
        "maxLength": "minLength", "minItems": "minLength", "maxItems": "minLength"}  # fmt: skip


def binding_faults(document: Document, contract: Contract, where: Path_) -> list[Finding]:
    """What of a contract's gate DuckDB refuses, by the key that is to blame.

    Args:
        document: the contract's file.
        contract: one of its schema objects.
        where: that object's place in the file.
    """
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        if not contract.columns or _refusal(connection, contract) is None:
            return []
        found: list[Finding] = []
        for index, column in enumerate(contract.columns):
            place = (*where, "properties", index)
            found += _of_column(connection, document, contract, column, place)
        words = _refusal(connection, contract)
        return found or [fault(document, where, f"DuckDB refuses its gate: {words}")]


def _of_column(
    connection: DuckDBPyConnection,
    document: Document,
    contract: Contract,
    column: Column,
    place: Path_,
) -> Iterator[Finding]:
    alone = replace(contract, rules=(), duplicates="keep", partition=())

    def refusal(tried: Column) -> str | None:
        return _refusal(connection, replace(alone, columns=(tried,)))

    if (whole := refusal(column)) is None:
        return
    bare = replace(column, options={}, rules=(), enum=())
    if refusal(bare) is not None:
        inner = [
            finding
            for steps, nested in _nested(column)
            for finding in _of_column(connection, document, contract, nested, (*place, *steps))
        ]
        yield from inner or [fault(document, place, f"DuckDB refuses it: {whole}")]
        return
    for name, value in column.options.items():
        if words := refusal(replace(bare, options={name: value})):
            remedy = REMEDIES.get(LIKE.get(name, name))
            said = f"{value!r} cannot be used: {words}" + (f"; {remedy}" if remedy else "")
            yield fault(document, (*place, "logicalTypeOptions", name), said)
    for at, rule in enumerate(column.rules):
        if words := refusal(replace(bare, rules=(rule,))):
            said = f"the rule cannot be used: {words}"
            yield fault(document, (*place, "quality", at), said)


def _refusal(connection: DuckDBPyConnection, contract: Contract) -> str | None:
    """DuckDB's words on the gate of a contract, None where it takes it."""
    try:
        for query in _queries(contract):
            connection.execute(query)
    except FAILURES as error:
        words = (str(error).splitlines() or [type(error).__name__])[0]
        return words.partition(" Error: ")[2] or words
    return None


def _queries(contract: Contract) -> Iterator[str]:
    type_ = "JSON" if contract.reading.format in ("json", "ndjson") else "VARCHAR"
    source = {column.source: "VARCHAR" if column.group else type_ for column in contract.columns}
    row = ", ".join(f"null::{type_} as {quoted(name)}" for name, type_ in source.items())
    yield f"create or replace temp table source as select {row}"
    gate = compile_gate(contract, source)
    parts = (*gate.values, gate.ok, gate.reasons, gate.payload, gate.repeated or "null")
    yield f"select {', '.join(parts)} from source"
    # A null is missing, so the gate need not look at its rules: they are tried by themselves.
    for column in _all(contract.columns):
        if rules := rules_of_column(column, "value"):
            yield f"create or replace temp table typed as select null::{column.type} as value"
            yield f"select {', '.join(rule.holds for rule in rules)} from typed"


def _all(columns: tuple[Column, ...]) -> Iterator[Column]:
    for column in columns:
        yield column
        yield from _all(tuple(inner for _, inner in _nested(column)))


def _nested(column: Column) -> Iterator[tuple[Path_, Column]]:
    for index, inner in enumerate(column.fields):
        yield ("properties", index), inner
    if column.items is not None:
        yield ("items",), column.items
