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
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def file_lock(path: Path) -> Iterator[Callable[[], None]]:
    """Hold the lock of a file, waiting for whoever has it. It goes with its process.

    Yields:
        Does nothing: the lock cannot be lost.
    """
    from filelock import FileLock

    try:
        lock = FileLock(path)
        lock.acquire(poll_interval=0.01)
    except OSError as error:
        raise LakeError(f"{path}: the lake cannot be written: {error.strerror}") from error
    try:
        yield lambda: None
    finally:
        lock.release()


@contextmanager
def advisory_lock(
    url: str, name: str, *, within: str | None = None
) -> Iterator[Callable[[], None]]:
    """Hold Postgres's lock of a name, waiting for whoever has it. It goes with its session.

    Args:
        url: of the Postgres.
        name: of the lock.
        within: a lock that is shared with everyone who is within it; who holds that one by its own
            name waits for all of them.

    Yields:
        Raises LakeError where the session, and the lock with it, is lost.
    """
    import psycopg

    takes = ["select pg_advisory_lock_shared(%s)"] if within else []
    takes.append("select pg_advisory_lock(%s)")
    numbers = [_number(each) for each in (within, name) if each]
    try:
        with psycopg.connect(url, autocommit=True) as session:
            for take, number in zip(takes, numbers, strict=True):
                session.execute(take, [number])

            def held() -> None:
                session.execute("select 1")

            yield held
    except psycopg.Error as error:
        raise LakeError(f"the catalog's Postgres cannot be used: {plain(error, url)}") from None


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
