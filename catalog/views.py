"""What else a query runs: views of the lake, and macros that hide functions of DuckDB's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog import allowed, guard, parse
from catalog.errors import QueryRefusedError
from catalog.gaps import refuse_expired

if TYPE_CHECKING:
    from collections.abc import Collection

    from duckdb import DuckDBPyConnection

QUERY = Path(__file__).with_name("views.sql").read_text(encoding="utf-8")
LAKE = "{DUCKLAKE_CATALOG}"  # as DuckLake writes the lake's name in a body
EVER = """
select distinct views.sql
from __ducklake_metadata_lake.ducklake_view as views
inner join __ducklake_metadata_lake.ducklake_schema as folders
    on views.schema_id = folders.schema_id
where translate(folders.schema_name || '.' || view_name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    'abcdefghijklmnopqrstuvwxyz') = {name}
"""  # whose names compare as guard.folded does


class Views:
    """The views of one snapshot, and as a query of it may find them at any other."""

    def __init__(self, connection: DuckDBPyConnection, snapshot: int, *, is_newest: bool) -> None:
        """Find the views of the snapshot that a connection reads.

        Args:
            connection: with an open transaction.
            snapshot: its number.
            is_newest: whether there is no later one, with views that are not known by then.

        Raises:
            QueryRefusedError: a macro of the lake stands where queries expect a function.
        """
        self.snapshot = snapshot
        self._now: dict[str, str] = {}
        self._ever: dict[str, list[str]] = {}
        self._is_newest = is_newest
        functions = allowed.functions() | allowed.TABLE_FUNCTIONS
        rows = connection.execute(QUERY).fetchall()
        for schema, name, body in rows:
            if body is not None:
                self._now[guard.folded(f"{schema}.{name}")] = body
            elif schema == "main" and guard.folded(name) in functions:
                raise QueryRefusedError(f"the lake's macro {name} hides a function; drop it")

    def check(self, connection: DuckDBPyConnection, reach: guard.Reach) -> None:
        """Refuse a view, or one that it reads, whose body could not be a query itself.

        What a view reads at another snapshot, DuckLake looks up there with all that is below it.
        Which one that is only DuckDB can work out, so every body counts that a view ever had.
        """
        refuse_expired(connection, reach.times)
        todo, seen = _entries(reach, is_past=False), set[tuple[str, bool]]()
        while todo:
            view, is_past = entry = todo.pop()
            if entry in seen:
                continue
            seen.add(entry)
            for body in self._bodies(connection, view, is_past=is_past):
                try:
                    below = guard.check(body.replace(LAKE, "lake"))
                except QueryRefusedError as error:
                    named = f"{view} as it was" if is_past else view
                    said = f"the view {named} cannot be read: {error}"
                    raise QueryRefusedError(said) from None
                refuse_expired(connection, below.times)
                todo += _entries(below, is_past=is_past)

    def _bodies(
        self, connection: DuckDBPyConnection, view: str, *, is_past: bool
    ) -> Collection[str]:
        if not is_past:
            return [self._now[view]] if view in self._now else []
        if view not in self._ever or not self._is_newest:  # 4 ms on SQLite
            rows = connection.execute(EVER.format(name=parse.text(view))).fetchall()
            self._ever[view] = [body for (body,) in rows]
        return self._ever[view]


def _entries(reach: guard.Reach, *, is_past: bool) -> list[tuple[str, bool]]:
    now = [(table, is_past) for table in reach.tables]
    return now + [(table, True) for table in reach.past]
