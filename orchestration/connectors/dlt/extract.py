"""What a resource yields, item by item into the spool and from there to the gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from catalog.delivery import Broken, Chunk, DeliveryError
from data_contracts.types import quoted
from orchestration.connectors.dlt.items import as_json, as_table
from orchestration.connectors.dlt.spool import BATCH
from orchestration.connectors.files.columns import OWN, int64
from orchestration.connectors.files.json import chunk_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Contract
    from orchestration.connectors.dlt.spool import Spool

RECORDS = pa.schema([("_raw", pa.string()), ("_position", pa.int64())])
BATCH_BYTES = 8 << 20


@dataclass(slots=True)
class Extract:
    """What a resource yielded.

    Attributes:
        state: of dlt afterwards, as text.
        names: keys of its records.
        broken: records that have no form in JSON.
    """

    spool: Spool
    state: str = ""
    read: int = 0
    names: dict[str, str] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    waiting: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    size: int = 0

    def add(self, item: Any) -> int:
        """Take an item; how many rows left the memory for the spool.

        Raises:
            DeliveryError: it names a column as the lake does its own.
        """
        if (table := as_table(item)) is not None:
            if own := [name for name in table.column_names if name.lower() in OWN]:
                raise DeliveryError(f"has a column {own[0]}, a name of the lake's own; rename it")
            places = np.arange(self.read + 1, self.read + len(table) + 1)
            self.read += len(table)
            self.spool.add(table.append_column("_position", int64(places)))
            return len(table)
        self.read += 1
        if isinstance(item, dict):
            self.names |= dict.fromkeys(map(str, item), "json")
        try:
            self.waiting.append(as_json(item))
        except ValueError as error:
            payload = repr(item).encode("utf-8", "backslashreplace")
            self.broken.append(Broken(self.read, str(error), payload))
            return 0
        self.places.append(self.read)
        self.size += len(self.waiting[-1])
        full = len(self.waiting) >= BATCH or self.size >= BATCH_BYTES
        return self.flush() if full else 0

    def flush(self) -> int:
        """Records that wait in memory into the spool; how many."""
        rows, self.size = len(self.waiting), 0
        if rows:
            raw = pa.array(self.waiting, pa.binary()).cast(pa.string())
            places = int64(np.array(self.places))
            self.spool.add(pa.Table.from_arrays([raw, places], schema=RECORDS))
            self.waiting, self.places = [], []
        return rows

    def types(self) -> dict[str, str]:
        """Names of columns, with Arrow's types where they have such."""
        tables = [schema for schema in self.spool.schemas if schema != RECORDS]
        found = {field.name: str(field.type) for schema in tables for field in schema}
        return {**self.names, **{n: t for n, t in found.items() if n != "_position"}}

    def chunks(self, contract: Contract) -> Iterator[Chunk]:
        """Its rows for the gate."""
        if self.broken:
            yield Chunk(0, broken=tuple(self.broken))
        for at, schema in enumerate(self.spool.schemas):
            # The number of the shape keeps those apart whose columns differ in their types alone.
            columns = ", ".join(_column(field) for field in schema if field.name != "_position")
            for batch in self.spool.batches(at):
                if schema == RECORDS:
                    raw = batch.column("_raw").cast(pa.binary())
                    yield chunk_of(raw, batch.column("_position").to_numpy(), contract)
                else:
                    table = pa.Table.from_batches([batch])
                    yield Chunk(batch.num_rows, table, columns=f"{columns} /* {at} */")


def _column(field: pa.Field) -> str:
    """SQL of a column of tables; bytes are hex, as those of records are."""
    name = quoted(field.name)
    is_bytes = pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type)
    return f"lower(hex({name})) as {name}" if is_bytes else name
