"""Where what a source yields waits until it is whole: tables of the load's own DuckDB.

The lake's transaction begins when the source is through, and reads it as often as it has to. What
has no room in memory is spilled into the lake's home, encrypted where the lake is.
"""

from __future__ import annotations

import hashlib
import json
from itertools import count
from typing import TYPE_CHECKING

from catalog import extensions
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from duckdb import DuckDBPyConnection

BATCH = 16_384  # rows; the gate holds up to 32 batches at once
CONFIG = {"autoinstall_known_extensions": "false"}
HASHED = "select count(*), sum(hash({0}))::varchar, sum(hash({0}, 'again'))::varchar from {1}"
_numbers = count()


class Spool:
    """Tables of one delivery, one for each shape that its rows have."""

    def __init__(self, connection: DuckDBPyConnection | None = None) -> None:
        """An empty one.

        Args:
            connection: to the lake, which is lent and stays open; a DuckDB of its own where it is
                None.
        """
        self._lent = connection is not None
        self._connection = connection or extensions.connect((), CONFIG)
        self._name = f"memory.main.spool_{next(_numbers)}_"
        self.schemas: list[pa.Schema] = []
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Rows with their `_position`; each shape goes into a table of its own, nothing is cast."""
        bare = table.schema.remove_metadata()
        self._connection.register("spooled", table)
        if bare in self.schemas:
            name = f"{self._name}{self.schemas.index(bare)}"
            self._connection.execute(f"insert into {name} from spooled")
        else:
            name = f"{self._name}{len(self.schemas)}"
            self._connection.execute(f"create table {name} as from spooled")
            self.schemas.append(bare)
        self._connection.unregister("spooled")
        self.rows += len(table)

    def content_hash(self, *more: str) -> str:
        """SHA-256 of the rows, in whatever order they came, and of what else there is."""
        sums = []
        for at, schema in enumerate(self.schemas):
            names = sorted(name for name in schema.names if name != "_position")
            query = HASHED.format(", ".join(map(quoted, names)), f"{self._name}{at}")
            sums.append((names, self._connection.execute(query).fetchone()))
        said = json.dumps([sorted(sums, key=str), *more])
        return hashlib.sha256(said.encode()).hexdigest()

    def batches(self, at: int) -> Iterator[pa.RecordBatch]:
        """The rows of a shape."""
        # In a session of its own: the load's is writing them, and may be tried again.
        with self._connection.cursor() as cursor:
            cursor.execute("set timezone = 'UTC'")
            yield from cursor.execute(f"from {self._name}{at}").to_arrow_reader(BATCH)

    def close(self) -> None:
        """Forget all of it."""
        if not self._lent:
            self._connection.close()
            return
        for at in range(len(self.schemas)):
            self._connection.execute(f"drop table {self._name}{at}")
