"""Snapshots: who changed what, when, by which run, and how many rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

NEWEST = """
with named as (
    select 'bronze.' || table_name as name, loaded, replaced, run, batch
    from lake.ops.ledger
),

gained as (
    select
        run,
        sum(loaded)::bigint as rows,
        list(distinct name) as tables
    from named
    group by run
)

select
    snapshots.snapshot_id,
    snapshots.snapshot_time,
    snapshots.author,
    snapshots.commit_message,
    snapshots.commit_extra_info,
    snapshots.changes::json
from lake.snapshots() as snapshots
order by snapshots.snapshot_id desc
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the lake.

    Attributes:
        rows: bronze rows that it has more than the one before, less those that it took out.
    """

    id: int
    at: datetime
    author: str | None
    message: str | None
    run: str | None
    command: str | None
    tables: tuple[str, ...]
    rows: int

    @property
    def told(self) -> str:
        """What changed, in words."""
        return self.message or ("the lake was made" if self.id <= 1 else "changed from outside")

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
        }
