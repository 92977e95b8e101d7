"""Bronze tables from contracts: made, and changed as the contract changes where nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from catalog.silver import make_views
from data_contracts.errors import ContractError
from data_contracts.types import literal, quoted
from data_contracts.widening import widens

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract

LINEAGE = {
    "_source": "VARCHAR",
    "_position": "BIGINT",
    "_batch": "BIGINT",
    "_op": "VARCHAR",
    "_origin": "VARCHAR",
    "_rescued": "JSON",
}


def bronze(contract: Contract) -> str:
    """The bronze table's name as SQL writes it."""
    return f"lake.bronze.{quoted(contract.table)}"


def has_nested(contract: Contract) -> bool:
    """Whether a column is a struct or a list."""
    return any(column.fields or column.items for column in contract.columns)


def is_log(connection: DuckDBPyConnection, table: str) -> bool:
    """Whether a bronze table is a log of changes."""
    return "_delivery" in columns(connection, table)


def follow(connection: DuckDBPyConnection, contract: Contract) -> None:
    """Make the contract's table, or bring it up to the contract, in the open transaction.

    Raises:
        ContractError: the change would lose something; the message is the diff and what to do.
    """
    present = columns(connection, contract.table)
    if not present:
        _create(connection, contract)
        return
    wanted = _types(contract)
    if contract.loading.changes != ("_delivery" in present):
        raise ContractError(
            f"{contract.id} {contract.version} has load {contract.loading.mode}, and "
            f"bronze.{contract.table} was loaded "
            f"{'with changes' if '_delivery' in present else 'by append'}; give the schema object "
            "a new name for a new table"
        )
    added = [name for name in wanted if name not in present]
    gone = [name for name in present if name not in wanted]
    changed = [n for n in wanted if n in present and not _same(present[n], wanted[n])]
    refused = [f"- {name} {present[name]}" for name in gone]
    refused += [
        f"~ {n} {present[n]} -> {wanted[n]}" for n in changed if not widens(present[n], wanted[n])
    ]
    required = [c.name for c in contract.columns if c.required and c.name in added]
    if required and connection.execute(f"select 1 from {bronze(contract)} limit 1").fetchone():
        refused += [f"+ {name} {wanted[name]} required" for name in required]
    if refused:
        raise ContractError(
            f"{contract.id} {contract.version} does not fit bronze.{contract.table}: "
            f"{'; '.join(refused)}. Keep old columns, add new ones without required, "
            "widen types only, or give the schema object a new name for a new table; or read every "
            f"delivery again by the new contract: lakehouse reload {contract.id}"
        )
    for name in added:
        connection.execute(
            f"alter table {bronze(contract)} add column {quoted(name)} {wanted[name]}"
        )
    for name in changed:
        connection.execute(
            f"alter table {bronze(contract)} alter column {quoted(name)} "
            f"set data type {wanted[name]}"
        )
    # To ask for the last contract costs a millisecond, and what appends has no other views by it.
    if added or changed or (contract.loading.changes and not _is_known(connection, contract)):
        make_views(connection, contract)


def _is_known(connection: DuckDBPyConnection, contract: Contract) -> bool:
    """Whether the last load was by this very contract."""
    last = connection.execute(
        "select arg_max(contract_hash, batch) from lake.ops.ledger "
        f"where table_name = {literal(contract.table)} and operation = 'load'"
    ).fetchone()
    return last is not None and last[0] == contract.digest


def _types(contract: Contract) -> dict[str, str]:
    """Types of all columns of a contract's table."""
    more = {"_delivery": "BIGINT"} if contract.loading.changes else {}
    return {column.name: column.type for column in contract.columns} | LINEAGE | more


def remake(connection: DuckDBPyConnection, contract: Contract) -> None:
    """Make the table anew, without rows, in the open transaction; history keeps the old one."""
    connection.execute(f"drop table {bronze(contract)}")
    _create(connection, contract)


def columns(connection: DuckDBPyConnection, table: str) -> dict[str, str]:
    """Types of a bronze table's columns, as DuckDB writes them; none where it is not there."""
    try:
        # 3 ms; duckdb_columns() lists every column of everything first, 11 ms.
        rows = connection.execute(f"describe lake.bronze.{quoted(table)}").fetchall()
    except duckdb.CatalogException:
        return {}
    return {name: type_ for name, type_, *_ in rows}


def _create(connection: DuckDBPyConnection, contract: Contract) -> None:
    types = _types(contract)
    listed = ", ".join(f"{quoted(name)} {type_}" for name, type_ in types.items())
    connection.execute(f"create table {bronze(contract)} ({listed})")
    make_views(connection, contract)
    times = {c.name: c for c in contract.columns if c.logical_type in ("date", "timestamp")}
    parts = [p for name in contract.partition for p in _partition(name, name in times)]
    if parts:
        connection.execute(
            f"alter table {bronze(contract)} set partitioned by ({', '.join(parts)})"
        )
    if sort := [name for name in contract.partition if name in times]:
        listed = ", ".join(f"{quoted(name)} asc" for name in sort)
        connection.execute(f"alter table {bronze(contract)} set sorted by ({listed})")


def _partition(name: str, is_time: bool) -> tuple[str, ...]:
    """By month where it is a time: a day's partition would make a heap of small files."""
    column = quoted(name)
    return (f"year({column})", f"month({column})") if is_time else (column,)


def _same(one: str, other: str) -> bool:
    """Whether two types are one, however they are written and whatever the order of fields."""
    return one == other or (widens(one, other) and widens(other, one))
