"""Upkeep: what is past its time goes, what is scattered is put together, and no answer changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalog.bounds import widen
from catalog.compaction import Compaction, Tidied
from catalog.history import expire, old
from catalog.pins import pinned
from catalog.retention import expire_rows, overdue, unfit
from catalog.runs import Change
from catalog.sweep import Swept, sweep
from catalog.transaction import write
from catalog.untidy import DATA, tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.runs import Run
    from data_contracts.contract import Contract

CONTRACTS = """
select table_name, arg_max(contract_id, batch) from lake.ops.ledger group by all order by 1
"""

PAST = f"select distinct table_id from {DATA}.ducklake_data_file where end_snapshot is not null"


@dataclass(slots=True)
class Upkeep:
    """What upkeep did; or would do, where it is a dry run.

    Attributes:
        rows: of bronze that were past their retention, by table; and rows of quarantine.
        snapshots: that expired.
        pinned: snapshots that stay whatever their age.
        tables: what became of each table that was not tidy.
        files: data files that the lake reads today, before and after.
        swept: files that were deleted.
        unheld: tables no row of which expires, and why: their contract is not found, say.
    """

    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    snapshots: int = 0
    pinned: int = 0
    tables: list[Tidied] = field(default_factory=list)
    files: tuple[int, int] = (0, 0)
    swept: Swept = field(default_factory=Swept)
    unheld: dict[str, str] = field(default_factory=dict)


def maintain(
    lake: Lake,
    run: Run,
    contract_of: Callable[[str, str], Contract | None],
    guard: str,
    *,
    history: str | None = None,
    dry_run: bool = False,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
) -> Upkeep:
    """Take rows out that are past their retention, let history expire, tidy every table, and delete
    the files that nothing reads any more.

    Readers and writers go on meanwhile: each piece is a commit of its own. It can be killed
    anywhere and run again.

    Args:
        lake: to keep up.
        run: signs what is written.
        contract_of: finds the contract of an id and a table; None where there is none any more.
        guard: age that a file has to be past before it is deleted, an interval as SQL writes it.
        history: age past which snapshots expire, an interval, too; None keeps them for good.
        dry_run: change nothing, and say what there is to do.
        progress: is told what is under way, how much of it is done, and of how much.

    Raises:
        LakeError: the lake cannot be written, or would answer otherwise than before.
    """
    done = Upkeep()
    with lake.told("upkeep cannot go on"), lake.connect(read_only=dry_run) as connection:
        contracts = _contracts(connection, contract_of, done)
        kept = {t: c.retention.interval for t, c in contracts.items() if c.retention}
        progress("rows past their retention", 0, len(kept))
        for at, table in enumerate(kept, 1):
            _rows(lake, connection, contracts[table], run, done, dry_run=dry_run)
            progress("rows past their retention", at, len(kept))
        done.pinned = len({one.snapshot for one in pinned(connection)})
        if history:
            progress("history", 0, 1)
            done.snapshots = (
                len(old(connection, history)) if dry_run else expire(lake, connection, history, run)
            )
        _tidy(lake, connection, run, done, progress, dry_run=dry_run)
        progress("files", 0, 1)
        done.swept = sweep(lake, connection, guard, kept, dry_run=dry_run)
        if run.recorded:
            write(lake, connection, None, run, lambda: (None, _end(connection, run)))
    return done


def _contracts(
    connection: DuckDBPyConnection,
    contract_of: Callable[[str, str], Contract | None],
    done: Upkeep,
) -> dict[str, Contract]:
    found = {}
    for table, id_ in connection.execute(CONTRACTS).fetchall():
        contract = contract_of(id_, table)
        why = unfit(connection, contract) if contract else "its contract is not found"
        if why:
            done.unheld[table] = why
        elif contract:
            found[table] = contract
    return found


def _rows(
    lake: Lake,
    connection: DuckDBPyConnection,
    contract: Contract,
    run: Run,
    done: Upkeep,
    *,
    dry_run: bool,
) -> None:
    if dry_run:
        found = overdue(connection, contract)
        gone = (sum(one.kept for one in found), sum(one.broken for one in found))
    else:
        gone = expire_rows(lake, connection, contract, run)
    if any(gone):
        done.rows[contract.table] = gone


def _tidy(
    lake: Lake,
    connection: DuckDBPyConnection,
    run: Run,
    done: Upkeep,
    progress: Callable[[str, int, int], None],
    *,
    dry_run: bool,
) -> None:
    found = tables(connection)
    if not dry_run:
        # What an upkeep that was killed has left, or one by an earlier version of this.
        past = {id_ for (id_,) in connection.execute(PAST).fetchall()}
        for table in found:
            if table.id in past:
                widen(lake, connection, table)
    untidy = [table for table in found if not table.is_tidy]
    before = after = sum(table.files for table in found)
    if dry_run:
        done.tables = [Tidied(str(t), t.inlined, len(t.deleted), t.small) for t in untidy]
    elif untidy:
        if not run.recorded:
            write(lake, connection, None, run, lambda: (None, Change("upkeep begins")))
        for at, table in enumerate(untidy):
            progress(str(table), at, len(untidy))
            if tidied := Compaction(lake, connection, table, run).tidy():
                done.tables.append(tidied)
        after = sum(table.files for table in tables(connection))
    done.files = (before, after)


def _end(connection: DuckDBPyConnection, run: Run) -> Change:
    run.record_end(connection, "succeeded")
    return Change("upkeep is done")
