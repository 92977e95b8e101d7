"""Types of the columns of any other database, by SQLAlchemy's words for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orchestration.init.database.meant import BYTES, LOCAL, Meant, decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.connectors.databases.described import SourceColumn, SourceTable
    from orchestration.connectors.databases.reach import Reach

DECIMAL = re.compile(r"(?:numeric|decimal|number)\((\d+)(?:, ?(\d+))?\)")
KINDS = (
    (r"(small|big|tiny|medium)?int(eger)?|(small|big)?serial", Meant("integer")),
    (r"float.*|real|double.*|binary_(float|double)", Meant("number")),
    (r"bool(ean)?|bit", Meant("boolean")),
    (r"timestamp.*with.*time zone|timestamptz|datetimeoffset", Meant("timestamp")),
    (r"timestamp.*|datetime.*|smalldatetime", Meant("timestamp", remark=LOCAL)),
    (r"date", Meant("date")),
    (r".*(blob|binary|bytea|raw|image).*", BYTES),
    (r".*(char|text|clob|string|uuid|json).*", Meant("string")),
)


def types_of(reach: Reach, table: SourceTable) -> Sequence[Meant]:  # noqa: ARG001 - as of others
    """The types of a table's columns."""
    return [_type(column) for column in table.columns]


def _type(column: SourceColumn) -> Meant:
    if found := DECIMAL.fullmatch(column.type.lower()):
        return decimal(int(found[1]), int(found[2] or 0))
    for pattern, meant in KINDS:
        if re.fullmatch(pattern, column.kind):
            return meant
    if column.kind in ("numeric", "decimal", "number"):
        return Meant("number", "decimal(38,9)", remark="the database names no digits")
    return Meant("string", remark=f"{column.type}, read as text")
