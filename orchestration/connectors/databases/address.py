"""The URL of a database, and how it is shown: never with a password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from orchestration.errors import InputError
from orchestration.init.names import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    "sqlite": "sqlite",
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "tryton": "tryton",
    "tryton+http": "tryton",
}
MEANT = (
    "a URL is meant: sqlite:///PATH, postgresql://USER@HOST:PORT/DATABASE, "
    "mysql://USER@HOST:PORT/DATABASE, or any of SQLAlchemy's such as oracle+oracledb://..."
)
MAGIC = b"SQLite format 3\0"
SECRET = re.compile(r".*(pass|pwd|secret|token|key).*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is.

    Attributes:
        kind: sqlite, postgres or mysql, read by a scanner of DuckDB; tryton, by its API; dlt,
            `dlt:MODULE:SOURCE`, whose secrets are dlt's own; or other, by SQLAlchemy.
        url: as given, with the password where it holds one; never shown.
        database: its name, or the path of a SQLite file.
        options: further parameters of the URL.
    """

    kind: str
    scheme: str
    url: str = field(repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int | None = None
    database: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """The URL without password, and with no parameter but the folder of a socket."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.database}"
        if self.kind == "dlt":
            return self.url
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        if self.host.startswith("/"):  # the folder of a socket
            host = quote(self.host, safe="")
            return f"{self.scheme}://{user}{port}/{self.database}?host={host}"
        return f"{self.scheme}://{user}{self.host}{port}/{self.database}"

    @property
    def domain(self) -> str:
        """The name of the database as contracts carry it."""
        return identifier(Path(self.database).stem, "database")

    def clean(self, said: str) -> str:
        """The telling line of what a driver says, without anything secret."""
        line = " ".join(part.strip() for part in said.splitlines()[:1]) or "no reason given"
        hidden = {self.password, *(v for k, v in self.options.items() if SECRET.fullmatch(k))}
        for secret in sorted(filter(None, hidden), key=len, reverse=True):
            line = line.replace(secret, "***")
        line = re.sub(r"://[^\s@\"]*@", "://***@", line)
        line = re.sub(r"^(\w+ )*Error: ", "", line)
        return re.sub(r'(Unable to connect to Postgres at|with parameters) "[^"]*"', r"\1", line)


def address_of(given: str, password: str | None = None) -> Address:
    """The address that a URL, the path of a SQLite file, or a dlt source means.

    Args:
        given: the URL; what is wrong with it is told without showing it.
        password: where it is not in the URL.

    Raises:
        InputError: it is no URL of a database, or there is no such file.
    """
    if given.startswith("dlt:"):
        return Address("dlt", "dlt", url=given, database=given.rpartition(":")[2])
    scheme, there, _ = given.partition("://")
    if not there:
        return _file(given, Path(given))
    scheme = scheme.lower()
    if KINDS.get(scheme) == "sqlite":
        return _file(given, Path(unquote(given.partition("://")[2].partition("?")[0][1:])))
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        raise InputError(f"{scheme}://...: the URL cannot be understood; {MEANT}") from None
    if not re.fullmatch(r"[a-z][a-z0-9+.]*", scheme) or scheme in ("http", "https", "s3", "file"):
        raise InputError(f"{scheme}://... is no database; {MEANT}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Address(
        kind=KINDS.get(scheme, "other"),
        scheme=scheme,
        url=given,
        user=unquote(parts.username or ""),
        password=password or unquote(parts.password or "") or options.pop("password", ""),
        host=options.pop("host", "") or unquote(parts.hostname or ""),
        port=port,
        database=unquote(parts.path.lstrip("/")),
        options=options,
    )


def is_address(given: str) -> bool:
    """Whether it is a URL, a SQLite file or a dlt source, and not the name of a source."""
    return "://" in given or given.startswith("dlt:") or Path(given).is_file()


def is_database(given: str) -> bool:
    """Whether it is the URL of a database, or a file of SQLite."""
    if "://" in given:
        return True
    path = Path(given)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _file(given: str, path: Path) -> Address:
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; {MEANT}")
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start and start != MAGIC:
        raise InputError(f"{path}: is no SQLite database; {MEANT}")
    return Address("sqlite", "sqlite", url=given, database=path.resolve().as_posix())
