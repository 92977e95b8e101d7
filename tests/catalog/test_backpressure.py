"""Batches wait while too many are held, so that a stream takes flat memory; they never wait for ever."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from catalog import backpressure
from catalog.backpressure import IN_FLIGHT, Backpressure

if TYPE_CHECKING:
    import pyarrow as pa
    import pytest


def test_a_batch_waits_until_one_that_is_held_is_let_go() -> None:
    pressure = Backpressure()
    held = [pressure.column(1, 3) for _ in range(IN_FLIGHT)]
    made: list[pa.Array] = []
    thread = threading.Thread(target=lambda: made.append(pressure.column(2, 2)))
    thread.start()
    time.sleep(0.1)
    assert not made
    held.pop()
    thread.join(5)
    assert [column.to_pylist() for column in made] == [[2, 2]]


def test_what_arrow_makes_of_a_batch_holds_it() -> None:
    pressure = Backpressure()
    parts = [pressure.column(1, 10).slice(3, 2) for _ in range(IN_FLIGHT)]
    assert not pressure._free.acquire(blocking=False)
    parts.clear()
    assert pressure._free.acquire(blocking=False)


def test_whoever_holds_too_many_batches_gets_more_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backpressure, "LONGEST", 0.01)
    pressure = Backpressure()
    held = [pressure.column(1, 1) for _ in range(IN_FLIGHT + 5)]
    held.clear()
    assert sum(pressure._free.acquire(blocking=False) for _ in range(IN_FLIGHT + 5)) == IN_FLIGHT
