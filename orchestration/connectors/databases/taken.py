"""What was taken of a database into tables of DuckDB: counted and hashed, and read from there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from catalog.delivery import Chunk, DeliveryError
from data_contracts.gate import compile_gate
from data_contracts.types import quoted
from orchestration.connectors.databases.reach import SPOOL

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from data_contracts.contract import Contract
    from orchestration.connectors.databases.reach import Reach

BATCH = 16_384  # keys
HASHED = "select count(*), sum(hash({0}))::varchar, sum(hash({0}, 'again'))::varchar from {1}"


def hash_of(reach: Reach, table: str) -> tuple[int, str, str]:
    """Rows, and two sums over them that their order does not change."""
    described = reach.connection.execute(f"describe {SPOOL}.{table}").fetchall()
    columns = ", ".join(quoted(name) for name, *_ in described)
    query = HASHED.format(columns, f"{SPOOL}.{table}")
    [(rows, one, other)] = reach.connection.execute(query).fetchall()
    return rows, one or "", other or ""


def rows_of(count: int) -> Iterator[Chunk]:
    """So many rows, where they are; DuckDB numbers those of a table by itself, from 0."""
    if count:
        yield Chunk(count, scan=f"select *, rowid + 1 as _position from {SPOOL}.rows")


def keys_of(reach: Reach, contract: Contract) -> Iterator[pa.RecordBatch]:
    """The keys as the lake writes them, those that it could not have left out.

    Raises:
        DeliveryError: they cannot be read.
    """
    described = reach.connection.execute(f"describe {SPOOL}.keys").fetchall()
    # A contract of its key alone, with none of the rules that its rows are held to.
    bare = [replace(c, rules=(), enum=(), options=_formats(c.options)) for c in contract.key]
    only = replace(
        contract, columns=tuple(bare), rules=(), duplicates="keep", unknown_columns="ignore"
    )
    gate = compile_gate(only, {name: type_ for name, type_, *_ in described})
    named = [
        f"{value} as {quoted(name)}"
        for name, value in zip(gate.columns, gate.values, strict=True)
        if name != "_rescued"
    ]
    query = f"select {', '.join(named)} from {gate.over(f'{SPOOL}.keys')} where {gate.ok}"
    # In a session of its own: rows and keys may be read side by side.
    with reach.connection.cursor() as cursor:
        cursor.execute("set timezone = 'UTC'")
        try:
            yield from cursor.execute(query).to_arrow_reader(BATCH)
        except duckdb.Error as error:
            raise DeliveryError(f"cannot be read: {reach.said(error)}") from error


def _formats(options: object) -> dict[str, object]:
    """Of a column's options, how it is written; not what it is held to."""
    assert isinstance(options, dict)
    return {n: v for n, v in options.items() if n in ("format", "timezone", "defaultTimezone")}
