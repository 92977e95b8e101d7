"""Contracts made in a line, and rows sent through their gate as the loader sends them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from hypothesis import settings

from data_contracts.contract import Column, Contract, Reading
from data_contracts.gate import compile_gate
from data_contracts.types import lake_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data_contracts.contract import Format, UnknownColumns

BLANKS = " \t\n\v\f\r"
# The same examples in every run; the numbers are small because one example is many values.
few = settings(max_examples=25, deadline=None, derandomize=True, database=None)
fewer = settings(few, max_examples=7)  # where an example is a gate of many columns


@dataclass(frozen=True)
class Row:
    """What the gate says of one row."""

    ok: bool
    reasons: list[str]
    values: dict[str, Any]  # null where not ok; `_rescued` parsed
    repeated: bool
    payload: bytes


def column(logical: str, physical: str | None = None, **said: Any) -> Column:
    """A column `x`; what is no field of a column is one of its options."""
    fields = Column.__dataclass_fields__
    names = [n for n in said if n in fields and not isinstance(said[n], list)]
    own = {n: said.pop(n) for n in names}
    name = own.pop("name", "x")
    type_ = lake_type(logical, physical, own.get("fields", ()), own.get("items"))
    return Column(name, own.pop("source", name), logical, type_, options=said, **own)


def contract(
    *columns: Column,
    format: Format = "csv",  # noqa: A002 - the contract's own word
    unknown: UnknownColumns = "rescue",
    **reading: Any,
) -> Contract:
    """A contract of these columns."""
    return Contract(
        id="shop.sale",
        version="1.0.0",
        domain="shop",
        name="sale",
        columns=columns,
        file=Path("sale.odcs.yaml"),
        digest="",
        reading=Reading(format=format, **{"null_values": (), **reading}),
        unknown_columns=unknown,
    )


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One connection in UTC, which tests share for its start."""
    connected = duckdb.connect()
    connected.execute("set timezone = 'UTC'")
    connected.execute("set threads = 1")
    return connected


def through(agreed: Contract, relation: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Every row of a relation through the gate, its values worked out whether it is kept or not.

    Rows with no verdict, and verdicts that the reasons do not bear out, fail here.
    """
    db = connection()
    db.execute(f"create or replace temp table source as {relation}", parameters)
    source = {name: type_ for name, type_, *_ in db.execute("describe source").fetchall()}
    gate = compile_gate(agreed, source)
    values = ", ".join(f"{value} as v{at}" for at, value in enumerate(gate.values))
    kept = ", ".join(f"case when ok then v{at} end" for at in range(len(gate.values)))
    query = (
        f"select {values}, {gate.ok} as ok, {gate.reasons} as reasons, {gate.payload} as payload"
    )
    found = db.execute(
        f"select {kept}, ok, reasons, coalesce(ok and repeated, false), payload "
        f"from ({query}, {gate.repeated or 'false'} as repeated from {gate.over('source')})"
    ).fetchall()
    return [_row(gate.columns, row) for row in found]


def texts(agreed: Contract, values: Sequence[str | None], type_: str = "VARCHAR") -> list[Row]:
    """Rows of one column `x`."""
    return through(agreed, f"select unnest(?::varchar[])::{type_} as x", [list(values)])


def json_values(agreed: Contract, values: Sequence[str]) -> list[Row]:
    """Rows of one column `x` of JSON, cut out of records as the reader of JSON does."""
    records = [f'{{"x": {value}}}' for value in values]
    cut = """select from_json(unnest(?::varchar[]), '{"x":"JSON"}')['x'] as x"""
    return through(agreed, cut, [records])


def read(logical: str, text: str | None, physical: str | None = None, **said: Any) -> Any:
    """The value of one text in a column; the reason where it breaks the contract."""
    reading = said.pop("reading", {})
    (row,) = texts(contract(column(logical, physical, **said), **reading), [text])
    return row.values["x"] if row.ok else row.reasons[0]


def _row(names: tuple[str, ...], found: tuple[Any, ...]) -> Row:
    values: Mapping[str, Any] = dict(zip(names, found, strict=False))
    ok, reasons, repeated, payload = found[len(names) :]
    assert ok is not None
    assert (reasons == []) is ok, (ok, reasons)
    assert all(reasons)
    rescued = json.loads(values["_rescued"]) if values["_rescued"] else None
    return Row(ok, reasons, {**values, "_rescued": rescued}, repeated, payload)
