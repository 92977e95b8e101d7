"""Views of `silver` from a contract: what is current, and what was when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.changelog import ORIGIN, RANK, Changelog
from data_contracts.loading import path_of
from data_contracts.types import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from data_contracts.contract import Contract

TIMES = ("valid_from", "valid_to", "recorded_at")  # columns of a history beside the contract's
ROWS_SQL = 'select {columns}, "_rescued", "_origin", "_batch" from {bronze}'
CURRENT_SQL = """
with versions as (
    select log.*, {rank} as _lake_rank
    from {bronze} as log
    {join}
),

ranked as (
    select *, row_number() over (partition by {key} order by {newest_first}) as _lake_nth
    from versions{standing}
)

select {columns}, "_rescued", "_origin", "_batch"
from ranked
where _lake_nth = 1 and _op <> 'D'
"""
# The last version of a key in each delivery is what the delivery says of it; what says the same as
# the one before it is no version. Where rows order themselves, each is a version of its own.
HISTORY_SQL = """
with versions as (
    select
        log.*,
        {rank} as _lake_rank,
        {valid_from} as _lake_from,
        written.loaded_at as _lake_recorded_at
    from {bronze} as log
    left join lake.ops.ledger as written on log._batch = written.batch
    {join}
),

ranked as (
    select
        *,
        row_number() over (partition by {key}, {step} order by {newest_first}) as _lake_nth
    from versions{rows_only}
),

compared as (
    select
        *,
        lag(struct_pack({packed}, is_deleted := _op = 'D'))
            over (partition by {key} order by {oldest_first}) as _lake_before
    from ranked
    where _lake_nth = 1
),

spans as (
    select
        *,
        lead(_lake_from) over (partition by {key} order by {oldest_first}) as _lake_followed
    from compared
    where _lake_before is distinct from struct_pack({packed}, is_deleted := _op = 'D')
),

ended as (
    select spans.*, {valid_to} as _lake_to
    from spans
)

select {columns}, "_rescued", "_origin", {times}, "_batch"
from ended
where _op <> 'D' and (_lake_to is null or _lake_to > _lake_from)
"""


def make_views(connection: DuckDBPyConnection, contract: Contract) -> None:
    """Make the views of a contract, or make them anew, in the open transaction."""
    connection.execute("create schema if not exists lake.silver")
    views = {"": current(contract)}
    if contract.loading.changes:
        views["_history"] = history(contract)
    for name, sql in views.items():
        view = f"lake.silver.{quoted(contract.table + name)}"
        connection.execute(f"create or replace view {view} as {sql}")


def current(contract: Contract) -> str:
    """SQL of the rows that are current: the newest version of each key, where it is no deletion.

    Where a contract appends, all are.
    """
    log = Changelog(contract)
    if not contract.loading.changes:
        return ROWS_SQL.format(columns=_columns(contract), bronze=log.bronze)
    newest = log.order(newest_first=True)
    return CURRENT_SQL.format(**_words(log), newest_first=newest, standing=_standing(log))


def history(contract: Contract) -> str:
    """SQL of every version with the time that it held for.

    `valid_from` and `valid_to` are of the contract's order: the first column of `orderBy`, else the
    place of the delivery by `deliveryOrder`, else the time of its arrival; `valid_to` is null of
    what is current. `recorded_at` is when the lake wrote it, of type timestamptz. Where the
    contract has a column of one of these names, ours begins with an underscore.
    """
    log = Changelog(contract)
    loading = log.loading
    valid_from = (
        f"log.{path_of(loading.order_by[0])}"
        if loading.by_rows
        else ("places.place" if loading.delivery_order else "places.delivered_at")
    )
    ended = "_lake_followed"
    if loading.mode == "cdc" and loading.by_rows:
        ended = f"least({_next_truncation(log)}, {ended})"  # of what is not null
    return HISTORY_SQL.format(
        **_words(log) | {"join": "" if loading.by_rows else _join(log)},
        valid_from=valid_from,
        step=", ".join(path_of(name) for name in loading.order_by) if loading.by_rows else RANK,
        newest_first=log.order(newest_first=True),
        oldest_first=log.order(),
        packed=", ".join(f"v{at} := {value}" for at, value in enumerate(log.values)),
        rows_only="\n    where _op <> 'T'" if loading.mode == "cdc" else "",
        valid_to=ended,
        times=", ".join(_times(log)),
    )


def _times(log: Changelog) -> list[str]:
    """The times of a version, as a history names them."""
    taken = {column.name.lower() for column in log.contract.columns}
    ours = ("_lake_from", "_lake_to", "_lake_recorded_at")
    return [
        f"{one} as {f'_{name}' if name in taken else name}"
        for one, name in zip(ours, TIMES, strict=True)
    ]


def _words(log: Changelog) -> dict[str, str]:
    ordered = not log.loading.by_rows
    by_place = ordered and log.loading.delivery_order is not None
    return {
        "bronze": log.bronze,
        "key": ", ".join((ORIGIN, *log.identity)),
        "columns": _columns(log.contract),
        "rank": f"places.{RANK}" if by_place else ("log._delivery" if ordered else "0"),
        "join": _join(log) if by_place else "",
    }


def _columns(contract: Contract) -> str:
    return ", ".join(quoted(column.name) for column in contract.columns)


def _join(log: Changelog) -> str:
    return f"inner join ({log.places}) as places on log._delivery = places.batch"


def _moment(log: Changelog, alias: str) -> str:
    """What orders a version among truncations."""
    return f"row({', '.join(f'{alias}.{path_of(name)}' for name in log.loading.order_by)})"


def _standing(log: Changelog) -> str:
    """The condition that a row is a version, and no truncation came after it.

    Where deliveries are ordered, those that truncate have a deletion of every key.
    """
    if log.loading.mode != "cdc":
        return ""
    if not log.loading.by_rows:
        return "\n    where _op <> 'T'"
    later = f"{_moment(log, 'emptied')} > {_moment(log, 'versions')}"
    return (
        "\n    where _op <> 'T' and not exists (\n"
        "        select 1 from versions as emptied\n"
        f"        where emptied._op = 'T' and {later}\n"
        "            and emptied._origin is not distinct from versions._origin\n    )"
    )


def _next_truncation(log: Changelog) -> str:
    later = f"{_moment(log, 'emptied')} > {_moment(log, 'spans')}"
    return (
        "(select min(emptied._lake_from) from versions as emptied "
        f"where emptied._op = 'T' and {later} "
        "and emptied._origin is not distinct from spans._origin)"
    )
