"""Changes of a PostgreSQL table by logical replication: a whole copy first, then what came after.

The copy is of one snapshot, whose name is kept with its position: of the slot's transactions those
that the snapshot had seen are in the copy, and the others are not, so that none is lost or applied
twice. Up to where a table is read is in the lake's own transaction; the slot follows afterwards,
when everything before is in the lake, and what it still has of that is passed over.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb

from catalog.delivery import Chunk, Delivery, DeliveryError
from catalog.steps import step
from data_contracts.matching import match
from data_contracts.types import literal, quoted
from orchestration.connectors.connector import Offer
from orchestration.connectors.databases import replication_slot as slots
from orchestration.connectors.databases.plan import plan_of
from orchestration.connectors.databases.reach import SPOOL
from orchestration.connectors.databases.replication_columns import spool_of
from orchestration.connectors.databases.replication_position import (
    PUBLISHED,
    follow,
    lost,
    new_since,
)
from orchestration.connectors.databases.replication_session import Session, number, text
from orchestration.connectors.databases.replication_spool import Drain, newest
from orchestration.connectors.databases.replication_table import (
    meta_of,
    table_of,
    without_meta,
)
from orchestration.connectors.databases.replication_unchanged import filled
from orchestration.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Contract
    from orchestration.connectors.connector import Asked
    from orchestration.connectors.databases.plan import Plan
    from orchestration.connectors.databases.reach import Reach

UNSENT = (
    "what {} has in rows that nobody writes again is not among the changes; lakehouse sync --full "
    "reads it"
)
QUIET = 16 << 20  # bytes of the server's log that a table without changes may lag behind
NOW = """
select pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text, transaction_timestamp()::text
"""
TYPES = """
select atttypid::bigint from pg_attribute
where attrelid = %s and attnum > 0 and not attisdropped and attgenerated = '' order by attnum
"""


class Replication:
    """The tables of one PostgreSQL database that are read by their changes."""

    def __init__(self, reach: Reach) -> None:
        """Nothing is connected to before the first such table is read."""
        self._reach = reach
        self._session: Session | None = None
        self._drained: dict[str, int] = {}  # up to where each slot is decoded in this sync
        self._used: set[str] = set()
        self._spooled: list[str] = []

    @contextmanager
    def reading(self, contract: Contract, asked: Asked) -> Iterator[Offer]:
        """What is new of the contract's table.

        Raises:
            DeliveryError: it cannot be read by its changes; it says what to do.
            UnreachableError: the database is gone.
        """
        if self._session is None:
            self._session = Session(self._reach.address)
        slot = slots.slot_name(self._reach.address.domain, asked.origin)
        bare = without_meta(contract)
        table = table_of(self._session, bare)
        start = slots.confirmed(self._session, slot, table)
        own = dict(asked.last) if asked.last.get("slot") == slot else {}
        self._used.add(slot)
        try:
            if asked.full or "lsn" not in own:
                offer = self._copy(contract, bare, asked, {"slot": slot, "oid": table.oid}, start)
            else:
                if start > number(own["lsn"]) or own["oid"] != table.oid:
                    raise DeliveryError(lost(slot, text(start), own, table.oid))
                offer = self._changes(contract, bare, asked, own)
            step("extract")
            yield offer
        finally:
            self._reach.connection.execute(f"drop table if exists {SPOOL}.rows")

    def _copy(
        self, contract: Contract, bare: Contract, asked: Asked, who: dict[str, Any], start: int
    ) -> Offer:
        """The whole table, of one snapshot."""
        reach, name = self._reach, contract.source or contract.name
        with reach.transaction(name):
            plan = self._plan(bare, replace(asked, full=True))
            [(snapshot, lsn, at)] = reach.ask(NOW)
            reach.take("rows", plan.query, plan.finish)
        [(count,)] = reach.connection.execute(f"select count(*) from {SPOOL}.rows").fetchall()
        position = {
            **who,
            "lsn": text(start),
            "snapshot": snapshot,
            "copied": lsn,
            "columns": dict(plan.columns),
        }
        meta = meta_of(
            contract, {"_op": "'r'", "_lsn": literal(str(lsn)), "_committed_at": literal(str(at))}
        )
        scan = f"select *, {meta}, rowid + 1 as _position from {SPOOL}.rows"
        delivery = self._delivery(contract, asked, plan, position, count, scan)
        return Offer(replace(delivery, whole=True), plan.notes)

    def _changes(
        self, contract: Contract, bare: Contract, asked: Asked, last: dict[str, Any]
    ) -> Offer:
        """What was committed since the last position."""
        name = contract.source or contract.name
        with self._reach.transaction(name):
            plan = self._plan(bare, asked)
        upto = self._drain(last["slot"])
        connection = self._reach.connection
        spool = spool_of(last["oid"])
        own = connection.execute(
            f"create or replace table {SPOOL}.rows as "
            "select *, row_number() over (order by _sequence) as _position "
            f"from {spool} where {new_since(last)} order by _sequence"
        ).fetchone()
        count = int(own[0]) if own else 0
        position = {**last, "columns": dict(plan.columns)}
        if count or upto - number(last["lsn"]) >= QUIET:
            position["lsn"] = text(upto)
            if upto >= number(position.get("copied", "0/0")):
                position.pop("copied", None), position.pop("snapshot", None)
        said = {"_op": "_op", "_lsn": _LSN, "_committed_at": "_committed_at"}
        columns = [
            f"{_bool(q) if type_ == 'boolean' else q} as {q}"
            for column, type_ in plan.columns.items()
            for q in (quoted(column),)
            if column in _read(bare, plan)
        ]
        listed = ", ".join([*columns, meta_of(contract, said), "_position"])
        source, fault = filled(connection, bare, plan.columns, asked.origin)
        if fault:
            listed += f", {fault} as _fault"
        delivery = self._delivery(
            contract, asked, plan, position, count, f"select {listed} from {source}"
        )
        new = [column for column in plan.columns if column not in last["columns"]]
        unsent = (UNSENT.format(", ".join(new)),) if new and plan.notes else ()
        return Offer(delivery, (*plan.notes, *unsent))

    def _plan(self, bare: Contract, asked: Asked) -> Plan:
        """How the table is, and a copy of it would be read; in the open transaction."""
        name = bare.source or bare.name
        table = self._reach.describe(name)
        if table is None:
            raise DeliveryError(f"there is no table {name}")
        return plan_of(self._reach.dialect, table, bare, asked, careful=False)

    def _drain(self, slot: str) -> int:
        """Decode what the slot has, once for all tables of this sync."""
        if slot in self._drained:
            return self._drained[slot]
        session, reach = self._session, self._reach
        assert session is not None
        drain = Drain(session, reach.connection, reach.dialect)
        for (oid,) in session.ask(PUBLISHED, [slot]):
            [(name,)] = session.ask(
                "select nspname || '.' || relname from pg_class as c "
                "inner join pg_namespace as n on c.relnamespace = n.oid where c.oid = %s",
                [oid],
            )
            with reach.transaction(name):
                table = reach.describe(name)
            if table is not None:
                types = [type_ for (type_,) in session.ask(TYPES, [oid])]
                self._spooled.append(drain.add(oid, table.columns, types))
        self._drained[slot] = drain.read(slot, newest(session))
        return self._drained[slot]

    def _delivery(
        self, contract: Contract, asked: Asked, plan: Plan, position: dict[str, Any], count: int,
        scan: str,
    ) -> Delivery:  # fmt: skip
        asked.progress(count)
        said = json.dumps(position)
        # A span of the server's log is what it is; under another contract it says something else.
        content = json.dumps([contract.digest, said])
        return Delivery(
            source=f"{self._reach.address.shown}#{plan.table}",
            key=f"{asked.origin}:{plan.table}" if asked.origin else plan.table,
            content_hash=hashlib.sha256(content.encode()).hexdigest(),
            size=count * 100,
            read=partial(_chunks, count, scan),
            origin=asked.origin,
            position=said,
        )

    def close(self) -> None:
        """Let the slots follow to where the lake has everything, and let go."""
        if self._session is None:
            return
        try:
            # Where it fails nothing is lost: the next sync does it.
            with suppress(DeliveryError, UnreachableError, duckdb.Error):
                for slot in sorted(self._used):
                    follow(self._session, slot, self._reach.connection)
        finally:
            self._session.close()
            with suppress(duckdb.Error):  # where the lake is gone, they are
                for name in self._spooled:
                    self._reach.connection.execute(f"drop table if exists {name}")


_LSN = "upper(to_hex(_lsn >> 32)) || '/' || upper(to_hex(_lsn & 4294967295))"


def _read(bare: Contract, plan: Plan) -> set[str]:
    if bare.unknown_columns != "ignore":
        return set(plan.columns)
    return set(match(bare.columns, plan.columns).values())


def _bool(column: str) -> str:
    return f"case {column} when 't' then 'true' when 'f' then 'false' end"


def _chunks(count: int, scan: str) -> Iterator[Chunk]:
    if count:
        yield Chunk(count, scan=scan)
