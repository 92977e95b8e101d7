"""The rows that broke their contract: listed, shown, gated again, or discarded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import LakeError
from catalog.loads import Amendment, amend, load, named
from catalog.runs import Change
from catalog.steps import step
from catalog.transaction import write
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.loads import Load
    from catalog.runs import Run

TABLE = re.compile(r"\w+[.]?\w*")
GROUPS = """
select
    table_name,
    batch,
    source,
    count(*) as rows,
    min(reasons[1]) as example
from lake.ops.quarantine
where {chosen}
group by table_name, batch, source, regexp_replace(reasons[1], '''.*''', '')
order by table_name, batch, rows desc
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Broken rows of one load that broke the same rule first."""

    table: str
    load: int
    source: str
    rows: int
    example: str


@dataclass(frozen=True, slots=True)
class Row:
    """One broken row.

    Attributes:
        id: ``<load>-<position>``.
        payload: the record as it came, or JSON of it.
    """

    id: str
    table: str
    load: int
    source: str
    position: int
    reasons: list[str]
    payload: bytes
    at: datetime


def which(names: Sequence[str]) -> str:
    """SQL of the rows that are meant by ids (``12-7``), loads (``12``) and tables (``erp.order``).

    Raises:
        LakeError: a name is none of these.
    """
    chosen = []
    for name in names:
        if re.fullmatch(r"\d+-\d+", name):
            chosen.append(f"id = {literal(name)}")
        elif name.isdecimal():
            chosen.append(f"batch = {int(name)}")
        elif TABLE.fullmatch(name):
            table = name.removeprefix("bronze.").replace(".", "_")
            chosen.append(f"table_name = {literal(table)}")
        else:
            raise LakeError(f"{name!r} is no row (12-7), no load (12) and no contract (erp.order)")
    return f"({' or '.join(chosen)})" if chosen else "true"


def groups(connection: DuckDBPyConnection, names: Sequence[str]) -> list[Group]:
    """What is in quarantine, by load and kind of reason."""
    return [
        Group(*row) for row in connection.execute(GROUPS.format(chosen=which(names))).fetchall()
    ]


def rows(connection: DuckDBPyConnection, names: Sequence[str], limit: int) -> list[Row]:
    """Broken rows, in the order of their loads."""
    found = connection.execute(
        "select id, table_name, batch, source, position, reasons, payload, quarantined_at "
        f"from lake.ops.quarantine where {which(names)} "
        f"order by table_name, batch, position limit {limit}"
    ).fetchall()
    return [Row(*row) for row in found]


def loads_with(connection: DuckDBPyConnection, names: Sequence[str]) -> list[Load]:
    """The loads that have such rows in quarantine."""
    batches = connection.execute(
        f"select distinct batch from lake.ops.quarantine where {which(names)} order by 1"
    ).fetchall()
    return [load(connection, batch) for (batch,) in batches]


def discard(lake: Lake, names: Sequence[str], run: Run) -> list[Amendment]:
    """Take broken rows out of quarantine for good, one commit a table.

    History still has them, until it expires.

    Raises:
        LakeError: a name means nothing.
    """
    chosen = which(names)
    with lake.connect() as connection:
        tables = connection.execute(
            f"select distinct table_name from lake.ops.quarantine where {chosen} order by 1"
        ).fetchall()
        done: list[Amendment] = []
        for at, (table,) in enumerate(tables):
            last = at == len(tables) - 1

            def work(table: str = table, last: bool = last) -> tuple[list[Amendment], Change]:
                return _discard(lake, connection, table, chosen, run, last=last)

            done += write(lake, connection, table, run, work)
    return done


def _discard(
    lake: Lake, connection: DuckDBPyConnection, table: str, chosen: str, run: Run, *, last: bool
) -> tuple[list[Amendment], Change]:
    of_table = f"table_name = {literal(table)} and {chosen}"
    counted = connection.execute(
        f"select batch, count(*) from lake.ops.quarantine where {of_table} group by all order by 1"
    ).fetchall()
    connection.execute(f"delete from lake.ops.quarantine where {of_table}")
    step("discard-write")
    amendments = [
        Amendment(load(connection, batch), "discard", 0, 0, -count, count)
        for batch, count in counted
    ]
    first = lake.next_ids(connection, "batch", max(len(amendments), 1))
    amend(connection, run, first, amendments)
    if last:
        run.record_end(connection, "succeeded")
    gone = sum(count for _, count in counted)
    words = f"{gone} quarantined rows of {named([b for b, _ in counted])} discarded"
    return amendments, Change(words, ("ops.quarantine",))
