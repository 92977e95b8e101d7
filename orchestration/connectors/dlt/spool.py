"""Where what a source yields waits until it is whole: a DuckDB of its own, in flat memory.

The lake's transaction begins when the source is through, and reads it as often as it has to. What
has no room in memory is spilled into the lake's home, encrypted where the lake is.
"""

from __future__ import annotations

import hashlib
import json
import os
from itertools import count
from typing import TYPE_CHECKING

from catalog import extensions
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

MEMORY = "128MB"  # what is beyond it waits on the disk
BATCH = 16_384  # rows; the gate holds up to 32 batches at once
HASHED = "select count(*), sum(hash({0}))::varchar, sum(hash({0}, 'again'))::varchar from {1}"
_numbers = count()


class Spool:
    """Tables of one delivery, one for each shape that its rows have."""

    def __init__(self, spill: Path | None = None, *, seal: bool = False) -> None:
        """An empty one.

        Args:
            spill: folder of the lake, for what has no room in memory.
            seal: encrypt what is spilled.
        """
        config = {"memory_limit": MEMORY, "autoinstall_known_extensions": "false"}
        if spill:
            # By the number of the process, so that doctor finds what a killed one has left.
            folder = spill / f"spill-{os.getpid()}-dlt-{next(_numbers)}"
            config |= {"temp_directory": str(folder), "temp_file_encryption": str(seal).lower()}
        self._connection = extensions.connect(("httpfs",) if seal else (), config)
        self._connection.execute("set timezone = 'UTC'; set enable_progress_bar = false")
        self.schemas: list[pa.Schema] = []
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Rows with their `_position`; each shape goes into a table of its own, nothing is cast."""
        bare = table.schema.remove_metadata()
        self._connection.register("batch", table)
        if bare in self.schemas:
            name = f"rows_{self.schemas.index(bare)}"
            self._connection.execute(f"insert into {name} from batch")
        else:
            self._connection.execute(f"create table rows_{len(self.schemas)} as from batch")
            self.schemas.append(bare)
        self._connection.unregister("batch")
        self.rows += len(table)

    def content_hash(self, *more: str) -> str:
        """SHA-256 of the rows, in whatever order they came, and of what else there is."""
        sums = []
        for at, schema in enumerate(self.schemas):
            names = sorted(name for name in schema.names if name != "_position")
            query = HASHED.format(", ".join(map(quoted, names)), f"rows_{at}")
            sums.append((names, self._connection.execute(query).fetchone()))
        said = json.dumps([sorted(sums, key=str), *more])
        return hashlib.sha256(said.encode()).hexdigest()

    def batches(self, at: int) -> Iterator[pa.RecordBatch]:
        """The rows of a shape."""
        # In a session of its own: a transaction that is tried again reads from the start.
        with self._connection.cursor() as cursor:
            cursor.execute("set timezone = 'UTC'")
            yield from cursor.execute(f"from rows_{at}").to_arrow_reader(BATCH)

    def close(self) -> None:
        """Forget all of it."""
        self._connection.close()
