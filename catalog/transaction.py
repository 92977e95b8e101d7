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
SEEN = "from lake.current_snapshot()"
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
    table: str,
    run: Run,
    work: Callable[[], tuple[T, Change]],
) -> T:
    """Run `work` in one transaction and commit it, so that all of it is seen or none.

    Args:
        lake: the lake, whose writer lock is held meanwhile.
        connection: on which `work` writes.
        table: what is written to; two commits to it conflict even where a lock was lost.
        run: signs the snapshot.
        work: writes, and returns its result and what the snapshot says. It may be called again.

    Raises:
        ConflictError: other writers kept getting in between.
        LakeError: the lake cannot be written.
    """
    lake.put_up_fence()
    wait = FIRST_WAIT
    for _ in range(ATTEMPTS):
        with lake.lock(table):
            try:
                return _once(lake, connection, table, run, work)
            except duckdb.Error as error:
                _roll_back(connection)
                if any(words in str(error).lower() for words in BROKEN_OFF):
                    raise LakeError(
                        f"{table}: the connection to the catalog's Postgres was broken off; "
                        "run it again, what was committed is not loaded twice"
                    ) from error
                if not any(words in str(error).lower() for words in CONFLICTS):
                    raise LakeError(f"{table}: {lake.reason(error)}") from error
            except BaseException:
                _roll_back(connection)
                raise
        time.sleep(wait * random.uniform(0.5, 1.5))
        wait *= 2
    raise ConflictError(
        f"{table}: others kept writing to it, {ATTEMPTS} times; nothing was written, try again"
    )


def _once(
    lake: Lake,
    connection: DuckDBPyConnection,
    table: str,
    run: Run,
    work: Callable[[], tuple[T, Change]],
) -> T:
    connection.execute("begin")
    row = None if lake.on_sqlite else connection.execute(SEEN).fetchone()
    if not run.recorded:
        run.record_start(connection)
    result, change = work()
    run.sign(connection, change, {"wrote": table, "seen": row[0]} if row else {})
    step("before-commit")
    connection.execute("commit")
    run.recorded = True
    step("after-commit")
    return result


def _roll_back(connection: DuckDBPyConnection) -> None:
    try:
        connection.execute("rollback")
    except duckdb.Error:
        return  # the failed commit has ended the transaction
