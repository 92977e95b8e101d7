"""Rows that a statement found broken: noted while it runs, and written to quarantine after it."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from duckdb import sqltype
from duckdb.func import ARROW, SPECIAL

from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from catalog.delivery import Broken

IN_MEMORY = 32 << 20  # bytes of noted rows; further ones wait in a file
RECORD_BYTES = 2048  # about what a batch of rows takes beside them
# The catalog takes no NUL in a list's text; the payload has it.
REASONS = "list_transform(reasons, lambda reason : replace(reason, chr(0), '\u2400'))"
SCHEMA = pa.schema(
    [
        ("batch", pa.int64()),
        ("source", pa.string()),
        ("position", pa.int64()),
        ("reasons", pa.list_(pa.string())),
        ("payload", pa.binary()),
        ("key", pa.string()),
    ]
)


class BrokenRows:
    """Notes broken rows on behalf of the statements of one connection."""

    def __init__(self, connection: DuckDBPyConnection, table: str, *, keyed: bool) -> None:
        self._connection = connection
        self._table = table
        self._keyed = keyed  # whether the keys of broken rows are to be known
        self.unknown = 0  # broken rows whose key cannot be read
        self.noted = 0  # since the last `clear`
        self._noted: list[pa.RecordBatch] = []
        self._bytes = 0
        self._spilled: IO[bytes] | None = None
        self._writer: pa.ipc.RecordBatchStreamWriter | None = None
        self.repeated: dict[int, int] = {}
        for name, note, types in (
            (
                "note_broken",
                self._note,
                ["BIGINT", "VARCHAR", "BIGINT", "VARCHAR[]", "BLOB", "VARCHAR"],
            ),
            ("note_repeated", self._note_repeated, ["BIGINT"]),
        ):
            connection.create_function(
                name,
                note,
                [sqltype(type_) for type_ in types],
                sqltype("BOOLEAN"),
                type=ARROW,
                null_handling=SPECIAL,
                side_effects=True,
            )

    def let_go(self) -> None:
        """Leave the connection as it was."""
        for name in ("note_broken", "note_repeated"):
            self._connection.remove_function(name)

    @staticmethod
    def function(
        batch: str, source: str, position: str, reasons: str, payload: str, key: str
    ) -> str:
        """SQL that notes a row and is false; no argument may be null, or it is not called."""
        return f"note_broken({batch}, {source}::varchar, {position}, {reasons}, {payload}, {key})"

    def add_records(self, source: str, batch: int, records: Sequence[Broken]) -> None:
        """Note records that have no columns."""
        if records:
            columns = [
                pa.array([batch] * len(records), pa.int64()),
                pa.array([source] * len(records), pa.string()),
                pa.array([record.position for record in records], pa.int64()),
                pa.array([[record.reason] for record in records], SCHEMA.field("reasons").type),
                pa.array([record.payload for record in records], pa.binary()),
                pa.array([""] * len(records), pa.string()),
            ]
            self._keep(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))

    def write(self) -> int:
        """Write what was noted to ``ops.quarantine``, in the open transaction, and forget it.

        Returns:
            How many rows the statement says it wrote.
        """
        if not self._noted and self._spilled is None:
            return 0
        self._connection.register("broken", self._reader())
        try:
            broken = "broken"
            if self._keyed:
                broken = "temp.broken_rows"
                self._mention()
            written = self._connection.execute(
                "insert into lake.ops.quarantine "
                f"select batch || '-' || position, {literal(self._table)}, source, position, "
                f"{REASONS}, payload, batch, now() from {broken}"
            ).fetchone()
            return int(written[0]) if written else 0
        finally:
            self._connection.unregister("broken")
            self.clear()

    def _mention(self) -> None:
        """Note which keys a delivery has in quarantine: they are not absent from it."""
        self._connection.execute("create or replace temp table broken_rows as from broken")
        self._connection.execute(
            f"insert into lake.ops.mention select distinct batch, {literal(self._table)}, key, "
            "'quarantined', now() from temp.broken_rows where key <> ''"
        )
        unread = "select count(*) from temp.broken_rows where key = ''"
        found = self._connection.execute(unread).fetchone()
        self.unknown += int(found[0]) if found else 0

    def clear(self) -> None:
        """Forget what was noted."""
        self.noted = 0
        self._noted.clear()
        self._bytes = 0
        self._writer = None
        if self._spilled is not None:
            self._spilled.close()
            self._spilled = None

    def _note(
        self,
        batch: pa.ChunkedArray,
        source: pa.ChunkedArray,
        position: pa.ChunkedArray,
        reasons: pa.ChunkedArray,
        payload: pa.ChunkedArray,
        key: pa.ChunkedArray,
    ) -> pa.Array:
        columns = [batch, source, position, reasons, payload, key]
        table = pa.Table.from_arrays(columns, names=SCHEMA.names).cast(SCHEMA)
        for record in table.to_batches():
            self._keep(record)
        return pa.repeat(pa.scalar(False), len(batch))

    def _note_repeated(self, batch: pa.ChunkedArray) -> pa.Array:
        for counted in pc.value_counts(batch).to_pylist():
            number = counted["values"]
            self.repeated[number] = self.repeated.get(number, 0) + counted["counts"]
        return pa.repeat(pa.scalar(True), len(batch))

    def _keep(self, record: pa.RecordBatch) -> None:
        self._noted.append(record)
        self.noted += len(record)
        self._bytes += record.nbytes + RECORD_BYTES
        if self._bytes > IN_MEMORY:
            if self._writer is None:
                self._spilled = tempfile.TemporaryFile()  # noqa: SIM115 - closed by clear()
                self._writer = pa.ipc.new_stream(self._spilled, SCHEMA)
            self._writer.write_table(pa.Table.from_batches(self._noted, SCHEMA))
            self._noted.clear()
            self._bytes = 0

    def _reader(self) -> pa.RecordBatchReader | pa.Table:
        if self._spilled is None or self._writer is None:
            return pa.Table.from_batches(self._noted, SCHEMA)
        self._writer.write_table(pa.Table.from_batches(self._noted, SCHEMA))
        self._writer.close()
        self._spilled.seek(0)
        return pa.ipc.open_stream(self._spilled)
