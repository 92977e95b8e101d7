"""The bytes of deliveries that the lake keeps, compressed, by their hash."""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.storage import Storage

BLOCK = 1 << 20


class Copies:
    """The copies in a lake's storage, as ``raw/<first two digits>/<hash>.zst``."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def path_of(self, hash_: str) -> str:
        """Where the storage has the bytes of a hash."""
        return f"raw/{hash_[:2]}/{hash_}.zst"

    def has(self, hash_: str) -> bool:
        """Whether there is a copy of these bytes."""
        return self.storage.size(self.path_of(hash_)) is not None

    def keep(self, hash_: str, stream: IO[bytes]) -> None:
        """Keep these bytes, whole or not at all."""
        import pyarrow as pa

        with (
            self.storage.write(self.path_of(hash_)) as file,
            pa.CompressedOutputStream(file, "zstd") as out,
        ):
            while block := stream.read(BLOCK):
                out.write(block)

    @contextmanager
    def read(self, hash_: str) -> Iterator[IO[bytes]]:
        """The bytes, unpacked.

        Raises:
            OSError: they are gone, or damaged.
        """
        import pyarrow as pa

        with (
            self.storage.read(self.path_of(hash_)) as file,
            pa.CompressedInputStream(file, "zstd") as stream,
        ):
            yield stream

    def place(self, hash_: str) -> str:
        """Where a copy is, for whoever looks for it."""
        return self.storage.at(self.path_of(hash_))
