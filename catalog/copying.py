"""Files copied from one storage to another, several at once, and hashed as their bytes pass by."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from io import UnsupportedOperation
from threading import Event
from typing import IO, TYPE_CHECKING

from catalog.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from catalog.storage import Storage

BLOCK = 1 << 18  # bytes; what was read is still in the core's cache when it is hashed
WORKERS = 8  # that copy files: while some wait for the disk, others hash


@dataclass(frozen=True, slots=True)
class File:
    """A file of a backup.

    Attributes:
        hash: SHA-256, in hex. The bytes pass by anyway when they are copied, and without it a
            restore could not tell a file that rotted.
    """

    size: int
    hash: str


def copy_all(
    paths: Iterable[str], copy: Callable[[str, Event], int], progress: Callable[[int], None]
) -> None:
    """Copy files, several at once; the first that fails ends it, and so does Ctrl-C.

    Args:
        paths: of the files.
        copy: copies one, and returns its bytes; it ends early where the event is set.
        progress: is told of bytes as they are done.
    """
    stop = Event()
    with ThreadPoolExecutor(WORKERS) as workers:
        copies = [workers.submit(copy, path, stop) for path in paths]
        try:
            for one in as_completed(copies):
                progress(one.result())
        except BaseException:
            stop.set()
            workers.shutdown(cancel_futures=True)
            raise


def copy(
    source: Storage,
    path: str,
    target: Storage,
    to: str,
    known: File | None = None,
    stop: Event | None = None,
) -> File:
    """Copy one file, whole or not at all, onto the disk itself.

    Args:
        source: that has it.
        path: of it there.
        target: that is to have it.
        to: its path there.
        known: what it has to be.
        stop: is set where it is to end early.

    Raises:
        LakeError: it is something else.
        InterruptedError: it ended early.
    """
    with source.read(path) as stream, target.write(to) as out:
        about = _pass(stream, out, stop)
        if known not in (None, about):
            raise LakeError(
                f"{source.at(path)}: is spoiled: it is not what was backed up; nothing is restored"
            )
        settled(out)
    return about


def hash_of(source: Storage, path: str, stop: Event | None = None) -> File:
    """Size and hash of a file."""
    with source.read(path) as stream:
        return _pass(stream, None, stop)


def _pass(stream: IO[bytes], out: IO[bytes] | None, stop: Event | None) -> File:
    digest, size, block = hashlib.sha256(), 0, bytearray(BLOCK)
    view = memoryview(block)
    while count := stream.readinto(block):  # type: ignore[attr-defined]
        if stop and stop.is_set():
            raise InterruptedError
        if out:
            out.write(view[:count])
        digest.update(view[:count])
        size += count
    return File(size, digest.hexdigest())


def settled(stream: IO[bytes]) -> None:
    """Have a stream's bytes on the disk before anything says that they are there."""
    with suppress(UnsupportedOperation, AttributeError):
        stream.flush()
        os.fsync(stream.fileno())
