"""Deliveries through the gate, in one pass: kept rows into bronze, broken ones into quarantine.

One INSERT reads a stream of Arrow batches (or scans a file), works out values and predicate in one
projection, and writes the rows that keep the contract. A row that does not is handed, with reasons
that are worked out for it alone, to a function that notes it and answers false. So the source is
read once, in flat memory, into one file. Two of the optimizer's steps are turned off: it would push
the predicate below the projection and work every value out twice, and it would take what two
expressions share out of the branches of CASE, which spare most rows from it (4.7 s of a core
against 2.5 for 1.5 million rows).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, groupby
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from catalog.backpressure import Backpressure
from catalog.broken import BrokenRows
from catalog.delivery import DeliveryError
from catalog.errors import plain
from catalog.tables import bronze, has_nested
from data_contracts.errors import SourceError
from data_contracts.gate import ORIGIN, compile_gate
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from catalog.delivery import Chunk, Delivery
    from data_contracts.contract import Contract
    from data_contracts.gate import Gate

CHANGES = "temp.changes"  # where rows of changes wait
OWN = ("_source", "_position", "_batch")
# A spoiled file may raise the base class itself, with words such as "Out of buffer". A conversion
# that fails is the reader's, of milliseconds that no microseconds can say: no gate raises one.
UNREADABLE = (
    duckdb.Error,
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.ConversionException,
)
WASTEFUL = "filter_pushdown,common_subexpressions"
INLINED = "ducklake_default_data_inlining_row_limit"
SOURCE_TYPE = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class Piece:
    """One chunk of a delivery on its way."""

    delivery: Delivery
    batch: int
    chunk: Chunk
    place: int  # of its scan, which is a relation of its own

    @property
    def shape(self) -> tuple[str | None, ...]:
        """Pieces of one shape go through one statement."""
        origin = self.delivery.origin
        if self.chunk.table is None:
            return (origin, self.chunk.scan, str(self.place))
        return (origin, self.chunk.columns, *self.chunk.table.column_names, *self.delivery.groups)


class Gating:
    """The gate of one contract on one connection."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        contract: Contract,
        progress: Callable[[Delivery, int], None] | None = None,
    ) -> None:
        self._connection = connection
        self._contract = contract
        self._broken = BrokenRows(connection, contract.table, keyed=contract.loading.changes)
        self._gates: dict[tuple[object, ...], Gate] = {}
        self.read: dict[int, int] = {}  # records of each load
        self.kept = self.broken = 0  # rows of all loads, as the statements say that wrote them
        self.failures: dict[int, str] = {}  # of loads that cannot be read, or do not fit
        self._progress = progress
        self._staged = contract.loading.changes

    @property
    def unknown(self) -> int:
        """Broken rows whose key cannot be read, of all loads of the last run."""
        return self._broken.unknown

    @property
    def repeated(self) -> dict[int, int]:
        """Rows of each load with a local time that exists twice."""
        return self._broken.repeated

    def let_go(self) -> None:
        """Leave the connection as it was, for the gate of another contract."""
        self._broken.let_go()

    def run(self, loads: Sequence[tuple[int, Delivery]], *, staged: bool = True) -> None:
        """Send deliveries through, each as the load of its number, in the open transaction.

        What cannot be read is in `failures` afterwards; the transaction is then to be rolled back.

        Args:
            loads: numbers and deliveries.
            staged: where their contract loads changes, leave the rows in `temp.changes`; else they
                go into bronze as they come.
        """
        self._staged = staged and self._contract.loading.changes
        self.read, self.failures = dict.fromkeys((batch for batch, _ in loads), 0), {}
        self.kept = self.broken = 0
        self._broken.clear()
        self._broken.unknown = 0
        self._broken.repeated.clear()  # a transaction that is tried again would count twice
        for _, pieces in groupby(self._pieces(loads), key=lambda piece: piece.shape):
            if not self._send(pieces):
                break
            if not self.failures:
                self.broken += self._broken.write()
        if not self.failures:
            self.broken += self._broken.write()

    def _pieces(self, loads: Sequence[tuple[int, Delivery]]) -> Iterator[Piece]:
        for batch, delivery in loads:
            try:
                for place, chunk in enumerate(delivery.read()):
                    self._count(batch, delivery, (chunk.rows or 0) + len(chunk.broken))
                    self._broken.add_records(delivery.source, batch, chunk.broken)
                    if chunk.rows != 0:
                        yield Piece(delivery, batch, chunk, place)
            except DeliveryError as error:
                self.failures[batch] = str(error)

    def _count(self, batch: int, delivery: Delivery, rows: int) -> None:
        self.read[batch] += rows
        if self._progress:
            self._progress(delivery, rows)

    def _send(self, pieces: Iterator[Piece]) -> bool:
        """Insert pieces of one shape; false where that has aborted the transaction."""
        first = next(pieces)
        if first.chunk.scan is not None:
            return self._scan(first)
        self._stream(first, pieces)
        return True

    def _scan(self, piece: Piece) -> bool:
        constants = {"_source": literal(piece.delivery.source), "_batch": f"{piece.batch}::bigint"}
        constants |= {f"{{{group}}}": literal(v) for group, v in piece.delivery.groups.items()}
        named = ", ".join(f"{value} as {quoted(name)}" for name, value in constants.items())
        before = self.kept + self._broken.noted
        try:
            self._insert(f"(select *, {named} from ({piece.chunk.scan}))", piece.delivery.origin)
        except SourceError as error:
            self.failures[piece.batch] = str(error)
        except duckdb.Error as error:
            if type(error) not in UNREADABLE and not piece.delivery.reread:
                raise
            self.failures[piece.batch] = f"cannot be read: {plain(error)}"
            return False
        if piece.chunk.rows is None:
            rows = self.kept + self._broken.noted - before
            self._count(piece.batch, piece.delivery, rows)
        return True

    def _stream(self, first: Piece, others: Iterator[Piece]) -> None:
        pressure = Backpressure()
        schema = _with_lineage(first, pressure)[0].schema
        pieces = chain([first], others)
        relation = "chunk"
        if first.chunk.columns:
            groups = [quoted(f"{{{group}}}") for group in first.delivery.groups]
            columns = ", ".join((*OWN, *groups, first.chunk.columns))
            relation = f"(select {columns} from {first.chunk.over})"
        batches = (batch for piece in pieces for batch in _with_lineage(piece, pressure))
        try:
            if (relation, schema) not in self._gates:
                self._connection.register("chunk", pa.Table.from_batches([], schema))
                self._gates[relation, schema] = self._gate(relation)
            gate = self._gates[relation, schema]
            self._connection.register("chunk", pa.RecordBatchReader.from_batches(schema, batches))
            self._insert(relation, first.delivery.origin, gate)
        except SourceError as error:
            # The columns do not fit, and so those of every delivery of this shape.
            self.failures |= {piece.batch: str(error) for piece in pieces}
        finally:
            self._connection.unregister("chunk")

    def _insert(self, relation: str, origin: str | None, gate: Gate | None = None) -> None:
        gate = gate or self._gate(relation)
        relation = gate.over(relation)
        if self._contract.duplicates == "first":
            self._connection.execute(f"create or replace temp table staged as from {relation}")
            self._mark_firsts("temp.staged", gate)
            gate = _first_only(gate, self._contract)
            relation = "temp.staged"
        kept = f"{gate.prefix}is_kept"
        named = [f"{gate.prefix}value_{at}" for at in range(len(gate.values))]
        values = ", ".join(f"{v} as {name}" for v, name in zip(gate.values, named, strict=True))
        of_changes = self._contract.loading.changes and not self._staged
        own = (*OWN, "_op", "_origin", *(["_delivery"] if of_changes else []))
        names = ", ".join(map(quoted, (*gate.columns, *own)))
        target = CHANGES if self._staged else bronze(self._contract)
        from_ = literal(origin) if origin else "null"
        given = ", ".join((*named, *OWN, "'I'", from_, *(["_batch"] if of_changes else [])))
        key = gate.key.replace(f"({ORIGIN})", f"({from_})") if gate.key else "''"
        broken = self._broken.function(
            "_batch", "_source", "_position", gate.reasons, gate.payload, key
        )
        told = f"when {gate.repeated} then note_repeated(_batch)" if gate.repeated else ""
        self._connection.execute(f"set disabled_optimizers = '{WASTEFUL}'")
        if has_nested(self._contract):
            # DuckLake's catalog takes a few rows itself, and there a struct's texts lose their
            # quotes and backslashes (1.5.5); in a file they stay.
            self._connection.execute(f"set {INLINED} = 0")
        written = self._connection.execute(
            f"insert into {target} ({names}) select {given} "
            f"from (select *, {values}, {gate.ok} as {kept} from {relation}) "
            f"where case when not {kept} then {broken} {told} else true end"
        ).fetchone()
        self.kept += int(written[0]) if written else 0
        # Where that fails the transaction is aborted, and nothing can be set; the next one does it.
        self._connection.execute(f"set disabled_optimizers = ''; reset {INLINED}")

    def _gate(self, relation: str) -> Gate:
        described = self._connection.execute(f"describe from {relation}").fetchall()
        columns = tuple((row[0], row[1]) for row in described if row[0] not in OWN)
        if columns not in self._gates:
            self._gates[columns] = compile_gate(self._contract, dict(columns))
        return self._gates[columns]

    def _mark_firsts(self, relation: str, gate: Gate) -> None:
        """Find the rows whose key is new: not in the table, and the first in this relation."""
        keys = [quoted(column.name) for column in self._contract.key]
        values = dict(zip(gate.columns, gate.values, strict=True))
        named = ", ".join(f"{values[c.name]} as {quoted(c.name)}" for c in self._contract.key)
        same = " and ".join(f"known.{key} is not distinct from first.{key}" for key in keys)
        order = "partition by {} order by _batch, _position".format(", ".join(keys))
        self._connection.execute(
            "create or replace temp table firsts as select _batch, _position from ("
            f"select {named}, _batch, _position from {relation} where {gate.ok}) as first "
            f"where not exists (select 1 from {bronze(self._contract)} as known where {same}) "
            f"qualify row_number() over ({order}) = 1"
        )


def _first_only(gate: Gate, contract: Contract) -> Gate:
    """The gate that breaks the rows whose key is there already."""
    keys = ", ".join(column.name for column in contract.key)
    again = literal(f"primary key ({keys}): is there already, and duplicates is first")
    return replace(
        gate,
        ok=f"{gate.ok} and (_batch, _position) in (from temp.firsts)",
        reasons=f"case when {gate.ok} then [{again}] else {gate.reasons} end",
    )


def _with_lineage(piece: Piece, pressure: Backpressure) -> list[pa.RecordBatch]:
    table = piece.chunk.table
    assert table is not None
    rows = len(table)
    for group, value in piece.delivery.groups.items():
        table = table.append_column(f"{{{group}}}", _repeated(value, rows))
    table = table.append_column("_source", _repeated(piece.delivery.source, rows))
    table = table.append_column("_batch", pressure.column(piece.batch, rows))
    batches: list[pa.RecordBatch] = table.to_batches()
    return batches


def _repeated(value: str, rows: int) -> pa.Array:
    # A dictionary of one: the text is not written once a row.
    indices = pa.repeat(pa.scalar(0, pa.int32()), rows)
    return pa.DictionaryArray.from_arrays(indices, pa.array([value], pa.string()))
