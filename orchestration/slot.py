"""The replication slot of a source, by a person's command."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from orchestration.connectors.databases import replication_slot as slots
from orchestration.connectors.databases.address import address_of, is_address
from orchestration.connectors.databases.replication_session import Session
from orchestration.connectors.databases.replication_table import is_replicated, without_meta
from orchestration.contracts_of import contracts_of
from orchestration.errors import InputError
from orchestration.sources import source_of
from orchestration.turns import meant

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.settings import Settings
    from orchestration.connectors.databases.address import Address


def make(settings: Settings, given: str, contracts: Path | None, origin: str | None) -> slots.Made:
    """Make slot and publication for a source's tables that are read by their changes.

    Args:
        settings: of the lake.
        given: a source's name or its URL.
        contracts: where they are, which a named source says itself.
        origin: name of the instance.

    Raises:
        InputError: there is no such source or contract, or the server has to be set up first.
        UnreachableError: it is out of reach.
    """
    [source] = meant(settings, given, contracts, (), origin)
    _check(source.address)
    found = contracts_of(source.contracts, source.address.domain, source.tables)
    read = [without_meta(c) for c in found if is_replicated(c, ())]
    if not read:
        raise InputError(
            f"{source.contracts}: no contract says load: cdc with an operation whose physicalName "
            "is _op; write them: lakehouse contracts init URL --load cdc --out DIR"
        )
    with closing(Session(source.address)) as session:
        return slots.make(session, slots.slot_name(source.address.domain, source.origin), read)


def drop(settings: Settings, given: str, origin: str | None) -> tuple[str, bool]:
    """Drop slot and publication of a source; their name, and whether there were any.

    Raises:
        InputError: there is no such source, or the server refuses it.
        UnreachableError: it is out of reach.
    """
    named = None if is_address(given) else source_of(settings, given)
    address = named.address if named else address_of(given)
    _check(address)
    slot = slots.slot_name(address.domain, origin or (named.origin if named else None))
    with closing(Session(address)) as session:
        return slot, slots.drop(session, slot)


def _check(address: Address) -> None:
    if address.kind != "postgres":
        raise InputError(f"{address.shown}: is no PostgreSQL; only its changes are read by a slot")
