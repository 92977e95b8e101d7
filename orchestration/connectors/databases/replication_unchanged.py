"""Long values that an update left unchanged: PostgreSQL does not send them, the last known count.

They are those of the version before in what is read, else of the row that is current in the lake.
With REPLICA IDENTITY FULL they come with the row before, and nothing is to be looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_contracts.matching import match
from data_contracts.types import literal, quoted
from orchestration.connectors.databases.reach import SPOOL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract

FAULT = (
    "PostgreSQL did not send this long value, which an update left unchanged, and no earlier row "
    "has it; alter table {} replica identity full, then lakehouse sync --full"
)


def filled(
    connection: DuckDBPyConnection,
    contract: Contract,
    columns: Mapping[str, str],
    origin: str | None,
) -> tuple[str, str | None]:
    """The relation of the changes in `rows`, with such values in their places.

    Args:
        connection: to the lake.
        contract: of the table, without the columns that say what a change is.
        columns: of the table.
        origin: the source instance.

    Returns:
        Its SQL, and that of why a row could not be filled; None where there is none to fill.
    """
    rows = f"{SPOOL}.rows"
    found = connection.execute(f"select distinct unnest(_kept) from {rows}").fetchall()
    kept = [name for (name,) in found if name in columns]
    if not kept:
        return rows, None
    names = match(contract.columns, columns)
    own = {source: name for name, source in names.items()}
    types = {column.name: column.type for column in contract.columns}
    key = [quoted(names[column.name]) for column in contract.key]
    same = " and ".join(
        f"known.{quoted(c.name)} = try_cast(r.{quoted(names[c.name])} as {c.type})"
        for c in contract.key
    )
    values, faults = [], []
    for column in kept:
        q = quoted(column)
        is_kept = f"list_contains(r._kept, {literal(column)})"
        before = (
            f"last_value(case when not {is_kept} then {{'v': r.{q}}} end ignore nulls) over "
            f"(partition by {', '.join(f'r.{k}' for k in key)} order by r._position "
            "rows between unbounded preceding and 1 preceding)"
        )
        now = "null"
        if column in own:
            name = own[column]
            now = f"case when known._batch is not null then {{'v': {_text(name, types[name])}}} end"
        values.append(
            f"case when {is_kept} then coalesce({before}, {now}) else {{'v': r.{q}}} end as {q}"
        )
        faults.append(
            f"when list_contains(_kept, {literal(column)}) and {quoted('_of_' + column)} then "
            + literal(f"{column}: {FAULT.format(contract.source or contract.name)}")
        )
    packed = (
        f"select r.* replace ({', '.join(values)}) from {rows} as r left join "
        f"lake.silver.{quoted(contract.table)} as known on {same} and known._origin is not "
        f"distinct from {literal(origin) if origin else 'null'}"
    )
    opened = ", ".join(f"{quoted(c)}.v as {quoted(c)}" for c in kept)
    missing = ", ".join(f"{quoted(c)} is null as {quoted('_of_' + c)}" for c in kept)
    # Where even the struct is null, nothing knows the value.
    return (
        f"(select * replace ({opened}), {missing} from ({packed}))",
        f"case {' '.join(faults)} end",
    )


def _text(name: str, type_: str) -> str:
    """SQL of a value of the lake as PostgreSQL would have written it."""
    value = f"known.{quoted(name)}"
    if type_ == "VARCHAR":
        return value
    is_nested = type_.endswith("]") or type_.startswith(("STRUCT", "MAP"))
    return f"to_json({value})::varchar" if is_nested else f"{value}::varchar"
