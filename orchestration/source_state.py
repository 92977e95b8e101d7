"""What a source has, and how far it has been read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.lake import Lake
from catalog.positions import last_position
from orchestration.connectors.databases.address import address_of, is_address
from orchestration.connectors.open import open_source
from orchestration.contracts_of import contracts_of
from orchestration.sources import source_of

if TYPE_CHECKING:
    from datetime import datetime

    from catalog.settings import Settings

LAST = """
select max_by(status, id), max(received_at)
from lake.ops.receipt
where table_name = $1 and (delivery_key = $2 or starts_with(delivery_key, $2 || '@'))
"""


@dataclass(frozen=True, slots=True)
class Tested:
    """A source that was reached.

    Attributes:
        tables: that it has.
        missing: tables that it has a contract of, and does not have.
        uncovered: and those that it has, without a contract.
    """

    source: str
    tables: tuple[str, ...]
    missing: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """How far a table has been read.

    Attributes:
        watermark: that it is read to, of a table read by its changes the LSN; None where it is
            read as a whole.
        status: of the last sync: loaded, already_loaded or failed.
    """

    table: str
    source_table: str
    watermark: str | None
    status: str | None
    at: datetime | None


def tested(settings: Settings, given: str) -> Tested:
    """Reach a source.

    Raises:
        InputError: there is no such source.
        UnreachableError: it is out of reach.
    """
    named = None if is_address(given) else source_of(settings, given)
    address = named.address if named else address_of(given)
    connector = open_source(address)
    try:
        tables = tuple(connector.tables())
        if named is None:
            return Tested(connector.shown, tables)
        contracts = contracts_of(named.contracts, address.domain, named.tables)
        wanted = [contract.source or contract.name for contract in contracts]
        missing = tuple(name for name in wanted if not connector.has(name))
        return Tested(
            connector.shown, tables, missing, tuple(name for name in tables if name not in wanted)
        )
    finally:
        connector.close()


def state_of(settings: Settings, name: str) -> list[State]:
    """How far each table of a source has been read.

    Raises:
        InputError: there is no such source.
        LakeError: there is no lake yet.
    """
    source = source_of(settings, name)
    contracts = contracts_of(source.contracts, source.address.domain, source.tables)
    found = []
    with Lake(settings).connect(read_only=True) as connection:
        for contract in contracts:
            table = contract.source or contract.name
            key = f"{source.origin}:{table}" if source.origin else table
            position = last_position(connection, contract.table, source.origin)
            row = connection.execute(LAST, [contract.table, key]).fetchone() or (None, None)
            mark = position.get("watermark") or position.get("lsn")
            found.append(State(f"bronze.{contract.table}", table, mark, *row))
    return found
