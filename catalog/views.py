"""What else a query runs: views of the lake, and macros that hide functions of DuckDB's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from catalog import allowed, guard
from catalog.errors import QueryRefusedError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUERY = Path(__file__).with_name("views.sql").read_text(encoding="utf-8")
LAKE = "{DUCKLAKE_CATALOG}"  # as DuckLake writes the lake's name in a body


class Views(NamedTuple):
    """The views of one snapshot: their bodies by ``schema.view``."""

    snapshot: int
    bodies: dict[str, str]

    @classmethod
    def of(cls, connection: DuckDBPyConnection, snapshot: int) -> Views:
        """The views of the snapshot that a connection reads.

        Raises:
            QueryRefusedError: a macro of the lake stands where queries expect a function.
        """
        bodies: dict[str, str] = {}
        functions = allowed.functions() | allowed.TABLE_FUNCTIONS
        rows = connection.execute(QUERY).fetchall()
        for schema, name, body in rows:
            if body is not None:
                bodies[guard.folded(f"{schema}.{name}")] = body.replace(LAKE, "lake")
            elif schema == "main" and guard.folded(name) in functions:
                raise QueryRefusedError(f"the lake's macro {name} hides a function; drop it")
        return cls(snapshot, bodies)

    def check(self, tables: frozenset[str]) -> None:
        """Refuse a view, or one that it reads, whose body could not be a query itself."""
        todo, seen = list(tables & self.bodies.keys()), set(tables)
        while todo:
            view = todo.pop()
            try:
                below = guard.check(self.bodies[view])
            except QueryRefusedError as error:
                raise QueryRefusedError(f"the view {view} cannot be read: {error}") from None
            todo += (below & self.bodies.keys()) - seen
            seen |= below
