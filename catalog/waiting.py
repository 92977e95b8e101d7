"""Whoever waits for a lock says so, once, after a second: for what, and who has it."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOG = logging.getLogger(__name__)  # whose warnings Python writes to standard error by itself
AFTER = 1.0  # seconds
LOCKS = Path("/proc/locks")  # of Linux


@contextmanager
def waiting(what: str, holder: Callable[[], str]) -> Iterator[None]:
    """Tell that this block waits, where it takes longer than a second.

    Args:
        what: is waited for.
        holder: finds out who has it; asked in a thread of its own, and only then.
    """

    def tell() -> None:
        LOG.warning("lakehouse: waits for %s, which %s has; Ctrl-C stops it", what, holder())

    timer = Timer(AFTER, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def holder_of(file: Path) -> str:
    """The process that has the lock of a file, as far as the system says."""
    try:
        inode = str(file.stat().st_ino)
        rows = [line.split() for line in LOCKS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "another process"
    # "1: FLOCK ADVISORY WRITE 4711 fe:00:1054 0 EOF"; what waits has an arrow in second place.
    found = [row[4] for row in rows if row[1] == "FLOCK" and row[5].rpartition(":")[2] == inode]
    return f"process {found[0]}" if found else "another process"
