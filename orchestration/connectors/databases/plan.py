"""What is read of a table: its columns, its new rows and its keys, in the database's own SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from catalog.delivery import DeliveryError
from data_contracts.errors import SourceError
from data_contracts.matching import match
from data_contracts.types import quoted
from orchestration.connectors.databases import watermark
from orchestration.connectors.drift import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data_contracts.contract import Column, Contract
    from orchestration.connectors.connector import Asked
    from orchestration.connectors.databases.described import SourceColumn, SourceTable
    from orchestration.connectors.databases.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask a database.

    Attributes:
        table: its name as contracts give it.
        columns: names and types of its columns.
        query: of the rows.
        finish: DuckDB's SQL of the columns of what is read.
        path: of the table, as the database names it.
        plain: the columns of a whole table that DuckDB's scanner reads as they are; else none.
        doubtful: those of them that are asked for in another way where there is no scanner.
        number: its primary key, where that is one whole number.
        distinct: no two rows have one key, by the table's own primary key.
        keys: of all keys that are there, with the same; None where they are not compared.
        high: of the highest watermark.
        whole: the rows are all there are.
        moves: whether the position moves to that watermark.
        position: of the last load, and the columns of now.
        notes: what a person should know.
    """

    table: str
    columns: Mapping[str, str]
    query: str
    finish: str
    path: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    number: str | None = None
    distinct: bool = False
    keys: tuple[str, str] | None = None
    high: str | None = None
    whole: bool = False
    moves: bool = True
    position: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def plan_of(
    dialect: Dialect, table: SourceTable, contract: Contract, asked: Asked, *, careful: bool = True
) -> Plan:
    """The plan of a contract's table.

    Args:
        dialect: of its database.
        table: as that describes it.
        contract: what its rows are held to.
        asked: what is wanted of it.
        careful: read also what is there against all expectation.

    Raises:
        DeliveryError: the table is not what the contract says.
    """
    types = {column.name: column.type for column in table.columns}
    before = asked.last.get("columns") or {}
    notes = told(contract, before, types, "table", go_on=asked.accept)
    key = [column.name for column in table.key]
    notes += _rekeyed(contract, asked, key)
    found, meant = _meant(contract, table)
    marks = [found[name] for name in contract.syncing.watermark]
    last = asked.last.get("watermark")
    bounded = asked.since is not None or asked.until is not None
    if bounded and not marks:
        said = f"{table.name}: has no watermark in {contract.id}; from and to are times of one"
        raise DeliveryError(said)
    conditions = []
    if bounded:
        if asked.since is not None:
            conditions.append(watermark.from_on(dialect, marks, asked.since))
        if asked.until is not None:
            conditions.append(watermark.before(dialect, marks, asked.until))
    elif marks and last and not asked.full:
        low = watermark.lowered(str(last), contract)
        conditions.append(watermark.from_on(dialect, marks, low))
    read = [
        column
        for column in table.columns
        if column.name in meant or contract.unknown_columns != "ignore"
    ]
    values = {
        column.name: dialect.value(column, meant.get(column.name), careful=careful)
        for column in read
    }
    listed = ", ".join(f"{value} as {dialect.quoted(name)}" for name, value in values.items())
    is_plain = table.plain and all(dialect.is_plain(c, values[c.name]) for c in read)
    is_distinct = _is_distinct(dialect, table, contract, found)
    is_numbered = is_distinct and [c.logical_type for c in contract.key] == ["integer"]
    place = dialect.place(table)
    where = f" where {' and '.join(conditions)}" if conditions else ""
    compares = contract.syncing.compare_keys and bool(conditions) and not bounded
    return Plan(
        table.name,
        types,
        f"select {listed} from {place}{where}",
        _finish(dialect, read, careful=careful),
        path=table.path,
        plain=tuple(values) if is_plain and not conditions else (),
        doubtful=tuple(name for name, value in values.items() if value != dialect.quoted(name)),
        number=table.key[0].name if is_numbered else None,
        distinct=is_distinct,
        keys=_keys(dialect, contract, found, place, careful=careful) if compares else None,
        high=f"select {watermark.highest(dialect, marks)} from {place}" if marks else None,
        # Where rows order themselves, an absent one has no place in their order.
        whole=contract.loading.mode == "upsert" and not conditions and not contract.loading.by_rows,
        moves=not bounded,
        position={**asked.last, "columns": types, "key": key},
        notes=notes,
    )


def _is_distinct(
    dialect: Dialect, table: SourceTable, contract: Contract, found: Mapping[str, SourceColumn]
) -> bool:
    """Whether the table's primary key keeps rows apart by the contract's key as well."""
    key = {found[column.name].name for column in contract.key}
    is_kept = all(dialect.keeps_apart(found[column.name], column) for column in contract.key)
    return bool(table.key) and key == {c.name for c in table.key} and is_kept and not table.heirs


def _keys(
    dialect: Dialect,
    contract: Contract,
    found: Mapping[str, SourceColumn],
    place: str,
    *,
    careful: bool,
) -> tuple[str, str]:
    keys = [(found[column.name], column) for column in contract.key]
    listed = ", ".join(
        f"{dialect.value(key, column, careful=careful)} as {dialect.quoted(key.name)}"
        for key, column in keys
    )
    finish = _finish(dialect, [key for key, _ in keys], careful=careful)
    return f"select {listed} from {place}", finish


def _finish(dialect: Dialect, columns: Sequence[SourceColumn], *, careful: bool) -> str:
    """DuckDB's SQL of columns that have been read."""
    said = [(column.name, dialect.finished(column, careful=careful)) for column in columns]
    listed = ", ".join(f"{sql} as {quoted(name)}" for name, sql in said if sql)
    return f"* replace ({listed})" if listed else "*"


def _meant(
    contract: Contract, table: SourceTable
) -> tuple[dict[str, SourceColumn], dict[str, Column]]:
    """Columns of the table by the contract's names, and columns of the contract by the table's."""
    by_name = {column.name: column for column in table.columns}
    try:
        names = match(contract.columns, by_name)
    except SourceError as error:
        raise DeliveryError(f"{table.name}: {error}") from error
    if missing := [name for name in contract.syncing.watermark if name not in names]:
        said = f"{table.name}: has no column {missing[0]}, the watermark of {contract.id}"
        raise DeliveryError(said)
    if lost := [column.source for column in contract.key if column.name not in names]:
        said = f"{table.name}: has no column {lost[0]}, of the key of {contract.id}"
        raise DeliveryError(said)
    found = {name: by_name[source] for name, source in names.items()}
    columns = {column.name: column for column in contract.columns}
    return found, {source: columns[name] for name, source in names.items()}


def _rekeyed(contract: Contract, asked: Asked, key: Sequence[str]) -> tuple[str, ...]:
    """A line on a primary key that is another one since the table was last read.

    Raises:
        DeliveryError: rows may share the contract's key now, of which the lake would keep one.
    """
    before = asked.last.get("key")
    if before is None or before == list(key):
        return ()
    said = f"its key changed: {', '.join(before) or 'none'} -> {', '.join(key) or 'none'}"
    ours = {column.source.strip().casefold() for column in contract.key}
    is_held = bool(key) and {name.strip().casefold() for name in key} <= ours
    if ours and not is_held and not asked.accept:
        raise DeliveryError(
            f"{said}; rows may share {', '.join(c.source for c in contract.key)}, by which "
            f"{contract.id} knows them, and the last of them would count: give the contract the "
            "new key and, for a new table, a new name, or go on with --accept"
        )
    return (said,)
