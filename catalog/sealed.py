"""Copies of deliveries in a lake that is encrypted, each by a key of its own."""

from __future__ import annotations

import errno
import hashlib
import hmac
import io
from contextlib import contextmanager
from functools import cached_property
from typing import IO, TYPE_CHECKING

from catalog.copies import Copies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from catalog.storage import Storage

BLOCK = 4 << 20  # bytes that are encrypted at a time


class SealedCopies(Copies):
    """Copies as encrypted Parquet of one column, ``bytes``, in blocks.

    The name of one does not tell its hash either, by which a guess at its bytes could be held.
    """

    def __init__(self, storage: Storage, secret: Callable[[], bytes]) -> None:
        """Copies of a lake.

        Args:
            storage: of the lake.
            secret: gives that of the lake, when it is needed; of it and a hash each key is made.
        """
        super().__init__(storage)
        self._give = secret

    def path_of(self, hash_: str) -> str:
        """Where the storage has the bytes of a hash."""
        name = self._derived("name", hash_).hex()
        return f"raw/{name[:2]}/{name}.parquet"

    def keep(self, hash_: str, stream: IO[bytes]) -> None:
        """Keep these bytes, whole or not at all."""
        import pyarrow as pa
        import pyarrow.parquet as pq
        from pyarrow.parquet.encryption import create_encryption_properties

        schema = pa.schema([("bytes", pa.large_binary())])
        sealed = create_encryption_properties(self._derived("key", hash_))
        with (
            self.storage.write(self.path_of(hash_)) as file,
            pq.ParquetWriter(
                file,
                schema,
                encryption_properties=sealed,
                compression="zstd",
                use_dictionary=False,
                write_statistics=False,
            ) as out,
        ):
            while block := stream.read(BLOCK):
                out.write_batch(pa.record_batch([pa.array([block], pa.large_binary())], schema))

    @contextmanager
    def read(self, hash_: str) -> Iterator[IO[bytes]]:
        """The bytes, decrypted.

        Raises:
            OSError: they are gone, or damaged.
        """
        import pyarrow.parquet as pq
        from pyarrow.parquet.encryption import create_decryption_properties

        key = create_decryption_properties(self._derived("key", hash_))
        with self.storage.read(self.path_of(hash_)) as file:
            with _told():
                parquet = pq.ParquetFile(file, decryption_properties=key)
            yield io.BufferedReader(_Blocks(parquet.iter_batches(1)), BLOCK)

    @cached_property
    def _secret(self) -> bytes:
        return self._give()

    def _derived(self, use: str, hash_: str) -> bytes:
        return hmac.digest(self._secret, f"{use}:{hash_}".encode(), hashlib.sha256)


@contextmanager
def _told() -> Iterator[None]:
    """What Arrow says of a damaged file, as any file that cannot be read says it."""
    try:
        yield
    except ValueError as error:
        raise OSError(errno.EIO, str(error)) from error


class _Blocks(io.RawIOBase):
    """The one column of batches, as a stream."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            with _told():
                batch = next(self._batches, None)
            if batch is None:
                return 0
            self._rest = memoryview(batch.column(0)[0].as_buffer()).cast("B")
        count = min(len(self._rest), len(buffer))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
