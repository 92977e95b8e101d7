"""The bytes of an input, unpacked: their hash, a stream of them, and a copy kept by hash."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import tempfile
import zipfile
import zlib
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from catalog.delivery import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.copies import Copies
    from orchestration.connectors.files.discover import Input

BLOCK = 1 << 20
IN_MEMORY = 16 << 20  # bytes of an input that is read once and not again
MOST_PACKED = 200  # times its size that a file may unpack to, above `LARGE`; bombs do to 1,000
LARGE = 1 << 30
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile)
BOMB = f"unpacks to more than {MOST_PACKED} times its size; unpack it yourself where that is meant"
UNREADABLE = (*DAMAGED, NotImplementedError, RuntimeError)  # an unknown method or password


class Content:
    """The unpacked bytes of one input.

    Raises:
        DeliveryError: they cannot be read: no permission, no gzip, a member that fails its check.
    """

    def __init__(self, source: Input, each: Callable[[bytes], object] | None = None) -> None:
        """Read the bytes once through, for their hash.

        Args:
            source: what to read.
            each: is given every block on the way.
        """
        self.source = source
        self.size = 0
        digest = hashlib.sha256()
        kept: list[bytes] = []
        try:
            self._stamp = self._stat()
            with self._open() as stream:
                while block := stream.read(BLOCK):
                    digest.update(block)
                    self.size += len(block)
                    if each is not None:
                        each(block)
                    kept.append(block)
                    if self.size > IN_MEMORY:
                        kept.clear()
                    if source.kept is None and is_bomb(self.size, self._stamp[0]):
                        raise DeliveryError(BOMB)
        except UNREADABLE as error:
            raise DeliveryError(f"cannot be read: {_reason(error)}") from error
        self.hash = digest.hexdigest()
        self._bytes = b"".join(kept) if self.size <= IN_MEMORY else None

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """The bytes from their start.

        Raises:
            DeliveryError: they are other bytes by now, or cannot be read any more.
        """
        if self._bytes is not None:
            yield io.BytesIO(self._bytes)
            return
        self._unchanged()
        try:
            with self._open() as stream:
                yield stream
        except DAMAGED as error:
            self._unchanged()
            raise DeliveryError(f"cannot be read: {_reason(error)}") from error
        self._unchanged()

    @contextmanager
    def file(self) -> Iterator[Path]:
        """A file of the bytes: the input itself, or an unpacked copy while it is needed."""
        if self.source.is_plain:
            self._unchanged()
            yield self.source.path
            self._unchanged()
            return
        with tempfile.TemporaryDirectory(prefix="lakehouse-") as folder:
            copy = Path(folder) / "unpacked"
            with self.stream() as stream, copy.open("wb") as out:
                shutil.copyfileobj(stream, out, BLOCK)
            yield copy

    def keep(self, copies: Copies) -> None:
        """Keep a copy; once is enough."""
        if not copies.has(self.hash):
            with self.stream() as stream:
                copies.keep(self.hash, stream)

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        with ExitStack() as stack:
            stream: IO[bytes]
            if self.source.kept is not None:
                yield stack.enter_context(self.source.kept())
                return
            if self.source.member is not None:
                archive = stack.enter_context(zipfile.ZipFile(self.source.path))
                stream = stack.enter_context(archive.open(self.source.member))
            else:
                stream = stack.enter_context(self.source.path.open("rb"))
            if self.source.is_gzip:
                stream = stack.enter_context(gzip.GzipFile(fileobj=stream))  # type: ignore[arg-type]
            yield stream

    def _stat(self) -> tuple[int, int]:
        if self.source.kept is not None:
            return 0, 0  # a copy is what its hash says, or damaged
        stat = self.source.path.stat()
        return stat.st_size, stat.st_mtime_ns

    def _unchanged(self) -> None:
        with suppress(OSError):
            if self._stat() == self._stamp:
                return
        raise DeliveryError("changed while it was read; load it again when it is complete")


def is_bomb(unpacked: int, packed: int) -> bool:
    """Whether what was packed is far more than data ever is."""
    return unpacked > LARGE and unpacked > packed * MOST_PACKED


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
