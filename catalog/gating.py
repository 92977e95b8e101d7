"""Chunks through the gate: kept rows into bronze, broken ones into quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from catalog.delivery import DeliveryError
from catalog.tables import bronze
from data_contracts.gate import Gate, compile_gate
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from catalog.delivery import Broken, Chunk, Delivery
    from data_contracts.contract import Contract

CHUNK_ROWS = 1_000_000
CHUNK_BYTES = 128 << 20
OWN = ("_source", "_position", "_batch")
QUARANTINED_AT = "now()"


class Gating:
    """The chunks of one transaction's deliveries, gathered until a statement is worth its while."""

    def __init__(self, connection: DuckDBPyConnection, contract: Contract) -> None:
        self._connection = connection
        self._contract = contract
        self._gates: dict[tuple[tuple[str, str], ...], Gate] = {}
        self._tables: dict[tuple[str | None, ...], list[pa.Table]] = {}
        self._broken: list[tuple[Delivery, int, Broken]] = []
        self.repeated: dict[int, int] = {}  # rows of a load whose local time exists twice

    def add(self, delivery: Delivery, batch: int, chunk: Chunk) -> None:
        """Take one chunk of a delivery that is loaded as `batch`."""
        self._broken += [(delivery, batch, broken) for broken in chunk.broken]
        if chunk.scan is not None:
            self._through(self._named(f"({chunk.scan})", delivery, batch), chunk.rows)
        elif chunk.table is not None and chunk.rows:
            table = _with_lineage(chunk.table, delivery, batch)
            shape = (chunk.columns, *table.column_names)
            gathered = self._tables.setdefault(shape, [])
            gathered.append(table)
            if sum(map(len, gathered)) >= CHUNK_ROWS or sum(t.nbytes for t in gathered) >= CHUNK_BYTES:
                self._flush(shape)

    def finish(self) -> None:
        """Send what is left."""
        for shape in list(self._tables):
            self._flush(shape)
        if self._broken:
            self._quarantine_broken()

    def _flush(self, shape: tuple[str | None, ...]) -> None:
        tables = self._tables.pop(shape)
        rows = sum(map(len, tables))
        columns, *names = shape
        relation = "chunk"
        if columns:
            groups = [quoted(name) for name in names if name and name.startswith("{")]
            relation = f"(select {', '.join((*OWN, *groups))}, {columns} from chunk)"
        self._connection.register("chunk", pa.concat_tables(tables))
        tables.clear()
        try:
            self._through(relation, rows)
        finally:
            self._connection.unregister("chunk")

    def _through(self, relation: str, rows: int) -> None:
        gate = self._gate(relation)
        if self._contract.duplicates == "first":
            self._mark_firsts(relation, gate)
            gate_ok = f"{gate.ok} and (_batch, _position) in (from temp.firsts)"
        else:
            gate_ok = gate.ok
        names = ", ".join(map(quoted, (*gate.columns, *OWN, "_op")))
        values = ", ".join((*gate.values, *OWN))
        kept = self._connection.execute(
            f"insert into {bronze(self._contract)} ({names}) "
            f"select {values}, 'I' from {relation} where {gate_ok}"
        ).fetchone()
        if kept is None or kept[0] < rows:
            self._quarantine(relation, gate, gate_ok)
        if gate.repeated:
            self._count_repeated(relation, gate)

    def _gate(self, relation: str) -> Gate:
        try:
            described = self._connection.execute(f"describe from {relation}").fetchall()
        except duckdb.Error as error:
            raise DeliveryError(f"cannot be read: {str(error).splitlines()[0]}") from error
        columns = tuple((row[0], row[1]) for row in described if row[0] not in OWN)
        if columns not in self._gates:
            self._gates[columns] = compile_gate(self._contract, dict(columns))
        return self._gates[columns]

    def _quarantine(self, relation: str, gate: Gate, ok: str) -> None:
        reasons = gate.reasons
        if self._contract.duplicates == "first":
            keys = ", ".join(column.name for column in self._contract.key)
            again = literal(f"primary key ({keys}): is there already, and duplicates is first")
            reasons = f"case when {gate.ok} then [{again}] else {gate.reasons} end"
        self._connection.execute(
            "insert into lake.ops.quarantine "
            f"select _batch || '-' || _position, {literal(self._contract.table)}, _source, _position, "
            f"{reasons}, {gate.payload}, _batch, {QUARANTINED_AT} from {relation} where not ({ok})"
        )

    def _quarantine_broken(self) -> None:
        columns = {
            "id": [f"{batch}-{b.position}" for _, batch, b in self._broken],
            "table_name": [self._contract.table] * len(self._broken),
            "source": [delivery.source for delivery, _, _ in self._broken],
            "position": [b.position for _, _, b in self._broken],
            "reasons": [[b.reason] for _, _, b in self._broken],
            "payload": [b.payload for _, _, b in self._broken],
            "batch": [batch for _, batch, _ in self._broken],
        }
        self._connection.register("broken", pa.table(columns))
        self._connection.execute(f"insert into lake.ops.quarantine select *, {QUARANTINED_AT} from broken")
        self._connection.unregister("broken")
        self._broken.clear()

    def _mark_firsts(self, relation: str, gate: Gate) -> None:
        """Find the rows whose key is new: not in the table, and the first in this relation."""
        keys = [quoted(column.name) for column in self._contract.key]
        values = dict(zip(gate.columns, gate.values, strict=True))
        named = ", ".join(f"{values[c.name]} as {quoted(c.name)}" for c in self._contract.key)
        listed = ", ".join(keys)
        same = " and ".join(f"known.{key} is not distinct from first.{key}" for key in keys)
        self._connection.execute(
            "create or replace temp table firsts as select _batch, _position from ("
            f"select {named}, _batch, _position from {relation} where {gate.ok} "
            f"qualify row_number() over (partition by {listed} order by _batch, _position) = 1) as first "
            f"where not exists (select 1 from {bronze(self._contract)} as known where {same})"
        )

    def _count_repeated(self, relation: str, gate: Gate) -> None:
        rows = self._connection.execute(
            f"select _batch, count(*) from {relation} where {gate.repeated} group by all"
        ).fetchall()
        for batch, count in rows:
            self.repeated[batch] = self.repeated.get(batch, 0) + count

    def _named(self, relation: str, delivery: Delivery, batch: int) -> str:
        constants = {f"{{{group}}}": value for group, value in delivery.groups.items()}
        extra = "".join(f", {literal(value)} as {quoted(name)}" for name, value in constants.items())
        return f"(select *, {literal(delivery.source)} as _source, {batch}::bigint as _batch{extra} from {relation})"


def _with_lineage(table: pa.Table, delivery: Delivery, batch: int) -> pa.Table:
    rows = len(table)
    for group, value in delivery.groups.items():
        table = table.append_column(f"{{{group}}}", _repeated(value, rows))
    table = table.append_column("_source", _repeated(delivery.source, rows))
    return table.append_column("_batch", pa.repeat(pa.scalar(batch, pa.int64()), rows))


def _repeated(value: str, rows: int) -> pa.Array:
    # A dictionary of one: the text is not written once a row.
    indices = pa.repeat(pa.scalar(0, pa.int32()), rows)
    return pa.DictionaryArray.from_arrays(indices, pa.array([value]))

