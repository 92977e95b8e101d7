"""New numbers of loads and receipts, each higher than all before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from catalog.locks import Sessions

COLUMNS = {"batch": ("batch", "ledger"), "receipt": ("id", "receipt")}


class Numbers:
    """Counts on: on SQLite, where one writes at a time, from the highest number in the table; on
    Postgres, where tables are written at once, by sequences.
    """

    def __init__(self, sessions: Sessions | None) -> None:
        """Count nothing yet.

        Args:
            sessions: of the catalog's Postgres; None where SQLite is the catalog.
        """
        self._sessions = sessions
        self._known: set[str] = set()  # sequences that are there

    def next(self, connection: DuckDBPyConnection, kind: str, count: int) -> int:
        """The first of `count` new numbers of a kind, ``batch`` or ``receipt``."""
        if self._sessions is None:
            return _highest(connection, kind) + 1
        name = f"lakehouse_{kind}"
        with self._sessions.one() as session:
            if kind not in self._known:
                known = session.execute("select to_regclass(%s)", [name]).fetchone()
                if not (known and known[0]):
                    with self._sessions.lock(f"lakehouse:sequence:{kind}"):
                        start = _highest(connection, kind) + 1
                        session.execute(f"create sequence if not exists {name} start {start}")
                self._known.add(kind)
            found = session.execute(
                "select min(nextval(%s::regclass)) from generate_series(1, %s)", [name, count]
            ).fetchone()
        return int(found[0]) if found else 0


def _highest(connection: DuckDBPyConnection, kind: str) -> int:
    column, table = COLUMNS[kind]
    row = connection.execute(f"select coalesce(max({column}), 0) from lake.ops.{table}").fetchone()
    return int(row[0]) if row else 0
