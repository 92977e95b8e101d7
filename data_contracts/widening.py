"""Which changes of a column's type keep every value, and can be made in a lake that holds rows.

DuckLake's own ALTER COLUMN TYPE is no measure: seen with 1.5.5 on both catalogs, it takes every
cast that DuckDB makes by itself, also those that lose digits (BIGINT to DOUBLE, DECIMAL(18,4) to
DECIMAL(38,2) or DOUBLE) or a struct's field. What is allowed here was seen to read back as it was
written, from Parquet files and from inlined rows, with filters, minimum and maximum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

DIGITS_OF_BIGINT = 19


def widens(old: str, new: str) -> bool:
    """Whether a column of the lake's type `old` may become `new`: every value stays what it is."""
    from duckdb import sqltype

    return _widens(sqltype(old), sqltype(new))


def _widens(old: DuckDBPyType, new: DuckDBPyType) -> bool:
    if old == new:
        return True
    if old.id == "bigint" and new.id == "decimal":
        digits = _parts(new)
        return bool(digits["precision"] - digits["scale"] >= DIGITS_OF_BIGINT)
    if old.id == new.id == "decimal":
        before, after = _parts(old), _parts(new)
        whole = after["precision"] - after["scale"] >= before["precision"] - before["scale"]
        return bool(whole and after["scale"] >= before["scale"])
    if old.id == new.id == "list":
        return _widens(_parts(old)["child"], _parts(new)["child"])
    if old.id == new.id == "struct":
        fields = _parts(new)
        return all(name in fields and _widens(t, fields[name]) for name, t in _parts(old).items())
    return False


def _parts(type_: DuckDBPyType) -> dict[str, Any]:
    """A decimal's precision and scale, a list's child, a struct's fields."""
    return dict(type_.children)
