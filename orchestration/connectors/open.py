"""From a URL to the connector that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.errors import InputError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from orchestration.connectors.connector import Connector
    from orchestration.connectors.databases.address import Address
    from orchestration.connectors.databases.reach import Reach


def open_source(address: Address, connection: DuckDBPyConnection | None = None) -> Connector:
    """Connect to a source.

    Args:
        address: of it.
        connection: to the lake that is loaded into; None where nothing is to be loaded.

    Raises:
        UnreachableError: it cannot be reached.
        InputError: what reads it is not installed.
    """
    if address.kind == "tryton":
        from orchestration.connectors.tryton.source import Tryton, TrytonReach

        return Tryton(TrytonReach(address, connection))
    if address.kind == "dlt":
        from orchestration.connectors.dlt.source import DltConnector

        return DltConnector(address.url, connection)
    from orchestration.connectors.databases.database import Database

    return Database(reach_of(address, connection))


def extensions_for(address: Address) -> tuple[str, ...]:
    """The extension of DuckDB by which a source is read, where there is one."""
    from orchestration.connectors.databases.reach import DIALECTS

    dialect = DIALECTS.get(address.kind)
    return (dialect.extension,) if dialect else ()


def reach_of(address: Address, connection: DuckDBPyConnection | None = None) -> Reach:
    """Attach a database, by a scanner of DuckDB where there is one, else by SQLAlchemy.

    Raises:
        UnreachableError: it cannot be reached.
        InputError: what reads it is not installed.
    """
    if address.kind == "other":
        from orchestration.connectors.databases.alchemy import AlchemyReach

        return AlchemyReach(address, connection)
    if address.kind == "tryton":
        raise InputError(
            f"{address.shown}: is an API; contracts of it are in data_contracts/tryton"
        )
    from orchestration.connectors.databases.reach import Reach

    return Reach(address, connection)
