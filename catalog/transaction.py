"""One transaction of the lake: under its table's lock, fenced, signed, tried again in conflicts."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

import duckdb

from catalog.errors import ConflictError, LakeError
from catalog.fence import CONFLICT
from catalog.steps import step

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.runs import Change, Run

T = TypeVar("T")
ATTEMPTS = 8
SEEN = "select (from lake.current_snapshot()), (from lake.last_committed_snapshot())"
FIRST_WAIT = 0.05  # seconds, doubled each time
CONFLICTS = ("conflict", "database is locked", "could not serialize", "deadlock", CONFLICT)
BROKEN_OFF = (
    "closed the connection",
    "no connection to",
    "terminating connection",
    'query "rollback"',
)


def write(
    lake: Lake,
    connection: DuckDBPyConnection,
    table: str | None,
    run: Run,
    work: Callable[[], tuple[T, Change | None]],
    *,
    compacts: bool = False,
) -> T:
    """Run `work` in one transaction and commit it, so that all of it is seen or none.

    Args:
        lake: the lake, whose writer lock is held meanwhile.
        connection: on which `work` writes.
        table: what is written to; two commits to it conflict even where a lock was lost. None is
            any: nobody else writes meanwhile.
        run: signs the snapshot.
        work: writes, and returns its result and what the snapshot says; None rolls it back. It may
            be called again.
        compacts: `work` merges or rewrites files. DuckLake takes no change in the same transaction,
            not even of a run's start.

    Raises:
        ConflictError: other writers kept getting in between.
        LakeError: the lake cannot be written.
    """
    lake.put_up_fence()
    wait, named = FIRST_WAIT, table or "the lake"
    for _ in range(ATTEMPTS):
        with lake.lock(table) as held:
            try:
                return _once(
                    lake, connection, table or "lake", run, work, held if compacts else None
                )
            except duckdb.Error as error:
                _roll_back(connection)
                if any(words in str(error).lower() for words in BROKEN_OFF):
                    raise LakeError(
                        f"{named}: the connection to the catalog's Postgres was broken off; "
                        "run it again, what was committed is not loaded twice"
                    ) from error
                if not any(words in str(error).lower() for words in CONFLICTS):
                    raise LakeError(f"{named}: {lake.reason(error)}") from error
            except BaseException:
                _roll_back(connection)
                raise
        time.sleep(wait * random.uniform(0.5, 1.5))
        wait *= 2
    raise ConflictError(
        f"{named}: others kept writing to it, {ATTEMPTS} times; nothing was written, try again"
    )


def _once(
    lake: Lake,
    connection: DuckDBPyConnection,
    table: str,
    run: Run,
    work: Callable[[], tuple[T, Change | None]],
    held: Callable[[], None] | None,
) -> T:
    connection.execute("begin")
    [(run.seen, own)] = connection.execute(SEEN).fetchall()
    run.is_alone = run.seen == own
    if not (held or run.recorded):
        run.record_start(connection)
    result, change = work()
    if change is None:
        connection.execute("rollback")
        return result
    run.sign(connection, change, {} if lake.on_sqlite else {"wrote": table, "seen": run.seen})
    step("before-commit")
    if held:
        # Small deletes of others would come back: DuckLake does not see them conflict with this.
        held()
    connection.execute("commit")
    run.recorded = run.recorded or not held
    step("after-commit")
    return result


def _roll_back(connection: DuckDBPyConnection) -> None:
    try:
        connection.execute("rollback")
    except duckdb.Error:
        return  # the failed commit has ended the transaction
