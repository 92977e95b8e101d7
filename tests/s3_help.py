"""A real server of S3, versitygw, with a bucket for each test; and lakes whose data is there.

A test module gets the fixtures by `pytest_plugins`, together with those of tests.lake_help.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.lake_help import Lakehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.settings import Settings

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lakehouse" / "bin"
MISSING = (
    "no S3 server: versitygw is neither on the PATH nor in {}; sh infra/versitygw.sh builds it"
)
STARTS = 10  # seconds


@dataclass(frozen=True)
class S3Server:
    """A server whose buckets are the folders of a folder."""

    port: int
    key: str
    secret: str
    folder: Path

    def environment(self, port: int | None = None) -> dict[str, str]:
        """AWS's variables, for this server or for a proxy before it."""
        return {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port or self.port}",
        }


@dataclass(frozen=True)
class TestBucket:
    """A bucket, and its objects as files."""

    __test__ = False

    server: S3Server
    name: str

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    @property
    def folder(self) -> Path:
        return self.server.folder / self.name


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server on a free port of this machine, with a key that nobody else has."""
    program = shutil.which("versitygw") or shutil.which("versitygw", path=CACHE)
    if program is None:
        pytest.skip(MISSING.format(CACHE))
    place = tmp_path_factory.mktemp("s3")
    (place / "buckets").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = S3Server(port, secrets.token_hex(10), secrets.token_urlsafe(30), place / "buckets")
    given = {"ROOT_ACCESS_KEY": server.key, "ROOT_SECRET_KEY": server.secret}
    # Beside the buckets, since not every disk has extended attributes.
    command = [program, "--port", f"127.0.0.1:{port}", "--quiet"]
    command += ["posix", "--sidecar", str(place / "about"), str(server.folder)]
    (place / "about").mkdir()
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | given, stdout=log, stderr=log)
    try:
        for _ in range(STARTS * 50):
            if _answers(port):
                break
            time.sleep(0.02)
        else:
            pytest.fail(f"versitygw does not start: {(place / 'log').read_text()[-500:]}")
        yield server
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> TestBucket:
    """A bucket of the test's own; the environment says how it is reached."""
    made = TestBucket(s3_server, f"test-{secrets.token_hex(6)}")
    made.folder.mkdir()
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def s3_settings(fresh_settings: Settings, bucket: TestBucket) -> Settings:
    """Settings of a lake that is not made yet, with its data on S3."""
    return replace(fresh_settings, data=f"{bucket.url}/lake")


@pytest.fixture
def on_s3(s3_settings: Settings, tmp_path: Path) -> Iterator[Lakehouse]:
    """An empty lake on each catalog, with its data on S3."""
    house = Lakehouse(s3_settings, tmp_path / "files")
    house.lake.create()
    yield house
    house.close()


def _answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0
