"""A lock in a place that knows none, such as S3: an object that its holder renews.

Each who wants it puts an object of his own and then looks what is there. Who finds another's takes
his own away and tries again later; who is alone has it. Two cannot both have it: to be alone, each
would have to look before the other puts, and each puts before he looks. That holds wherever what
was put is listed at once, as S3 promises, and needs neither clocks nor conditions on writing, which
not every server knows.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

from catalog.errors import LakeError
from catalog.waiting import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.storage import Storage, Stored

FOLDER = "locks"
RENEWED = 20.0  # seconds from one renewal to the next
STALE = 120.0  # after which the object of a killed holder is taken away
POLL = 1.0  # seconds, about, after which it is tried again


@contextmanager
def lease(place: Storage, what: str) -> Iterator[Callable[[], None]]:
    """Hold the lock of a place, waiting for whoever has it. A killed holder has it for STALE more.

    Args:
        place: that is locked.
        what: it is, in words.

    Yields:
        Raises LakeError where the lock is lost: this process was stopped for too long, say.

    Raises:
        OSError: the place cannot be written.
    """
    mine = _Mine(place, what)
    try:
        if not mine.taken():
            with waiting(what, mine.holder):
                while not mine.taken():
                    time.sleep(POLL * random.uniform(0.5, 1.5))
        with mine.renewed():
            yield mine.check
    finally:
        with suppress(OSError):  # then it is taken for a dead one's some day
            mine.leave()


class _Mine:
    def __init__(self, place: Storage, what: str) -> None:
        self._place = place
        self._what = what
        self._path = f"{FOLDER}/{secrets.token_hex(8)}"
        self._there = False
        self._at = 0.0  # when it was renewed last
        self._other = ""

    def taken(self) -> bool:
        """Try to have the lock."""
        self._put()
        living = {one.path for one in self._living()}
        if living == {self._path}:
            return True
        self._other = min(living - {self._path}, default="")
        self.leave()
        return False

    def holder(self) -> str:
        """Who has it, by what he wrote."""
        try:
            with self._place.read(self._other) as stream:
                return stream.read(99).decode(errors="replace")
        except OSError:
            return "another process"

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Renew it, as long as the block lasts."""
        over = Event()

        def renew() -> None:
            while not over.wait(RENEWED):
                try:
                    if not self._is_late:  # else somebody may have taken it away, rightly
                        self._put()
                except OSError:  # the next one may succeed in time
                    continue

        thread = Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def check(self) -> None:
        """Make sure that the lock is still held."""
        if self._is_late or self._place.size(self._path) is None:
            raise LakeError(
                f"{self._what}: its lock was lost, as this process stood still or the network did; "
                "run it again"
            )

    def leave(self) -> None:
        """Take the object away."""
        if self._there:
            self._place.delete(self._path)
            self._there = False

    @property
    def _is_late(self) -> bool:
        return _now() - self._at > STALE / 2

    def _put(self) -> None:
        began = _now()
        with self._place.write(self._path) as stream:
            self._there = True
            stream.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
        self._at = began

    def _living(self) -> list[Stored]:
        """All that want or have the lock; those of the dead are taken away.

        How old they are is told by one's own, which is new: by the clock of the place alone.
        """
        found = list(self._place.files(FOLDER))
        mine = [one.modified for one in found if one.path == self._path]
        if not mine:  # somebody took it for a dead one's
            return found
        dead = [one for one in found if mine[0] - one.modified > timedelta(seconds=STALE)]
        for one in dead:
            self._place.delete(one.path)
        return [one for one in found if one not in dead]


def _now() -> float:
    """Seconds that go on while a machine sleeps, where the system counts those."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
