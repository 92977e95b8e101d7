"""Files in a bucket of S3, or of whatever speaks its protocol; keys are AWS's own variables."""

from __future__ import annotations

import errno
import io
import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from catalog.errors import SettingError, StorageError
from catalog.storage import Storage, Stored
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from duckdb import DuckDBPyConnection
    from pyarrow.fs import FileInfo, S3FileSystem

BLOCK = 8 << 20  # bytes of one request for what is read in order
CONNECT, ATTEMPTS = 5.0, 4  # seconds to reach the server, and how often it is asked
# No patterns or parameters in URLs, by which a query could name another server. An overloaded
# server is asked five times within 4 s; a silent one is given up after 150 s.
HTTP = """
set s3_url_compatibility_mode = true;
set http_timeout = 30;
set http_retries = 4;
set http_retry_backoff = 3
"""
REASONS = (  # of pyarrow and of DuckDB, by what they say; the first that fits
    (
        r"NO_SUCH_BUCKET|NoSuchBucket",
        "there is no bucket {bucket} on {server}; make it, or put its name right",
    ),
    (
        r"ACCESS_DENIED|INVALID_ACCESS_KEY|SIGNATURE|SignatureDoesNotMatch|HTTP (301|40[013])"
        r"|HTTP status (301|40[013])|Forbidden|INVALID_CLIENT_TOKEN|EXPIRED_TOKEN|[Aa]ccess [Kk]ey",
        "{server} refuses the key; look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, "
        "and what they may do in {bucket}",
    ),
    (
        r"NETWORK_CONNECTION|curlCode|[Cc]ould not (connect|resolve|establish)|Failed to connect"
        r"|error for HTTP [A-Z]+ to '|Connection (refused|reset|error)|REQUEST_TIMEOUT"
        r"|[Tt]imed? ?out|Failed to (read|write)",
        "{server} is not reached, or broke the connection off; look at AWS_ENDPOINT_URL and the "
        "network, then run it again",
    ),
    (
        r"SLOW_DOWN|SERVICE_UNAVAILABLE|INTERNAL_FAILURE|THROTTL|SlowDown|(HTTP|HTTP status|code)"
        r":? 5\d\d",
        "{server} is overloaded or down; run it again later",
    ),
)


@dataclass(frozen=True, slots=True)
class Access:
    """How S3 is reached; read from the environment when it is needed, and stored nowhere.

    Attributes:
        endpoint: URL of a server that is not AWS's.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)
    token: str | None = field(repr=False)
    region: str
    endpoint: str | None

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> Access:
        """The access that AWS's variables give.

        Raises:
            SettingError: a variable is missing or wrong; the message names it.
        """
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            if not environ.get(name):
                raise SettingError(f"{name} is not set, and S3 is to be reached; give it the key")
        endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL") or None
        if endpoint and not re.fullmatch(r"https?://[^@/?#\s]+/?", endpoint):
            raise SettingError(
                "AWS_ENDPOINT_URL is no URL such as https://s3.example.com:9000, without a path"
            )
        return cls(
            environ["AWS_ACCESS_KEY_ID"],
            environ["AWS_SECRET_ACCESS_KEY"],
            environ.get("AWS_SESSION_TOKEN") or None,
            environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1",
            endpoint.rstrip("/") if endpoint else None,
        )

    @property
    def server(self) -> str:
        """Who is asked, as it may be shown."""
        return f"S3 at {self.endpoint}" if self.endpoint else f"S3 in {self.region}"

    @property
    def address(self) -> tuple[str | None, str]:
        """Host and port, and the scheme."""
        parts = urlsplit(self.endpoint or "https:")
        return parts.netloc or None, parts.scheme


class Bucket(Storage):
    """A prefix in a bucket of S3."""

    extensions = ("httpfs",)
    # Under DuckDB's 80 MB for a part, so that a file is one request: where an upload in parts is
    # lost, httpfs 1.5.5 may crash or wait for ever (duckdb-httpfs#387, mended by #389 later on).
    file_size = "48MB"

    def __init__(self, url: str) -> None:
        self.url = url
        self._root = url.removeprefix("s3://")

    @cached_property
    def access(self) -> Access:
        """How it is reached."""
        return Access.of()

    @cached_property
    def filesystem(self) -> S3FileSystem:
        """What pyarrow reads and writes by."""
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

        access = self.access
        address, scheme = access.address
        return S3FileSystem(
            access_key=access.key,
            secret_key=access.secret,
            session_token=access.token,
            region=access.region,
            scheme=scheme,
            endpoint_override=address,
            connect_timeout=CONNECT,
            allow_delayed_open=True,  # small files are one request
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        )

    def make(self, mode: int = 0o777) -> None:  # noqa: ARG002 - a bucket has no modes
        """Make sure that there is the bucket; it is not ours to make."""
        self._listed(self._root)

    def files(self, below: str = "") -> Iterator[Stored]:
        """Every file below a folder, in requests of a thousand."""
        found = self._listed(self.key(below).rstrip("/"), recursive=True)
        yield from (self._stored(one) for one in found if one.is_file)

    def size(self, path: str) -> int | None:
        """Bytes of a file."""
        with self.told(path):
            about = self.filesystem.get_file_info(self.key(path))
        return int(about.size) if about.is_file else None

    def read(self, path: str) -> IO[bytes]:
        """A stream that asks for a block at a time."""
        return io.BufferedReader(_Object(self, path), BLOCK)

    @contextmanager
    def write(self, path: str) -> Iterator[IO[bytes]]:
        """A file of this machine, which is sent when it is whole."""
        import pyarrow as pa

        with tempfile.TemporaryDirectory(prefix="lakehouse-") as folder:
            whole = Path(folder) / "whole"
            with whole.open("wb") as stream:
                yield stream
            with self.told(path), pa.memory_map(str(whole)) as source:
                out = self.filesystem.open_output_stream(self.key(path), compression=None)
                # In one call, since a stream that is left early ends as if it were whole.
                out.write(source.read_buffer())
                out.close()

    def delete(self, path: str) -> None:
        """Delete a file."""
        with self.told(path):
            if self.size(path) is not None:
                self.filesystem.delete_file(self.key(path))

    def key(self, path: str) -> str:
        """A file as pyarrow names it."""
        return f"{self._root}/{path}"

    def prepare(self, connection: DuckDBPyConnection) -> None:
        """Give a connection the key, for this prefix alone and as long as it lives.

        Raises:
            SettingError: the environment gives no key.
        """
        access = self.access
        address, scheme = access.address
        options = {
            "key_id": access.key,
            "secret": access.secret,
            "session_token": access.token,
            "region": access.region,
            "endpoint": address,
            "url_style": "path" if address else None,
            "scope": f"{self.url}/",
        }
        given = "".join(f", {name} {literal(it)}" for name, it in options.items() if it)
        connection.execute(
            f"{HTTP}; create secret lake (type s3, use_ssl {scheme == 'https'}{given})"
        )

    def reason(self, said: str) -> str | None:
        """What to do where pyarrow or DuckDB say such a thing of S3; None where nothing fits."""
        for words, told in REASONS:
            if re.search(words, said):
                return told.format(bucket=self._bucket, server=self.access.server)
        return None

    @property
    def _bucket(self) -> str:
        return self._root.partition("/")[0]

    def _listed(self, place: str, *, recursive: bool = False) -> list[FileInfo]:
        from pyarrow.fs import FileSelector

        with self.told():
            try:
                found: list[FileInfo] = self.filesystem.get_file_info(
                    FileSelector(place, recursive=recursive)
                )
            except FileNotFoundError as error:
                if self.reason(str(error)):
                    raise
                return []  # nothing has been put there yet
        return found

    def _stored(self, about: FileInfo) -> Stored:
        path = str(about.path).removeprefix(f"{self._root}/")
        return Stored(path, int(about.size), about.mtime)

    @contextmanager
    def told(self, path: str = "") -> Iterator[None]:
        """Errors of pyarrow as one line that says what to do, of a file or of all."""
        try:
            yield
        except OSError as error:
            said, place = str(error), self.at(path).rstrip("/")
            gone = "is not there" if isinstance(error, FileNotFoundError) else None
            told = self.reason(said) or gone or said.splitlines()[0]
            raise StorageError(error.errno or errno.EIO, told, place) from error


class _Object(io.RawIOBase):
    """A file in a bucket, whose errors are told as the bucket tells them."""

    def __init__(self, bucket: Bucket, path: str) -> None:
        self._told = partial(bucket.told, path)
        with self._told():
            self._file = bucket.filesystem.open_input_file(bucket.key(path))

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with self._told():
            return int(self._file.readinto(buffer))

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
