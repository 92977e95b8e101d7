"""What a slot has, decoded into tables of DuckDB beside the lake: one for each table of the source.

The slot is only looked into (peek), so that what is read stays there until the lake has it.
Memory is bounded by a batch of columns and what DuckDB keeps of the tables.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError
from data_contracts.types import quoted
from orchestration.connectors.databases.postgres import OTHER
from orchestration.connectors.databases.replication_columns import TYPES, Waiting
from orchestration.connectors.databases.replication_messages import (
    UNCHANGED,
    Begin,
    Change,
    Commit,
    Relation,
    Truncate,
    decode,
)
from orchestration.connectors.databases.replication_session import number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from orchestration.connectors.databases.described import SourceColumn
    from orchestration.connectors.databases.dialect import Dialect
    from orchestration.connectors.databases.replication_messages import Row
    from orchestration.connectors.databases.replication_session import Session

BATCH = 16_384  # rows
PEEK = """
select data from pg_logical_slot_peek_binary_changes(
    %s, %s::text::pg_lsn, null, 'proto_version', '1', 'publication_names', %s
)
"""
AS_SENT = {"real", "oid"}  # of those that the scanner does not read as they are


class Drain:
    """One look into a slot, up to an LSN."""

    def __init__(self, session: Session, connection: DuckDBPyConnection, dialect: Dialect) -> None:
        self._session, self._connection, self._dialect = session, connection, dialect
        self._tables: dict[int, Waiting] = {}
        self._sequence = 0

    def add(self, oid: int, columns: Sequence[SourceColumn], types: Sequence[int]) -> str:
        """Keep the changes of a table, whose columns and types' numbers now are these.

        Returns:
            The name of DuckDB's table of them.
        """
        keyed = [at for at, column in enumerate(columns) if column.key is not None]
        table = Waiting(oid, columns, keyed or range(len(columns)), types)
        listed = ", ".join(f"{quoted(column.name)} varchar" for column in columns)
        more = ", ".join(f"{name} {type_}" for name, type_ in TYPES.items())
        self._connection.execute(f"create or replace table {table.name} ({listed}, {more})")
        self._tables[oid] = table
        return table.name

    def read(self, slot: str, upto: int) -> int:
        """Decode what was committed up to an LSN.

        Returns:
            The LSN up to which everything is read, that or a little more.

        Raises:
            DeliveryError: the server refuses it, or a message cannot be understood.
            UnreachableError: the server is gone.
        """
        [(latest,)] = self._session.ask(
            "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        begin, waiting = Begin(0, 0, 0), 0
        try:
            for rows in self._session.stream(PEEK, [slot, text(upto), slot]):
                for (data,) in rows:
                    message = decode(data)
                    if isinstance(message, Change):
                        waiting += self._change(message, begin)
                    elif isinstance(message, Begin):
                        xid = _whole(message.xid, latest)
                        begin = Begin(message.lsn, xid, message.at)
                    elif isinstance(message, Commit):
                        upto = max(upto, message.end)
                    elif isinstance(message, Relation):
                        waiting = self._flush()
                        self._follow(message)
                    elif isinstance(message, Truncate):
                        waiting += self._truncate(message, begin)
                    if waiting >= BATCH:
                        waiting = self._flush()
        except (ValueError, struct.error, IndexError) as error:
            raise DeliveryError(
                f"replication slot {slot} has {error}, which is not known"
            ) from None
        self._flush()
        return upto

    def _follow(self, relation: Relation) -> None:
        if relation.oid in self._tables:
            self._tables[relation.oid].follow(relation)

    def _change(self, change: Change, begin: Begin) -> int:
        table = self._tables.get(change.oid)
        if table is None:
            return 0
        old, new = change.old, change.new
        if new is None:
            assert old is not None  # decode has seen to that
            return self._add(table, "d", old, [], begin)
        kept: list[str] = []
        added = 0
        if old is not None:
            places = [at for at in (table.order[n] for n in table.identity) if at is not None]
            if any(new[at] is not UNCHANGED and old[at] != new[at] for at in places):
                added = self._add(table, "d", old, [], begin)
        if UNCHANGED in new:
            full = old if old is not None and len(old) == len(new) else [None] * len(new)
            kept = [
                column.name
                for column, at in zip(table.columns, table.order, strict=True)
                if at is not None and new[at] is UNCHANGED and full[at] is None
            ]
            new = [o if n is UNCHANGED else n for o, n in zip(full, new, strict=True)]
        return added + self._add(table, change.operation, new, kept, begin)

    def _truncate(self, truncate: Truncate, begin: Begin) -> int:
        tables = [self._tables[oid] for oid in truncate.oids if oid in self._tables]
        for table in tables:
            table.order = table.order or range(len(table.columns))
            self._add(table, "t", [None] * len(table.columns), [], begin)
        return len(tables)

    def _add(self, table: Waiting, operation: str, row: Row, kept: list[str], begin: Begin) -> int:
        self._sequence += 1
        about = (operation, begin.lsn, begin.xid, begin.at, self._sequence, kept)
        table.add(row, about)
        return 1

    def _flush(self) -> int:
        for table in self._tables.values():
            if table.about:
                self._write(table)
        return 0

    def _write(self, table: Waiting) -> None:
        self._connection.register("decoded", table.take(self._said))
        try:
            self._connection.execute(f"insert into {table.name} from decoded")
        finally:
            self._connection.unregister("decoded")

    def _said(self, column: SourceColumn, values: list[str | None]) -> list[str | None]:
        """Values as a copy of the table has them; the server itself turns them into that."""
        is_array = column.type.endswith("[]")
        if not is_array and (column.kind not in OTHER or column.kind in AS_SENT):
            return values
        value = self._dialect.value(column, None)
        rows = self._session.ask(
            f"select ({value})::text from (select v::{column.type} as "
            f"{self._dialect.quoted(column.name)}, n from json_array_elements_text(%s::json) "
            "with ordinality as given (v, n)) as typed order by n",
            [json.dumps(values)],
        )
        return [said for (said,) in rows]


def _whole(xid: int, near: int) -> int:
    """A transaction's number with all its bits, of which 32 are sent: the one next to `near`."""
    behind = (near - xid) & 0xFFFFFFFF
    return near - behind + (1 << 32 if behind >= 1 << 31 else 0)


def newest(session: Session) -> int:
    """The LSN up to which the server's log is on its disk."""
    [(lsn,)] = session.ask("select pg_current_wal_flush_lsn()::text")
    return number(lsn)
