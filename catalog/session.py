"""Queries on one lake, one after the other."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

import duckdb

from catalog.clock import StuckError, Worker
from catalog.errors import LakeError
from catalog.failure import RAISED, failure, is_fatal
from catalog.lockdown import locked

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

    from catalog.clock import Clock
    from catalog.lake import Lake
    from catalog.reading import Reading
    from catalog.result import Result
    from catalog.views import Views

T = TypeVar("T")


class Session:
    """A locked connection that one thread at a time uses.

    Attributes:
        lake: that is read.
        identity: who asks.
        at: the snapshot or time that is read; None is what is newest.
        reading: the query whose rows are being read.
        worker: that runs its queries.
        views: of the snapshot that was read last.
    """

    def __init__(
        self, lake: Lake, *, at: int | str | None = None, identity: str | None = None
    ) -> None:
        """Open the lake.

        Args:
            lake: to read.
            at: a snapshot's number or a time, to read the lake as it was then; where None, each
                query reads what is newest.
            identity: who asks.

        Raises:
            LakeError: there is no lake, or no such snapshot.
        """
        self.lake = lake
        self.identity = identity
        self.reading: Reading | None = None
        self.worker = Worker()
        self.views: Views | None = None
        self.at = at
        self._connection: DuckDBPyConnection | None = locked(self.lake, self.at)
        self._closed = False
        self._stopped = False

    def sql(self, query: str) -> Result:
        """Check and run a query.

        Raises:
            QueryRefusedError: it is not one SELECT on the lake's tables, or is wrong.
        """
        from catalog.query import run

        return run(self, query)

    @property
    def stopped(self) -> bool:
        """Whether somebody has asked to stop what has been read since `begin`."""
        return self._stopped

    @property
    def connection(self) -> DuckDBPyConnection:
        """The connection, for queries that have been checked; a lost one is opened anew."""
        if self._closed:
            raise LakeError("the connection to the lake is closed")
        if self._connection is None:
            self._connection = locked(self.lake, self.at)
        return self._connection

    def begin(self, reading: Reading) -> DuckDBPyConnection:
        """Begin a transaction; it ends the one before."""
        self._rollback()
        self._stopped = False
        self.connection.execute("begin")
        self.reading = reading
        return self.connection

    def end(self, reading: Reading) -> None:
        """End a reading's transaction where it is still open."""
        if self.reading is reading:
            self._rollback()

    def work(self, clock: Clock, piece: Callable[[], T]) -> T:
        """Do a piece of a query's work within its time.

        Raises:
            LakeError: what DuckDB says, made plain; the next query finds the session well.
        """
        try:
            return clock.run(piece)
        except StuckError:
            self._connection, self.worker = None, Worker()
            raise
        except LakeError:
            raise
        except RAISED as error:
            if is_fatal(error):
                self._connection = None
            raise failure(error, self.lake.settings) from None

    def interrupt(self) -> None:
        """Stop the query that is running; any thread may ask for it."""
        self._stopped = True
        if self._connection:
            self._connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._rollback()
        self._closed = True
        if self._connection:
            self._connection.close()
        self._connection = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _rollback(self) -> None:
        if self.reading and self._connection:
            with contextlib.suppress(duckdb.Error):
                self._connection.execute("rollback")
        self.reading = None
