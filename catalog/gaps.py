"""Times whose history has expired: between snapshots that are left, another state would answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from catalog.errors import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

# The snapshots around a time, where those between them have expired. DuckLake takes the first.
AROUND = """
select max(snapshot_id) filter (snapshot_time <= moment) as before,
    min(snapshot_id) filter (snapshot_time > moment) as after
from lake.snapshots(), (select ({time})::timestamptz as moment)
having after > before + 1
"""


def around(connection: DuckDBPyConnection, time: str) -> tuple[int, int] | None:
    """The snapshots that are left around a time whose own has expired; None where all is there.

    Args:
        connection: to the lake.
        time: an SQL expression.
    """
    row = connection.execute(AROUND.format(time=time)).fetchone()
    return (int(row[0]), int(row[1])) if row else None


def refuse_expired(connection: DuckDBPyConnection, times: Iterable[str]) -> None:
    """Refuse a query that asks for a time whose history has expired.

    Raises:
        QueryRefusedError: and which snapshots are left around it.
    """
    for time in times:
        try:
            found = around(connection, time)
        except duckdb.Error:
            continue  # DuckLake refuses it, too, and says why
        if found:
            raise QueryRefusedError(
                "the lake's history of the time that the query asks for has expired; the nearest "
                f"snapshots that are left are {found[0]} and {found[1]}: at (version => {found[0]})"
            )
