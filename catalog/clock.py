"""The clock of one query: it stops what takes too long or too much, or is cancelled."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from catalog.errors import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.limits import Limits

T = TypeVar("T")
GRACE = 2.0  # seconds in which DuckDB stops; a single function on one long text does not
LOOK = 0.1  # seconds between looks at the memory
LOOSE = 500_000_000  # bytes besides; DuckDB keeps to its limit, but what functions build it does
SLACK = 1.25  # not count, and the system counts what is freed but not yet given back
STATM = Path("/proc/self/statm")


class StuckError(QueryRefusedError):
    """A query did not stop when it had to; its connection is lost and a core stays busy."""


class Clock:
    """What is left of a query's time. Its work is done in threads, so that Ctrl-C reaches it."""

    def __init__(self, limits: Limits, interrupt: Callable[[], None]) -> None:
        self._limits = limits
        self._left = limits.seconds
        self._interrupt = interrupt

    def run(self, work: Callable[[], T]) -> T:
        """Do a piece of the query's work.

        Raises:
            QueryRefusedError: it went past a limit.
            StuckError: it had to stop and did not.
            KeyboardInterrupt: Ctrl-C was pressed; the work has stopped.
        """
        piece = _Piece(work)
        piece.start()
        try:
            reason = self._wait(piece)
        except KeyboardInterrupt:
            self._stop(piece, "the query was cancelled, but does not stop")
            raise
        if reason:
            self._stop(piece, reason)
            raise QueryRefusedError(reason)
        return piece.outcome()

    def _wait(self, piece: threading.Thread) -> str | None:
        """Wait until a piece is done, or has to stop: why."""
        most = _resident_bytes() + LOOSE + SLACK * self._limits.memory_bytes
        while True:
            started = time.monotonic()
            piece.join(min(LOOK, self._left))
            self._left = max(0.0, self._left - (time.monotonic() - started))
            if not piece.is_alive():
                return None
            if not self._left:
                return self._limits.too_long
            if _resident_bytes() > most:
                return self._limits.too_large

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


def _resident_bytes() -> int:
    """Memory of this process; 0 where the system does not say."""
    try:
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
