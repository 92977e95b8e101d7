"""How a table is kept up with, by its key and its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orchestration.connectors.databases.described import SourceColumn, SourceTable
    from orchestration.init.database.meant import Meant

CHANGED = re.compile(
    r"(last_?)?(updated?|modified|changed|write|written)(_?(at|on|date|time|timestamp|ts|utc))?"
    r"|last_(update|change|modification)|(modification|modify)_?(date|time)|row_?version_?at"
)
CREATED = re.compile(r"created?(_?(at|on|date|time|timestamp|ts|utc))?|creation_?(date|time)")
GONE = re.compile(r"(is_?)?deleted|deleted?_?(at|on|date|time)|deletion_?(date|time)")


@dataclass(frozen=True, slots=True)
class Loads:
    """What a contract says of a table's deliveries.

    Attributes:
        custom: properties of the schema object.
        remarks: why, and what else could be said.
    """

    custom: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def loads_of(table: SourceTable, names: Mapping[str, str], types: Mapping[str, Meant]) -> Loads:
    """What is sensible for a table.

    Args:
        table: as its database describes it.
        names: in the lake, by the columns' names.
        types: by the columns' names.
    """
    if not table.key:
        return Loads(
            {"load": "append", "redelivery": "replace"},
            (
                "The table has no key by which its rows could be known: it is read as a whole, and "
                "where anything in it changed, its rows take the place of the earlier ones.",
            ),
        )
    remarks = _soft(table.columns, names, types)
    marks = _watermark(table.columns, types)
    if not marks:
        said = (
            "No column says when a row was last written: the table is read as a whole, and what "
            "differs is loaded. A table that lost over a fifth of its rows is held until --accept."
        )
        return Loads({"load": "snapshot"}, (said, *remarks))
    said = (
        f"Rows are read from the highest {' or '.join(c.name for c in marks)} on, less an overlap, "
        "which covers transactions that commit late; and all keys, so that deleted rows are known."
    )
    custom: dict[str, Any] = {"load": "upsert", "watermark": [names[c.name] for c in marks]}
    if types[marks[0].name].logical == "timestamp":
        custom["overlap"] = "10 minutes"
    return Loads({**custom, "compareKeys": True}, (said, *remarks))


def by_changes(names: Mapping[str, str], url: str) -> Loads:
    """What is said of a table of PostgreSQL whose changes are read.

    Args:
        names: in the lake, by the columns' names.
        url: of the database, without a password.
    """
    operation = next(name for name in ("op", "op_", "op__") if name not in names.values())
    said = (
        "Rows are read once, and from then on what is inserted, updated, deleted and truncated, by "
        "logical replication. Make its slot first: "
        f"lakehouse sources slot make {url} --contracts DIR"
    )
    return Loads({"load": "cdc", "operation": operation}, (said,))


def _watermark(columns: Sequence[SourceColumn], types: Mapping[str, Meant]) -> list[SourceColumn]:
    """The column that rises when a row is written; where it may be null, with the creation's."""
    times = [column for column in columns if types[column.name].logical == "timestamp"]
    changed = [c for c in times if CHANGED.fullmatch(_plain(c.name))]
    if not changed:
        return []
    created = [c for c in times if CREATED.fullmatch(_plain(c.name))]
    return [changed[0], *(created[:1] if changed[0].nullable else [])]


def _soft(
    columns: Sequence[SourceColumn], names: Mapping[str, str], types: Mapping[str, Meant]
) -> tuple[str, ...]:
    for column in columns:
        if GONE.fullmatch(_plain(column.name)):
            name = names[column.name]
            is_flag = types[column.name].logical == "boolean"
            when = name if is_flag else f"{name} is not null"
            return (f"If that means deleted, add {{property: deleteWhen, value: {when}}}.",)
    return ()


def _plain(name: str) -> str:
    from orchestration.init.names import snake

    return snake(name)
