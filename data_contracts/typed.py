"""Typed scalars as the contract's types: nothing that casts back changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.cell import case
from data_contracts.local_time import at_zone
from data_contracts.marks import Marks
from data_contracts.numbers import decimal_of_float, double, exact_decimal

if TYPE_CHECKING:
    from data_contracts.contract import Column

SIGNED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
INTEGERS = (*SIGNED, *(f"U{name}" for name in SIGNED))
HUGE = ("HUGEINT", "UHUGEINT")
LOCAL = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
CLOCKS = ("TIME", "TIME_NS", "TIME WITH TIME ZONE")
CAST = {  # logical types and the types that are cast to them, and back
    "integer": (*INTEGERS, *HUGE, "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN"),
    "number": (*INTEGERS, *HUGE, "FLOAT", "DECIMAL", "BOOLEAN"),
    "boolean": (*INTEGERS, *HUGE, "FLOAT", "DOUBLE", "DECIMAL"),
}
NESTED = ("STRUCT", "MAP", "LIST", "UNION", "VARIANT")


def scalar(column: Column, source: str, type_: str) -> tuple[str, str, str | None] | None:
    """SQL of the value, of whether it is one, and of whether it is repeated; None where never."""
    kind = kind_of(type_)
    if column.logical_type == "string":
        if kind == "BLOB":
            return f"try(decode({source}))", f"try(decode({source})) is not null", None
        text = f"try({source}::varchar)"
        return None if kind in NESTED else (text, f"{text} is not null", None)
    if column.logical_type == "time":
        return (f"{source}::varchar", "true", None) if kind in CLOCKS else None
    if column.logical_type == "timestamp":
        return _moment(column, source, kind) if kind in LOCAL else None
    if column.logical_type == "date":
        return _date(source, kind) if kind in (*LOCAL, "TIMESTAMP WITH TIME ZONE") else None
    if kind == "DOUBLE" and column.type.startswith("DECIMAL"):
        return (*decimal_of_float(column.type, source), None)
    if kind == "FLOAT" and column.type.startswith("DECIMAL"):
        return (*exact_decimal(column.type, f"{source}::varchar", Marks()), None)
    if kind in ("DECIMAL", *HUGE) and column.type == "DOUBLE":
        return (*double(f"{source}::varchar", Marks()), None)
    if kind not in CAST[column.logical_type]:
        return None
    value = f"try_cast({source} as {column.type})"
    return value, f"coalesce(try_cast({value} as {type_}) = {source}, false)", None


def _date(source: str, kind: str) -> tuple[str, str, None]:
    local = _local(source, kind)
    return f"{local}::date", f"{local} = {local}::date and {_same(source, kind)}", None


def _moment(column: Column, source: str, kind: str) -> tuple[str, str, str | None]:
    local = source if kind == "TIMESTAMP" else _local(source, kind)
    value, exists, repeated = at_zone(local, column.options.get("defaultTimezone") or "UTC")
    return value, case((_same(source, kind), exists), otherwise="false"), repeated


def _local(source: str, kind: str) -> str:
    """SQL of a TIMESTAMP, null outside of its years: there the cast raises, and TRY lets it."""
    years = (
        ("1678-01-01", "2262-01-01") if kind == "TIMESTAMP_NS" else ("0001-01-01", "10000-01-01")
    )
    first, after = (f"'{year}'::{kind}" for year in years)
    in_years = f"{source} >= {first} and {source} < {after}"
    return f"({case((in_years, f'{source}::timestamp'))})"


def _same(source: str, kind: str) -> str:
    """SQL: no nanosecond is lost."""
    return f"epoch_ns({source}) % 1000 = 0" if kind == "TIMESTAMP_NS" else "true"


def kind_of(type_: str) -> str:
    """The type without its parameters; arrays of a fixed length are lists."""
    if type_.endswith("]"):
        return "LIST"
    return type_.partition("(")[0]
