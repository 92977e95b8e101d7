"""The clock of one query: it stops what takes too long or too much, or is cancelled."""

from __future__ import annotations

import os
import time
import weakref
from _thread import allocate_lock, start_new_thread
from pathlib import Path
from queue import SimpleQueue
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


class Worker:
    """A thread that does one piece of work after the other, so that Ctrl-C reaches who waits.

    One for all of a session's queries: in a thread that has run before, DuckDB's memory is warm,
    which saves 1 to 2 ms a query. It ends with the last reference to this.
    """

    def __init__(self) -> None:
        self._pieces: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        start_new_thread(_work, (self._pieces,))  # without threading.Thread's handshakes
        weakref.finalize(self, self._pieces.put, None)

    def start(self, work: Callable[[], T]) -> _Piece[T]:
        """Begin a piece, after those before it."""
        piece = _Piece(work)
        self._pieces.put(piece.do)
        return piece


class Clock:
    """What is left of a query's time."""

    def __init__(self, limits: Limits, worker: Worker, interrupt: Callable[[], None]) -> None:
        self._limits = limits
        self._left = limits.seconds
        self._worker = worker
        self._interrupt = interrupt

    def run(self, work: Callable[[], T]) -> T:
        """Do a piece of the query's work.

        Raises:
            QueryRefusedError: it went past a limit.
            StuckError: it had to stop and did not; its worker is busy for good.
            KeyboardInterrupt: Ctrl-C was pressed; the work has stopped.
        """
        piece = self._worker.start(work)
        try:
            reason = self._wait(piece)
        except KeyboardInterrupt:
            self._stop(piece, "the query was cancelled, but does not stop")
            raise
        if reason:
            self._stop(piece, reason)
            raise QueryRefusedError(reason)
        return piece.outcome()

    def _wait(self, piece: _Piece[T]) -> str | None:
        """Wait until a piece is done, or has to stop: why."""
        most = _resident_bytes() + LOOSE + SLACK * self._limits.memory_bytes
        while True:
            started = time.monotonic()
            done = piece.wait(min(LOOK, self._left))
            self._left = max(0.0, self._left - (time.monotonic() - started))
            if done:
                return None
            if not self._left:
                return self._limits.too_long
            if _resident_bytes() > most:
                return self._limits.too_large

    def _stop(self, piece: _Piece[T], reason: str) -> None:
        self._interrupt()
        if not piece.wait(GRACE):
            raise StuckError(reason)


class _Piece(Generic[T]):
    """Work that a worker does."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._result: list[T] = []
        self._error: BaseException | None = None
        self._busy = allocate_lock()
        self._busy.acquire()

    def wait(self, seconds: float) -> bool:
        """Whether it is done, after at most so long."""
        done = self._busy.acquire(timeout=seconds)
        if done:
            self._busy.release()
        return done

    def outcome(self) -> T:
        if self._error:
            raise self._error
        return self._result[0]

    def do(self) -> None:
        """Do it, in the worker's thread."""
        try:
            self._result.append(self._work())
        except BaseException as error:  # raised again where the work was asked for
            self._error = error
        finally:
            self._busy.release()


def _work(pieces: SimpleQueue[Callable[[], None] | None]) -> None:
    while do := pieces.get():
        do()
        del do  # or what it read lives until the next


def _resident_bytes() -> int:
    """Memory of this process; 0 where the system does not say."""
    try:
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
