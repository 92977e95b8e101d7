"""One writer at a time: a file lock on SQLite, an advisory lock by table on Postgres.

DuckLake's commits are optimistic, but inserts never conflict: two processes that both looked into
the ledger would both load. SQLite fails ("database is locked") wherever two transactions write.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catalog.errors import LakeError, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold the lock of a file, waiting for whoever has it. It goes with its process."""
    from filelock import FileLock

    try:
        lock = FileLock(path)
        lock.acquire(poll_interval=0.01)
    except OSError as error:
        raise LakeError(f"{path}: the lake cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def advisory_lock(
    url: str, name: str, within: str | None = None, *, seconds: int | None = None
) -> Iterator[None]:
    """Hold Postgres's lock of a name, waiting for whoever has it. It goes with its session.

    Args:
        url: of the Postgres.
        name: of the lock.
        within: a lock that is shared with others meanwhile.
        seconds: how long to wait at most; those that come later wait behind.
    """
    import psycopg

    try:
        with psycopg.connect(url, autocommit=True) as session:
            if seconds:
                session.execute("select set_config('lock_timeout', %s, false)", [f"{seconds}s"])
            if within:
                session.execute(
                    "select pg_advisory_lock_shared(%s), pg_advisory_lock(%s)",
                    [_number(within), _number(name)],
                )
            else:
                session.execute("select pg_advisory_lock(%s)", [_number(name)])
            yield
    except psycopg.errors.LockNotAvailable:
        raise LakeError(
            f"others are at work on the lake for {seconds} s; try again later"
        ) from None
    except psycopg.Error as error:
        raise LakeError(f"the catalog's Postgres cannot be used: {plain(error, url)}") from None


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
