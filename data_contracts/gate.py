"""The gate: a contract compiled against a source's columns, to SQL.

Kept rows are found by one predicate in one scan. Reasons are an expression of their own, worked out
only for the rows that fail it: a list of reasons for every row costs 4 to 5 times a raw copy, the
predicate alone 1.3 times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from data_contracts.cell import Cell, absent, case
from data_contracts.errors import SourceError
from data_contracts.matching import listed, match
from data_contracts.money import by_currency
from data_contracts.native import cell_of
from data_contracts.operations import key_of, of_the_row, operation_of, relaxed
from data_contracts.rescue import payload, rescued
from data_contracts.rules import is_required
from data_contracts.types import literal, quoted
from data_contracts.verdict import keeps, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from data_contracts.contract import Column, Contract

ORIGIN = "_origin"  # a relation whose key is asked for has a column of it
SPECIAL = ("_fault", "_raw", "_rest")


@dataclass(frozen=True, slots=True)
class Gate:
    """What to select from a source's relation; every expression is SQL over its columns.

    None raises, whatever the rows hold. `values` and `repeated` are of use where `ok` is true, and
    `reasons` is empty exactly there.
    """

    columns: tuple[str, ...]  # names in the lake, `_rescued` last
    values: tuple[str, ...]  # the expression of each, of the lake's type
    ok: str  # true where the row is kept; never null
    reasons: str  # VARCHAR[], one a column that breaks its contract
    payload: str  # BLOB: JSON of the row as the source gave it
    repeated: str | None  # true where a local time exists twice and is read as the first
    shared: tuple[tuple[str, str], ...] = ()  # names and expressions that the others are made of
    prefix: str = "gate_"  # none of the source's columns begins so
    key: str | None = None  # text of the row's key, empty where unreadable; of a log of changes

    def over(self, relation: str) -> str:
        """The relation that the expressions are of: the source's, with what they share."""
        for name, expression in self.shared:
            relation = f"(select *, {expression} as {name} from {relation})"
        return relation


def compile_gate(contract: Contract, source: Mapping[str, str]) -> Gate:
    """Compile `contract` against `source`: the names and DuckDB types of a relation's columns.

    Path groups are columns too, named as their properties name them (``{day}``). A source of
    records that may not be readable at all gives three more: ``_fault`` (why, else null), ``_raw``
    (the record's text) and ``_rest`` (JSON of what the contract does not name, else null). The
    session's time zone is UTC.

    Raises:
        SourceError: a required column is missing, or all are; one is there twice, or one is unknown
            and the contract refuses that.
        ContractError: a bound is no value of its column's type.
    """
    found = match(contract.columns, [name for name in source if name not in SPECIAL])
    unknown = _unknown(contract, source, found)
    prefix = _prefix(source)
    cells = _by_currency(
        contract, [_cell(contract, column, found, source) for column in contract.columns]
    )
    cells, shared = _shared(cells, prefix)
    pairs = list(zip(contract.columns, cells, strict=True))
    operation = operation_of(contract, pairs)
    tests = [
        relaxed((keeps(column, cell), reason(column, cell, column.name)), column, cell, operation)
        for column, cell in pairs
    ]
    tests += of_the_row(contract, pairs, operation, source)
    if "_rest" in source and contract.unknown_columns == "refuse":
        told = "'unknown fields: ' || _rest::varchar"
        tests.append(("_rest is null", case(("_rest is not null", told))))
    tests = [(test, told) for test, told in tests if test != "true"]
    told = ", ".join(told for _, told in tests)
    reasons = f"list_filter([{told}]::varchar[], lambda r : r is not null)"
    predicates = [test for test, _ in tests]
    if "_fault" in source:
        predicates.insert(0, "_fault is null")
        reasons = case(("_fault is not null", "[_fault]"), otherwise=reasons)
    repeated = " or ".join(cell.repeated for cell in cells if cell.repeated)
    return Gate(
        columns=(*(column.name for column in contract.columns), "_rescued"),
        values=(
            *(f"({cell.value})::{column.type}" for column, cell in pairs),
            _rescued(contract, unknown, source, found, pairs),
        ),
        ok=" and ".join(predicates) or "true",
        reasons=reasons,
        payload=payload(source),
        repeated=f"coalesce({repeated}, false)" if repeated else None,
        shared=shared,
        prefix=prefix,
        key=key_of(contract, pairs, ORIGIN) if contract.loading.changes else None,
    )


def _unknown(contract: Contract, source: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """The source's columns that the contract does not name; path groups are none of them."""
    missing = [c.source for c in contract.columns if is_required(c) and c.name not in found]
    if missing:
        raise SourceError(
            f"no column {', '.join(missing)}, which {contract.id} requires; "
            f"the source has {listed(source)}"
        )
    if not any(column.group is None and column.name in found for column in contract.columns):
        raise SourceError(
            f"none of {contract.id}'s columns is there; the source has {listed(source)}"
        )
    known = {*found.values(), *SPECIAL}
    unknown = [name for name in source if name not in known and not name.startswith("{")]
    if unknown and contract.unknown_columns == "refuse":
        said = f"column {', '.join(unknown)} is not in {contract.id}, which refuses others"
        raise SourceError(said)
    return unknown


def _cell(
    contract: Contract, column: Column, found: Mapping[str, str], source: Mapping[str, str]
) -> Cell:
    if column.name not in found:
        return absent(column.type)
    name = found[column.name]
    cell = cell_of(column, quoted(name), source[name], contract.reading, column.name)
    if contract.unknown_columns == "refuse" and cell.more:
        refused = literal(f"{column.name}: has fields that {contract.id} does not name")
        cell = replace(
            cell,
            readable=case((cell.readable, f"not ({cell.more})"), otherwise="false"),
            within=f"coalesce({cell.within or 'null'}, {case((cell.more, refused))})",
        )
    return cell


def _by_currency(contract: Contract, cells: list[Cell]) -> list[Cell]:
    """The cells, amounts judged by the currency of their row."""
    pairs = list(zip(contract.columns, cells, strict=True))
    named = {column.name: cell for column, cell in pairs}
    return [
        by_currency(column, cell, named[by_row]) if (by_row := column.currency_column) in named
        else cell
        for column, cell in pairs
    ]  # fmt: skip


def _shared(cells: list[Cell], prefix: str) -> tuple[list[Cell], tuple[tuple[str, str], ...]]:
    """The cells with what they share named, and the names with their expressions.

    The optimizer would find it too, but works it out for the rows that a CASE spares from it.
    """
    named: dict[str, str] = {}

    def short(text: str) -> str:
        for part, name in named.items():
            text = text.replace(part, name)
        return text

    for part in (part for cell in cells for part in cell.shared):
        if (expression := short(part)) not in named.values():
            named[expression] = f"{prefix}shared_{len(named)}"
    shorter = [
        replace(
            cell,
            value=short(cell.value),
            readable=short(cell.readable),
            repeated=cell.repeated and short(cell.repeated),
        )
        for cell in cells
    ]
    return shorter, tuple((name, expression) for expression, name in named.items())


def _prefix(source: Iterable[str]) -> str:
    """How names begin that no column of the source can be taken for."""
    prefix = "gate_"
    while any(name.lower().startswith(prefix) for name in source):
        prefix = f"_{prefix}"
    return prefix


def _rescued(
    contract: Contract,
    unknown: list[str],
    source: Mapping[str, str],
    found: Mapping[str, str],
    pairs: list[tuple[Column, Cell]],
) -> str:
    if contract.unknown_columns == "ignore":
        return "null::json"
    more: dict[str, str] = {}
    for column, cell in pairs:
        if cell.more:
            name = found[column.name]
            more[name] = f"{more[name]} or {cell.more}" if name in more else cell.more
    return rescued(unknown, source, more)
