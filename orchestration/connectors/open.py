"""From a URL to the connector that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.settings import Settings
    from orchestration.connectors.connector import Connector
    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.databases.reach import Reach


def open_source(address: Address, settings: Settings, *, seal: bool = False) -> Connector:
    """Connect to a source.

    Args:
        address: of it.
        settings: of the lake, in whose home is spilled what has no room in memory.
        seal: the lake is encrypted, so that nothing lies in the clear.

    Raises:
        UnreachableError: it cannot be reached.
        InputError: what reads it is not installed.
    """
    if address.kind == "dlt":
        from orchestration.connectors.dlt.source import DltConnector

        return DltConnector(address.url, settings.home, seal=seal)
    from orchestration.connectors.databases.database import Database

    return Database(reach_of(address, settings.home, seal=seal))


def reach_of(address: Address, spill: Path | None = None, *, seal: bool = False) -> Reach:
    """Attach a database, by a scanner of DuckDB where there is one, else by SQLAlchemy.

    Raises:
        UnreachableError: it cannot be reached.
        InputError: what reads it is not installed.
    """
    if address.kind == "other":
        from orchestration.connectors.databases.alchemy import AlchemyReach

        return AlchemyReach(address, spill, seal=seal)
    from orchestration.connectors.databases.reach import Reach

    return Reach(address, spill, seal=seal)
