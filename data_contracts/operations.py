"""What the gate asks of rows that change others: their operation, their key and their day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.cell import Cell, case
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data_contracts.contract import Column, Contract

    Test = tuple[str, str]  # SQL that is true where a row keeps it, and of the reason where not
    Pair = tuple[Column, Cell]

FROM, TO = "{period_from}", "{period_to}"  # the first and last day that a delivery's path names


def operation_of(contract: Contract, pairs: Sequence[Pair]) -> str | None:
    """SQL of what a row does: insert, update, delete or truncate; null where that is unknown.

    None where the contract does not say it by a column.
    """
    loading = contract.loading
    if loading.operation is None:
        return None
    first, *steps = loading.operation.split(".")
    value = next(cell.value for column, cell in pairs if column.name == first)
    value = ".".join((f"({value})", *map(quoted, steps)))
    named = " ".join(
        f"when {literal(name)} then {literal(what)}" for name, what in loading.operations.items()
    )
    return f"case lower({value}::varchar) {named} end"


def relaxed(test: Test, column: Column, cell: Cell, operation: str | None) -> Test:
    """A column's test as far as the row's operation asks for the column.

    A deletion needs its key only, and what empties the table nothing at all.
    """
    if operation is None or test[0] == "true":
        return test
    spared = "('truncate')" if column.key_position is not None else "('delete', 'truncate')"
    free = f"coalesce({operation} in {spared}, false) and {cell.missing}"
    return case((free, "true"), otherwise=test[0]), case((free, "null"), otherwise=test[1])


def of_the_row(
    contract: Contract, pairs: Sequence[Pair], operation: str | None, source: Mapping[str, str]
) -> list[Test]:
    """Tests of the whole row: that its operation is known, and its day one that is delivered."""
    tests = []
    loading = contract.loading
    if operation is not None:
        listed = ", ".join(sorted(loading.operations))
        told = literal(f"{loading.operation}: is none of {listed}")
        known = f"{operation} is not null"
        tests.append((known, case((f"not ({known})", told))))
    if loading.period_by and FROM in source:
        cell = next(cell for column, cell in pairs if column.name == loading.period_by)
        within = (
            f"coalesce(({cell.value})::date between {quoted(FROM)}::date and {quoted(TO)}::date, "
            f"{cell.missing})"
        )
        told = (
            f"concat({literal(f'{loading.period_by}: is not within ')}, {quoted(FROM)}, ' to ', "
            f"{quoted(TO)}, ', which its path names')"
        )
        tests.append((within, case((f"not ({within})", told))))
    return tests


def key_of(contract: Contract, pairs: Sequence[Pair], origin: str) -> str:
    """SQL of a row's key as text, whatever else is wrong with it; empty where unreadable.

    Args:
        contract: whose key it is.
        pairs: its columns with their cells.
        origin: SQL of the source instance's name.
    """
    loading = contract.loading
    cells = {column.name: (column, cell) for column, cell in pairs}
    parts = [cells[column.name] for column in contract.key]
    texts = [f"({cell.value})::{column.type}" for column, cell in parts]
    if loading.period_by:
        column, cell = cells[loading.period_by]
        parts.append((column, cell))
        texts.append(f"({cell.value})::{column.type}::date")
    known = " and ".join(
        case((cell.missing, "false"), (cell.readable, "true"), otherwise="false")
        for _, cell in parts
    )
    return case((known, key_text(origin, *texts)), otherwise="''")


def key_text(*values: str) -> str:
    """SQL of the text that a key has outside of its table: a JSON array of texts."""
    return f"json_array({', '.join(f'({value})::varchar' for value in values)})::varchar"
