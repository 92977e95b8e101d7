"""A contract's gate tried on DuckDB, over one row of nulls.

Binding alone is not enough: a cast of a constant is worked out when the first row comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from data_contracts.gate import compile_gate
from data_contracts.rules import rules_of_column
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Column, Contract
    from data_contracts.standard import Path_

FAILURES = (duckdb.Error, ValueError, TypeError)  # Python's own: a bound that is no number, say


def refusal_of(connection: DuckDBPyConnection, contract: Contract) -> str | None:
    """DuckDB's words on the gate of a contract, None where it takes it."""
    try:
        for query in _queries(contract):
            connection.execute(query)
    except FAILURES as error:
        words = (str(error).splitlines() or [type(error).__name__])[0]
        return words.partition(" Error: ")[2] or words
    return None


def words_of(connection: DuckDBPyConnection, query: str) -> str | None:
    """DuckDB's words on a query that it refuses, None where it runs."""
    try:
        connection.execute(query)
    except duckdb.Error as error:
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
    yield f"select {', '.join(parts)} from {gate.over('source')}"
    # A null is missing, so the gate need not look at its rules: they are tried by themselves.
    for column in _all(contract.columns):
        if rules := rules_of_column(column, "value"):
            yield f"create or replace temp table typed as select null::{column.type} as value"
            yield f"select {', '.join(rule.holds for rule in rules)} from typed"


def _all(columns: tuple[Column, ...]) -> Iterator[Column]:
    for column in columns:
        yield column
        yield from _all(tuple(inner for _, inner in nested(column)))


def nested(column: Column) -> Iterator[tuple[Path_, Column]]:
    """The columns within a column, each with its place from there on."""
    for index, inner in enumerate(column.fields):
        yield ("properties", index), inner
    if column.items is not None:
        yield ("items",), column.items
