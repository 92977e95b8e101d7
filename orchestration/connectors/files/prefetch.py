"""Reading ahead in a thread, so that one core parses while the other writes."""

from __future__ import annotations

import threading
from queue import Full, Queue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
DEPTH = 8  # chunks of 8 MB that may wait


def prefetch(items: Iterator[T]) -> Iterator[T]:
    """The same items; an error is raised where it would have been, and closing stops the thread."""
    queue: Queue[tuple[str, T | BaseException | None]] = Queue(DEPTH)
    stopped = threading.Event()

    def put(kind: str, item: T | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                queue.put((kind, item), timeout=0.1)
            except Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                put("item", item)
                if stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised again where the items are used
            put("error", error)
        else:
            put("end", None)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            kind, item = queue.get()
            if kind == "end":
                return
            if kind == "error":
                assert isinstance(item, BaseException)
                raise item
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()
