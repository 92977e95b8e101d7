"""Arrow batches on their way into DuckDB, only so many at once.

DuckDB reads a stream of Arrow batches through pyarrow's scanner, which reads ahead without bounds
where what comes after it is slower: a CSV file of 1.2 GB took 1.4 GB of memory. So each batch has a
column whose memory tells when it is let go of, and the next one waits for that.
"""

from __future__ import annotations

import threading
import weakref

import numpy as np
import pyarrow as pa

IN_FLIGHT = 32
LONGEST = 10.0  # seconds to wait: whoever holds batches for longer gets more, and never a deadlock


class Backpressure:
    """Lets batches go ahead while fewer than `IN_FLIGHT` are held."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(IN_FLIGHT)

    def column(self, number: int, rows: int) -> pa.Array:
        """A column of one number, made when its batch has room; that is free when it goes."""
        held = self._free.acquire(timeout=LONGEST)
        numbers: np.ndarray = np.full(rows, number, np.int64)
        if held:
            weakref.finalize(numbers, self._free.release)
        return pa.array(numbers)
