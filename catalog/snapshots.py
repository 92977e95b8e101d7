"""Snapshots: who changed what, when, by which run, and how many rows."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from catalog.pins import pinned
from data_contracts.types import literal

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the lake.

    Attributes:
        rows: bronze rows that it has more than the one before, less those that it took out.
        pins: names that it is pinned by.
    """

    id: int
    at: datetime
    author: str | None
    message: str | None
    run: str | None
    command: str | None
    tables: tuple[str, ...]
    rows: int
    pins: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As programs read it."""
        return {
            "snapshot": self.id,
            "at": self.at.isoformat(),
            "author": self.author,
            "message": self.message,
            "run": self.run,
            "command": self.command,
            "tables": list(self.tables),
            "rows": self.rows,
            "pins": list(self.pins),
        }


def newest(
    connection: DuckDBPyConnection,
    limit: int,
    table: str | None = None,
    *,
    only_pinned: bool = False,
) -> list[Snapshot]:
    """The newest snapshots first.

    Args:
        connection: on which the lake is attached.
        limit: how many at most.
        table: only those whose writer said that they changed it (``bronze.erp_order``).
        only_pinned: only those that stay when history expires.
    """
    tables = "from_json(commit_extra_info -> 'tables', '[\"VARCHAR\"]')"
    named = f"list_contains({tables}, {literal(table)})" if table else "true"
    pins = dict[int, list[str]]()
    for pin in pinned(connection):
        pins.setdefault(pin.snapshot, []).append(pin.name)
    if only_pinned:
        named += f" and snapshot_id in ({', '.join(map(str, pins)) or 'null'})"
    rows = connection.execute(
        "select snapshot_id, snapshot_time, author, commit_message, commit_extra_info "
        f"from lake.snapshots() where {named} order by snapshot_id desc limit {limit}"
    ).fetchall()
    return [replace(_snapshot(*row), pins=tuple(pins.get(row[0], ()))) for row in rows]


def _snapshot(
    id_: int, at: datetime, author: str | None, message: str | None, extra: str | None
) -> Snapshot:
    said = json.loads(extra) if extra else {}
    return Snapshot(
        id=id_,
        at=at,
        author=author,
        message=message or ("the lake was made" if id_ <= 1 else None),
        run=said.get("run"),
        command=said.get("command"),
        tables=tuple(said.get("tables", ())),
        rows=said.get("rows", 0),
    )
