"""Limits of one query, and the clock that stops it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from catalog.errors import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.settings import Settings

T = TypeVar("T")
GRACE = 2.0  # seconds in which DuckDB stops; a single function on one long text does not


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take.

    Attributes:
        seconds: of DuckDB's work; the time that a reader takes over the rows does not count.
        rows: that it may return.
    """

    seconds: float
    rows: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the settings name."""
        return cls(settings.query_seconds, settings.query_rows)

    def check_rows(self, rows: int) -> None:
        """Refuse a result that has grown past its limit."""
        if rows > self.rows:
            raise QueryRefusedError(
                f"the query returns more than {self.rows:,} rows (LAKEHOUSE_QUERY_ROWS); "
                "add a limit or aggregate"
            )


class StuckError(QueryRefusedError):
    """A query did not stop when it had to; its connection is lost and a core stays busy."""


class Clock:
    """What is left of a query's time. Its work is done in threads, so that Ctrl-C reaches it."""

    def __init__(self, limits: Limits, interrupt: Callable[[], None]) -> None:
        self._seconds = limits.seconds
        self._left = limits.seconds
        self._interrupt = interrupt

    def run(self, work: Callable[[], T]) -> T:
        """Do a piece of the query's work.

        Raises:
            QueryRefusedError: its time is up.
            StuckError: it had to stop and did not.
            KeyboardInterrupt: Ctrl-C was pressed; the work has stopped.
        """
        started = time.monotonic()
        piece = _Piece(work)
        piece.start()
        try:
            piece.join(self._left)
        except KeyboardInterrupt:
            self._stop(piece, "the query was cancelled, but does not stop")
            raise
        self._left = max(0.0, self._left - (time.monotonic() - started))
        if piece.is_alive():
            late = f"the query took longer than {self._seconds:g} s (LAKEHOUSE_QUERY_SECONDS)"
            self._stop(piece, late)
            raise QueryRefusedError(late)
        return piece.outcome()

    def _stop(self, piece: threading.Thread, reason: str) -> None:
        self._interrupt()
        piece.join(GRACE)
        if piece.is_alive():
            raise StuckError(reason)


class _Piece(threading.Thread, Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(name="lakehouse query", daemon=True)
        self._work = work
        self._done: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._done.append(self._work())
        except BaseException as error:  # raised again where the work was asked for
            self._error = error

    def outcome(self) -> T:
        if self._error:
            raise self._error
        return self._done[0]
