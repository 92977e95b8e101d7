"""Files that are named by a URL: what they are called here, and how their bytes are fetched."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from catalog.delivery import DeliveryError
from catalog.errors import StorageError
from orchestration.connectors.files.folders import HIDDEN
from orchestration.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from catalog.s3 import Bucket

BLOCK = 1 << 20
REMOTE = re.compile(r"(https?|s3)://", re.IGNORECASE)
# Parameters that let somebody in: of signed links another each time, so that they are no name.
SIGNING = re.compile(
    r"x-(amz|goog)-.*|signature|sig|se|sp|sv|sr|st|spr|expires|policy|key-pair-id|awsaccesskeyid"
    r"|googleaccessid|.*(token|secret|passw|pwd|jwt|auth).*",
    re.IGNORECASE,
)
# What may let somebody in and may also be a name: a short hash stands for it.
OPAQUE = re.compile(r"(?=.*\d)(?=.*[a-z])[\w+/=-]{20,}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Remote:
    """A file that is somewhere else.

    Attributes:
        url: that it is fetched by; it may hold a password, and is never shown.
        is_named: whether a person named it, and not only its folder.
    """

    url: str = field(repr=False)
    is_named: bool = True

    @property
    def name(self) -> str:
        """The URL as it may be shown and kept."""
        return shown(self.url)

    @property
    def file_name(self) -> str:
        """What the file is called, as far as the URL says."""
        path = self.url if is_s3(self.url) else unquote(urlsplit(self.url).path)
        return PurePosixPath(path).name[-100:] or "file"

    def fetch(self, folder: Path, told: Callable[[int], object]) -> Path:
        """Fetch the file into a folder.

        Args:
            folder: of its own.
            told: is given the size of each block that has come.

        Raises:
            DeliveryError: it is not there, or did not come whole.
        """
        folder.mkdir()
        target = folder / self.file_name
        try:
            if not is_s3(self.url):
                from orchestration.connectors.files.download import download

                download(self.url, target, told)
                return target
            bucket, key = _bucket(self.url)
            with bucket.read(key) as stream, target.open("wb") as out:
                while block := stream.read(BLOCK):
                    out.write(block)
                    told(len(block))
        except OSError as error:
            shutil.rmtree(folder)
            raise DeliveryError(f"cannot be fetched: {error.strerror}") from error
        return target


def remotes(url: str) -> Iterator[Remote]:
    """The files that a URL means: of S3 all in a folder, else the one.

    Raises:
        InputError: there is nothing, or S3 does not say what is there.
    """
    if not is_s3(url):
        try:
            is_whole = bool(urlsplit(url).hostname) and urlsplit(url).port != 0
        except ValueError:
            is_whole = False
        if not is_whole:
            raise InputError("a URL has no host or a wrong port; https://host/file is meant")
        yield Remote(url)
        return
    bucket, key = _bucket(url)
    try:
        if key and not key.endswith("/") and bucket.size(key) is not None:
            yield Remote(url)
            return
        paths = sorted(file.path for file in bucket.files(key.rstrip("/")))
    except StorageError as error:
        raise InputError(str(error)) from error
    if not paths:
        raise InputError(f"{url}: there is no such file or folder")
    for path in paths:
        if not any(part.startswith(HIDDEN) for part in path.split("/")):
            yield Remote(f"{bucket.url}/{path}", is_named=False)


def is_remote(given: str) -> bool:
    """Whether a URL is given, and not a path."""
    return bool(REMOTE.match(given))


def is_s3(url: str) -> bool:
    """Whether the URL is of S3; its key is written as it is, not encoded."""
    return url[:5].lower() == "s3://"


def shown(url: str) -> str:
    """A path, or a URL without what lets somebody in: password, signatures, tokens, fragment."""
    if is_s3(url) or not is_remote(url):
        return url
    parts = urlsplit(url)
    kept = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if SIGNING.fullmatch(name):
            continue
        if OPAQUE.fullmatch(value) or "key" in name.lower():
            value = "~" + hashlib.sha256(value.encode()).hexdigest()[:8]
        kept.append(f"{quote(name, safe='')}={quote(value, safe='~')}")
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}{'?' * bool(kept)}{'&'.join(kept)}"


def _bucket(url: str) -> tuple[Bucket, str]:
    from catalog.s3 import Bucket

    name, _, key = url[5:].partition("/")
    if not re.fullmatch("[a-z0-9][a-z0-9.-]+[a-z0-9]", name):
        raise InputError("a URL of S3 is s3://bucket/key; its key is AWS_ACCESS_KEY_ID")
    return Bucket(f"s3://{name}"), key
