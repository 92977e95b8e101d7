"""The clock of one query: it stops what takes too long or too much, or is cancelled."""

from __future__ import annotations

import os
import resource
import time
import weakref
from _thread import allocate_lock, start_new_thread
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from catalog.errors import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.limits import Limits

T = TypeVar("T")
GRACE = 2.0  # seconds in which DuckDB stops; a single function on one long text does not
LOOK = 0.1  # seconds between looks at the memory
LOOSE = 500_000_000  # bytes besides; DuckDB keeps to its limit, but what functions build it does
SLACK = 1.25  # not count, and the system counts what is freed but not yet given back
ROOM = 100_000_000  # bytes that other threads may still take while one is made to stop
STATM = Path("/proc/self/statm")
_turn = allocate_lock()


class StuckError(QueryRefusedError):
    """A query did not stop when it had to; its connection is lost and a core stays busy.

    DuckDB looks for an interrupt between pieces of rows, not within a function on one value. The
    core is free again when that function returns or the process ends: a server that lives long
    should run its sessions in processes that it can end.
    """


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
        self._most = 0.0  # bytes of this process

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
        self._most = _memory_bytes()[1] + LOOSE + SLACK * self._limits.memory_bytes
        while True:
            started = time.monotonic()
            done = piece.wait(min(LOOK, self._left))
            self._left = max(0.0, self._left - (time.monotonic() - started))
            if done:
                return None
            if not self._left:
                return self._limits.too_long
            if _memory_bytes()[1] > self._most:
                return self._limits.too_large

    def _stop(self, piece: _Piece[T], reason: str) -> None:
        self._interrupt()
        start_new_thread(self._watch, (piece,))
        if not piece.wait(GRACE):
            raise StuckError(reason)

    def _watch(self, piece: _Piece[T]) -> None:
        """Keep what does not stop from taking all memory, for as long as it lasts."""
        while not piece.wait(LOOK):
            if _memory_bytes()[1] > self._most:
                with _no_more_memory():
                    piece.wait(GRACE)


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


@contextmanager
def _no_more_memory() -> Iterator[None]:
    """Refuse this process more memory, so that what looks at no interrupt fails.

    A function that builds gigabytes does not look, and would have the process killed.
    """
    with _turn:
        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_memory_bytes()[0] + ROOM, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)


def _memory_bytes() -> tuple[int, int]:
    """Memory of this process, addressed and resident; 0 where the system does not say."""
    try:
        addressed, resident, *_ = map(int, STATM.read_text().split())
    except OSError:
        return 0, 0
    page = os.sysconf("SC_PAGE_SIZE")
    return addressed * page, resident * page
