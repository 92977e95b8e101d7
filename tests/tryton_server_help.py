"""Tryton's own server, JSON-RPC and REST, on the loopback."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.tryton_help import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tryton_help import Company, Tryton


@dataclass(frozen=True)
class Served:
    """A server, and what lets one in."""

    place: str  # host and port
    login: str
    password: str
    key: str
    file: Path  # its database

    @property
    def database(self) -> str:
        return self.file.stem

    def url(self, api: str) -> str:
        """As `lakehouse sync` takes it."""
        if api == "rest":
            return f"tryton+http://:{self.key}@{self.place}/{self.database}?api=rest"
        user = f"{self.login}:{quote(self.password, safe='')}"
        return f"tryton+http://{user}@{self.place}/{self.database}"

    def become(self, company: Company) -> None:
        """Be in another state, under the server's feet."""
        users = "select id, password_hash from res_user where password_hash is not null"
        keys = "select * from res_user_application"
        with (
            closing(sqlite3.connect(self.file)) as here,
            closing(sqlite3.connect(company.file)) as there,
        ):
            known, keyed = here.execute(users).fetchall(), here.execute(keys).fetchall()
            there.backup(here)
            here.executemany("update res_user set password_hash = ?2 where id = ?1", known)
            marks = ", ".join("?" * len(keyed[0]))
            here.executemany(f"insert into res_user_application values ({marks})", keyed)
            here.commit()


@contextmanager
def serving(
    tryton: Tryton, company: Company, folder: Path, session_seconds: int = 3600
) -> Iterator[Served]:
    """A server of a copy of a company."""
    file = Path(shutil.copy(company.file, folder / "company.sqlite"))
    secret = folder / "secret.json"
    call = [str(tryton.python), "-m", "infra.tryton", "serve", f"sqlite:///{file}"]
    call += ["--port", "0", "--password-file", str(secret)]
    with subprocess.Popen(
        call, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "TRYTOND_SESSION__MAX_AGE": str(session_seconds)},
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            told = json.loads(process.stdout.readline())
            said = json.loads(secret.read_text())
            place = told["url"].removeprefix("http://")
            yield Served(place, said["login"], said["password"], said["key"], file)
        finally:
            process.kill()
