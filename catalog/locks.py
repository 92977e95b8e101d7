"""One writer at a time: a file lock on SQLite, an advisory lock by table on Postgres.

DuckLake's commits are optimistic, but inserts never conflict: two processes that both looked into
the ledger would both load. SQLite fails ("database is locked") wherever two transactions write.
"""

from __future__ import annotations

import hashlib
import os
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from catalog.errors import LakeError, plain, said_of
from catalog.waiting import holder_of, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import psycopg
    from filelock import BaseFileLock

HOLDERS = """
select application_name
from pg_stat_activity
where pid = any(pg_blocking_pids(%s))
order by backend_start
"""


@contextmanager
def file_lock(path: Path, what: str = "the lake") -> Iterator[Callable[[], None]]:
    """Hold the lock of a file, waiting for whoever has it. It goes with its process.

    Args:
        path: of the file.
        what: cannot be written without it.

    Yields:
        Does nothing: the lock cannot be lost.
    """
    try:
        lock = acquired(path, f"{what} ({path})")
    except OSError as error:
        raise LakeError(f"{path}: {what} cannot be written: {said_of(error)}") from error
    try:
        yield lambda: None
    finally:
        lock.release()


def acquired(path: Path, what: str) -> BaseFileLock:
    """The lock of a file, taken; whoever waits for it longer than a second says so.

    Args:
        path: of the file.
        what: is waited for.

    Raises:
        OSError: the file cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        with waiting(what, lambda: holder_of(path)):
            lock.acquire(poll_interval=0.01)
    return lock


@contextmanager
def file_turn(path: Path, told: Callable[[], object]) -> Iterator[None]:
    """Hold the lock of a file; `told` is called where somebody else has it, and is waited for."""
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            told()
            lock.acquire(poll_interval=0.05)
    except OSError as error:
        raise LakeError(f"{path}: cannot be locked: {said_of(error)}") from error
    try:
        yield
    finally:
        lock.release()


class Sessions:
    """Sessions of a Postgres, kept open between their uses; a new one takes some 10 ms."""

    def __init__(self, url: Callable[[], str]) -> None:
        """Nothing is opened yet.

        Args:
            url: where the Postgres is; asked only where a session is opened.
        """
        self._url = url
        self._where = ""
        self._idle: list[psycopg.Connection] = []
        self._is_closed = False

    @contextmanager
    def one(self) -> Iterator[psycopg.Connection]:
        """A session that nobody else uses meanwhile.

        Raises:
            LakeError: there is none to be had, or it was lost.
        """
        import psycopg

        try:
            session = self._take()
            try:
                yield session
            except BaseException:
                session.close()  # whatever it holds goes with it
                raise
        except psycopg.Error as error:
            said = plain(error, self._where)
            raise LakeError(f"the catalog's Postgres cannot be used: {said}") from None
        self._idle.append(session)
        if self._is_closed:  # while this one was in use
            self.close()

    @contextmanager
    def lock(
        self,
        name: str,
        *,
        within: str | None = None,
        seconds: int | None = None,
        what: str = "the lake",
    ) -> Iterator[Callable[[], None]]:
        """Hold Postgres's lock of a name, waiting for whoever has it. It goes with its session.

        Args:
            name: of the lock.
            within: a lock that is shared with all others within it; who holds that one by its own
                name waits for all of them.
            seconds: how long to wait at most; those that come later wait behind.
            what: is waited for, in words.

        Yields:
            Raises psycopg.Error where the session, and the lock with it, is lost.
        """
        import psycopg

        with self.one() as session:
            if seconds:
                session.execute(f"set lock_timeout = '{seconds}s'")
            try:
                if within:
                    self._wait(session, "lock_shared", within, what)
                self._wait(session, "lock", name, what)
            except psycopg.errors.LockNotAvailable:
                raise LakeError(
                    f"others are at work on the lake for {seconds} s; try again later"
                ) from None
            if seconds:
                session.execute("reset lock_timeout")

            def held() -> None:
                session.execute("select 1")

            yield held
            with suppress(psycopg.Error):  # a session that was lost holds nothing
                session.execute("select pg_advisory_unlock_all()")

    def _wait(self, session: psycopg.Connection, lock: str, name: str, what: str) -> None:
        number = _number(name)
        had = session.execute(f"select pg_try_advisory_{lock}(%s)", [number]).fetchone()
        if had == (True,):
            return
        with waiting(what, lambda: self._holder(session.info.backend_pid)):
            session.execute(f"select pg_advisory_{lock}(%s)", [number])

    def _holder(self, waits: int) -> str:
        """Who has what a session waits for; asked in another one, as that one is busy."""
        import psycopg

        with suppress(psycopg.Error), psycopg.connect(self._where, connect_timeout=2) as session:
            if found := session.execute(HOLDERS, [waits]).fetchone():
                return str(found[0] or "another program")
        return "another process"

    @contextmanager
    def turn(self, name: str, told: Callable[[], object]) -> Iterator[None]:
        """Hold Postgres's lock of a name; `told` is called where somebody else has it."""
        with self.one() as session:
            number = [_number(name)]
            row = session.execute("select pg_try_advisory_lock(%s)", number).fetchone()
            if not (row and row[0]):
                told()
                session.execute("select pg_advisory_lock(%s)", number)
            yield
            session.execute("select pg_advisory_unlock(%s)", number)

    def close(self) -> None:
        """Close the sessions, those in use after it."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> psycopg.Connection:
        import psycopg

        while self._idle:
            session = self._idle.pop()
            try:
                session.execute("select 1")
            except psycopg.Error:
                session.close()  # the server was stopped meanwhile
            else:
                return session
        self._where = self._url()
        named = f"process {os.getpid()} on {socket.gethostname()}"[:63]  # Postgres's longest
        return psycopg.connect(self._where, autocommit=True, fallback_application_name=named)


@contextmanager
def advisory_lock(url: str, name: str) -> Iterator[Callable[[], None]]:
    """Hold Postgres's lock of a name in a session of its own."""
    sessions = Sessions(lambda: url)
    try:
        with sessions.lock(name) as held:
            yield held
    finally:
        sessions.close()


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
