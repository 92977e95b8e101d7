"""A real MariaDB for a session of tests: Debian's mariadb-server, started by itself on a free port.

It is skipped where it is not installed; `.ci/run` installs it. (PYTEST_DONT_REWRITE)
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "p@ss:w/rd'"  # what a URL has to write otherwise
PATIENCE = 30.0  # seconds until it answers
USERS = ("mysql", "nobody")  # MariaDB refuses to run as root


class MariaDb:
    """A server, with a database for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    @property
    def _socket(self) -> str:
        return str(self._folder / "s")

    def start(self) -> None:
        # Each of several servers would ask for more of the kernel's asynchronous I/O than there is.
        options = [
            "--no-defaults",
            "--innodb-use-native-aio=0",
            f"--datadir={self._folder / 'data'}",
        ]
        user = None
        if os.geteuid() == 0:
            user = next(name for name in USERS if _is_user(name))
            shutil.chown(self._folder, user)
            options.append(f"--user={user}")
        made = subprocess.run(
            ["mariadb-install-db", *options, "--auth-root-authentication-method=normal",
             "--skip-test-db"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout
        log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [_program(), *options, f"--socket={self._socket}", f"--port={self.port}",
             "--bind-address=127.0.0.1", f"--pid-file={self._folder / 'pid'}", "--skip-name-resolve",
             "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=256M",
             "--character-set-server=utf8mb4"],
            stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        until = time.monotonic() + PATIENCE
        while self._ask("select 1", check=False):
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError((self._folder / "log").read_text(encoding="utf-8"))
            time.sleep(0.05)
        secret = PASSWORD.replace("'", "''")
        self.execute(f"create user reader@'%' identified by '{secret}'")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()

    def execute(self, *statements: str, database: str = "mysql") -> None:
        self._ask("; ".join(statements), database=database)

    def database(self) -> str:
        """The name of a new database, which the reader may read."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"create database {name}", f"grant select on {name}.* to reader@'%'")
        return name

    def url(self, database: str, password: str | None = "p%40ss%3Aw%2Frd'") -> str:
        who = f"reader:{password}" if password else "reader"
        return f"mariadb://{who}@127.0.0.1:{self.port}/{database}"

    def _ask(self, query: str, *, check: bool = True, database: str = "mysql") -> int:
        return subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self._socket}", "--user=root",
             "--default-character-set=utf8mb4", database],
            input=query.encode(), check=check, stdout=subprocess.DEVNULL,
            stderr=None if check else subprocess.DEVNULL,
        ).returncode  # fmt: skip


def _program() -> str:
    return shutil.which("mariadbd") or "/usr/sbin/mariadbd"


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    if not (Path(_program()).exists() and shutil.which("mariadb-install-db")):
        pytest.skip("no MariaDB: Debian's package mariadb-server is not installed")
    import tempfile

    # Its user has to reach the folder, which those of pytest do not let it.
    folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
    server = MariaDb(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
