"""Types of PostgreSQL's and MySQL's columns: what they are declared as."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from orchestration.connectors.databases import mysql, postgres
from orchestration.init.database.meant import BYTES, LOCAL, Meant, decimal, decimal_by_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.connectors.databases.described import SourceColumn, SourceTable
    from orchestration.connectors.databases.reach import Reach

INTEGERS = {"smallint", "integer", "bigint", "oid", "tinyint", "mediumint", "int", "year"}
FLOATS = {"real", "double precision", "double", "float"}
TEXTS = {
    "text", "character varying", "character", "char", "varchar", "tinytext", "mediumtext",
    "longtext", "name", "citext",
}  # fmt: skip
TIMES = {
    "timestamp without time zone": Meant("timestamp", remark=LOCAL),
    "timestamp with time zone": Meant("timestamp"),
    "datetime": Meant("timestamp", remark=LOCAL),
    "timestamp": Meant("timestamp"),
    "date": Meant("date"),
    "time without time zone": Meant("time"),
}
ZEROS = {
    "date": ("0000-00-00",),
    "datetime": ("0000-00-00 00:00:00", "0000-00-00 00:00:00.000000"),
    "timestamp": ("0000-00-00 00:00:00", "0000-00-00 00:00:00.000000"),
}
WORD = re.compile(r"'((?:[^']|'')*)'")


def types_of(reach: Reach, table: SourceTable) -> Sequence[Meant]:
    """The types of a table's columns.

    Raises:
        duckdb.Error: the table cannot be read.
    """
    is_postgres = isinstance(reach.dialect, postgres.Postgres)
    return [
        _of_postgres(reach, table, column) if is_postgres else _of_mysql(reach, table, column)
        for column in table.columns
    ]


def _common(column: SourceColumn) -> Meant | None:
    kind = column.kind
    if kind in INTEGERS:
        return Meant("integer")
    if kind in FLOATS:
        return Meant("number")
    if kind in TEXTS:
        return Meant("string")
    return TIMES.get(kind)


def _of_postgres(reach: Reach, table: SourceTable, column: SourceColumn) -> Meant:
    if column.type.endswith("[]"):
        return Meant("array", remark=f"{column.type}, read as JSON")
    if found := _common(column):
        return found
    if column.kind == "boolean":
        return Meant("boolean")
    if column.kind == "uuid":
        return Meant("string", options={"format": "uuid"})
    if column.kind == "money":
        return decimal(19, 2)
    if said := postgres.DECIMAL.fullmatch(column.type):
        return decimal(int(said[1]), max(int(said[2]), 0))
    if column.kind == "numeric":
        name, place = reach.dialect.quoted(column.name), reach.dialect.place(table)
        [(whole, scale)] = reach.ask(
            f"select max(length(trunc(abs({name}))::text)) as whole, "
            f"max(scale(trim_scale({name}))) as scale "
            f"from {place} where {name} <> 'NaN'"
        )
        return decimal_by_values(int(whole or 1), int(scale or 0))
    if column.kind == "bytea":
        return BYTES
    return Meant("string", remark=f"{column.type}, read as text")


def _of_mysql(reach: Reach, table: SourceTable, column: SourceColumn) -> Meant:
    kind = column.kind.replace(" zerofill", "")
    if column.type.lower() in ("tinyint(1)", "bit(1)"):
        name, place = reach.dialect.quoted(column.name), reach.dialect.place(table)
        [(others,)] = reach.ask(f"select count(*) from {place} where {name} not in (0, 1)")
        return Meant("boolean") if others == "0" else Meant("integer")
    if kind == "bigint unsigned" or column.type.lower() == "bit(64)":
        return decimal(20, 0)
    if (kind.endswith(" unsigned") and kind.removesuffix(" unsigned") in INTEGERS) or kind == "bit":
        return Meant("integer")
    if kind in ZEROS:
        name, place = reach.dialect.quoted(column.name), reach.dialect.place(table)
        zeros = f"select count(*) from {place} where cast({name} as char) like '0000-00-00%'"
        [(count,)] = reach.ask(zeros)
        if count != "0":
            return replace(TIMES[kind], nulls=ZEROS[kind], remark=f"{count} are zero: null here")
    if said := mysql.DECIMAL.fullmatch(column.type.lower()):
        return decimal(int(said[1]), int(said[2]))
    if found := _common(column):
        return found
    if kind == "enum":
        words = tuple(word.replace("''", "'") for word in WORD.findall(column.type))
        return Meant("string", enum=words)
    if kind in mysql.BYTES:
        return BYTES
    if kind == "uuid":
        return Meant("string", options={"format": "uuid"})
    remark = None if kind in ("set", "json") else f"{column.type}, read as text"
    return Meant("string", remark=remark)
