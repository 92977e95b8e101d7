"""The slot and the publication that a database's changes are read by.

One slot serves all tables of a source instance, so that the server decodes its log once, and a
transaction that touches several of them is read as a whole. The publication is made before the
slot, since PostgreSQL looks it up as of the change that it decodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError
from data_contracts.types import literal, quoted
from orchestration.connectors.databases.replication_session import Session, number, text
from orchestration.connectors.databases.replication_table import table_of
from orchestration.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data_contracts.contract import Contract
    from orchestration.connectors.databases.replication_table import Published

LONGEST = 63  # bytes that PostgreSQL keeps of a name
PATIENCE = 60  # seconds that making a slot waits for the transactions that run
IN_IT = """
select quote_ident(schemaname) || '.' || quote_ident(tablename)
from pg_publication_tables where pubname = %s
"""
SLOT = """
select confirmed_flush_lsn::text, plugin::text, database::text, active_pid, wal_status
from pg_replication_slots where slot_name = %s
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What a command did.

    Attributes:
        slot: its name, and the publication's.
        tables: of the publication.
        new: whether the slot was not there before.
        added: tables that the publication did not have, where the slot was there.
    """

    slot: str
    tables: tuple[str, ...]
    new: bool
    added: tuple[str, ...] = ()


def slot_name(domain: str, origin: str | None) -> str:
    """The name of the slot and of the publication of a source instance."""
    from orchestration.init.names import identifier

    parts = ["lakehouse", domain, *([identifier(origin, "origin")] if origin else [])]
    return "_".join(parts)[:LONGEST]


def confirmed(session: Session, slot: str, table: Published) -> int:
    """The LSN from which on a slot has the changes of a table.

    Raises:
        DeliveryError: it has not; it says what to do.
    """
    make = "make it: lakehouse sources slot make"
    found = session.ask(SLOT, [slot])
    if not found:
        raise DeliveryError(f"there is no replication slot {slot}; {make}")
    lsn, plugin, database, pid, wal = found[0]
    if plugin != "pgoutput" or database != session.address.database:
        raise DeliveryError(f"replication slot {slot} is {plugin}'s in {database}, and not ours")
    if wal == "lost":
        said = "is lost, since the server kept no more of its log (max_slot_wal_keep_size)"
        raise DeliveryError(
            f"replication slot {slot} {said}; lakehouse sources slot drop, then make, then "
            "lakehouse sync --full"
        )
    if pid:
        raise DeliveryError(f"replication slot {slot} is in use by process {pid}; try again later")
    if not session.ask(
        "select 1 from pg_publication_tables as p inner join pg_class as c "
        "on c.oid = (quote_ident(schemaname) || '.' || quote_ident(tablename))::regclass "
        "where pubname = %s and c.oid = %s",
        [slot, table.oid],
    ):
        raise DeliveryError(f"{table.place} is not in publication {slot}; {make}")
    return number(lsn)


def make(session: Session, slot: str, contracts: Sequence[Contract]) -> Made:
    """Make slot and publication for the tables of contracts; what is there already stays.

    Raises:
        InputError: the server is not set up for it, or a table is not; it says what to do.
        UnreachableError: it is gone.
    """
    try:
        _check_server(session)
        tables = [table_of(session, contract).place for contract in contracts]
        listed = ", ".join(tables)
        added: list[str] = []
        if session.ask("select 1 from pg_publication where pubname = %s", [slot]):
            there = {place for (place,) in session.ask(IN_IT, [slot])}
            added = [table for table in tables if table not in there]
            session.ask(f"alter publication {quoted(slot)} set table {listed}")
        else:
            session.ask(
                f"create publication {quoted(slot)} for table {listed} "
                "with (publish_via_partition_root = true)"
            )
        if session.ask(SLOT, [slot]):
            return Made(slot, tuple(tables), new=False, added=tuple(added))
        session.ask(f"set statement_timeout = '{PATIENCE}s'")
        session.ask(f"select pg_create_logical_replication_slot({literal(slot)}, 'pgoutput')")
    except DeliveryError as error:
        raise InputError(
            f"{session.address.shown}: {error}{_remedy(session, str(error))}"
        ) from None
    return Made(slot, tuple(tables), new=True)


def drop(session: Session, slot: str) -> bool:
    """Drop slot and publication; whether there was any.

    Raises:
        InputError: the server refuses it.
        UnreachableError: it is gone.
    """
    try:
        there = bool(session.ask(SLOT, [slot]))
        if there:
            session.ask(f"select pg_drop_replication_slot({literal(slot)})")
        published = bool(session.ask("select 1 from pg_publication where pubname = %s", [slot]))
        session.ask(f"drop publication if exists {quoted(slot)}")
    except DeliveryError as error:
        raise InputError(
            f"{session.address.shown}: {error}{_remedy(session, str(error))}"
        ) from None
    return there or published


def advance(session: Session, slot: str, lsn: int) -> None:
    """Let the server forget what is before an LSN; further on than that the slot stays.

    Raises:
        DeliveryError: the server refuses it.
        UnreachableError: it is gone.
    """
    session.ask(
        f"select pg_replication_slot_advance(slot_name, {literal(text(lsn))}::pg_lsn) "
        "from pg_replication_slots "
        f"where slot_name = {literal(slot)} and confirmed_flush_lsn < {literal(text(lsn))}::pg_lsn"
    )


def _check_server(session: Session) -> None:
    [(level,)] = session.ask("select current_setting('wal_level')")
    if level != "logical":
        raise DeliveryError(
            f"its wal_level is {level}, and logical is needed: alter system set wal_level = "
            "logical; then restart the server"
        )
    [(may, user)] = session.ask(
        "select rolreplication or rolsuper, quote_ident(rolname) from pg_roles "
        "where rolname = current_user"
    )
    if not may:
        raise DeliveryError(f"{user} may not replicate; alter role {user} replication")


def _remedy(session: Session, said: str) -> str:
    if "must be owner" in said or "permission denied for database" in said:
        return (
            f"; a publication is made by who owns the tables and may create in the database: "
            f"grant create on database {session.address.database}, and the tables' owner"
        )
    if "statement timeout" in said:
        return f"; a transaction has been running for {PATIENCE} s: let it end, then try again"
    return ""
