"""Keys that must be unique: which loads of a group repeat one, and are refused for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.tables import bronze
from data_contracts.types import quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract

SHOWN_KEYS = 3
HOLDERS = """
with repeated as (
    select {columns} from {bronze} where ({columns}) in ({new}) group by all having count(*) > 1
),

holders as (
    select
        struct_pack({columns})::varchar as found,
        greatest(_batch, {earlier}) as batch,
        count(*) as rows
    from {bronze}
    where ({columns}) in (from repeated)
    group by all
),

found_keys as (
    select
        found,
        list(batch order by batch) as batches,
        list(batch) filter (rows > 1 and batch > {earlier}) as within
    from holders
    group by found
)

select batches, coalesce(within, []), count(*), list_sort(list(found))[:{shown}]
from found_keys
group by batches, within
"""


@dataclass(frozen=True, slots=True)
class _Repeated:
    """Keys that are repeated in the same loads."""

    columns: str
    batches: list[int]  # that have the keys, in their order; those from before as one number
    within: list[int]  # that have them more than once
    count: int
    shown: list[str]


def repeated_keys(
    connection: DuckDBPyConnection,
    contract: Contract,
    first_batch: int,
    failed: Collection[int] = (),
) -> dict[int, str]:
    """The loads that repeat a key, each with what it repeats: its own, or one of an earlier load.

    A load that is refused itself refuses no other, so that loads in one group fare as if each came
    by itself.

    Args:
        connection: with the open transaction, in which the loads' rows are.
        contract: whose primary key (where `duplicates` is refuse) and unique columns are looked at.
        first_batch: the first of the loads; all earlier ones stand.
        failed: loads that are refused already.
    """
    keys = [tuple(c.name for c in contract.key)] if contract.duplicates == "refuse" else []
    keys += [(column.name,) for column in contract.columns if column.unique]
    found = [part for names in keys for part in _repeated(connection, contract, names, first_batch)]
    refused: dict[int, str] = {}
    for batch in sorted(
        {batch for part in found for batch in part.batches if batch >= first_batch}
    ):
        standing = {*range(first_batch - 1, batch)}.difference(failed, refused)
        told = [p for p in found if batch in p.within or _repeats(p, batch, standing)]
        if told and batch not in failed:
            refused[batch] = _words(
                told[0].columns, [p for p in told if p.columns == told[0].columns]
            )
    return refused


def _repeated(
    connection: DuckDBPyConnection, contract: Contract, names: tuple[str, ...], first_batch: int
) -> list[_Repeated]:
    table, columns = bronze(contract), ", ".join(map(quoted, names))
    given = " and ".join(f"{quoted(name)} is not null" for name in names)
    new = f"select {columns} from {table} where _batch >= {first_batch} and {given}"
    # Most loads repeat nothing, and it takes two looks to know it: at the loads themselves, and for
    # their keys among the rows before, of which only files in the range of these keys are read.
    looks = (
        f"select 1 from ({new}) group by all having count(*) > 1 limit 1",
        f"select 1 from {table} where _batch < {first_batch} and ({columns}) in ({new}) limit 1",
    )
    if not any(connection.execute(look).fetchone() for look in looks):
        return []
    query = HOLDERS.format(
        columns=columns, bronze=table, new=new, earlier=first_batch - 1, shown=SHOWN_KEYS
    )
    return [_Repeated(", ".join(names), *row) for row in connection.execute(query).fetchall()]


def _repeats(part: _Repeated, batch: int, standing: set[int]) -> bool:
    return batch in part.batches and not standing.isdisjoint(part.batches)


def _words(columns: str, parts: list[_Repeated]) -> str:
    shown = sorted(key for part in parts for key in part.shown)[:SHOWN_KEYS]
    more = sum(part.count for part in parts) - len(shown)
    told = ", ".join(shown) + (f" and {more} more" if more else "")
    return f"{columns} must be unique, and is repeated: {told}"
