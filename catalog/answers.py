"""What a table answers at snapshots: its rows counted and hashed, to compare with later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

Answers = dict[int, tuple[int, int]]  # by snapshot: rows, and the sum of their hashes


def answers(
    connection: DuckDBPyConnection, schema: str, table: str, snapshots: Iterable[int]
) -> Answers:
    """Rows and values of a table at snapshots, in one scan for each.

    Where the table was not there yet, or the snapshot has expired, it has no entry. Row ids are
    left out: those of earlier snapshots may change when DuckLake merges files whose rows were
    updated.
    """
    found: Answers = {}
    name = f"lake.{quoted(schema)}.{quoted(table)}"
    for snapshot in snapshots:
        try:
            row = connection.execute(
                "select count(*), coalesce(sum(hash(t)::hugeint), 0) "
                f"from (from {name} at (version => {snapshot})) as t"
            ).fetchone()
        except duckdb.CatalogException:
            continue
        except duckdb.InvalidInputException as error:
            if "No snapshot found" not in str(error):
                raise
            continue
        if row:
            found[snapshot] = (int(row[0]), int(row[1]))
    return found
