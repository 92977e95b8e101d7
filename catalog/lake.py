"""The lake: where its catalog and data are, and how a connection reaches them.

Nothing else knows the catalog's kind or the data's place.
"""

from __future__ import annotations

import re
import weakref
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from catalog import bounds, fence, home, locks
from catalog.attach import attached
from catalog.claim import claim, secret_of
from catalog.copies import Copies
from catalog.errors import LakeError, LakeMissingError, said_of
from catalog.gaps import around
from catalog.numbers import Numbers
from catalog.reasons import Reasons
from catalog.sealed import SealedCopies
from catalog.sharing import Sharing
from catalog.storage import storage
from catalog.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from duckdb import DuckDBPyConnection

    from catalog.settings import Settings

TABLES = 4  # version of the tables of `ops`; upgrade.py brings older ones up
SCHEMA = Path(__file__).with_name("schema.sql")
STATISTICS = SCHEMA.with_name("statistics.sql")
SQLITE = "catalog.sqlite"


class Lake:
    """One lake. Cheap to make: nothing is opened until a connection is asked for."""

    def __init__(self, settings: Settings, *, catalog: str | None = None) -> None:
        """Find out where the lake is.

        Args:
            settings: which have to agree with what the home remembers.
            catalog: that the lake is to have, where it is moved there from another one.
        """
        about = home.remembered(settings.home)
        self.settings = replace(settings, data=home.data_of(settings, about))
        self.catalog = catalog or home.catalog_of(settings, about)
        self._moved = about and about.get("moved")
        self.data = storage(self.settings.data_url)
        self.encrypted = home.is_encrypted(settings, about)
        self.copies = SealedCopies(self.data, self._secret) if self.encrypted else Copies(self.data)
        self.postgres_url = partial(_postgres_url, self.catalog, settings.home)
        self._sessions = locks.Sessions(self.postgres_url)
        sessions = None if self.on_sqlite else self._sessions
        self._turns = Turns(settings.home, sessions)
        self._numbers = Numbers(sessions)
        self._sharing = Sharing(settings.home, self.data)
        self._reasons = Reasons(settings.home, self.catalog, self.sqlite, self.data)
        self._fenced = False
        weakref.finalize(self, self._sessions.close)

    @property
    def exists(self) -> bool:
        """Whether the lake has been made."""
        return home.marker(self.settings.home).exists()

    @property
    def kind(self) -> str:
        """Of the catalog: sqlite, embedded or postgres."""
        return "postgres" if "://" in self.catalog else self.catalog

    @property
    def on_sqlite(self) -> bool:
        """Whether the catalog is a SQLite file."""
        return self.catalog == "sqlite"

    def create(self) -> None:
        """Make the lake where there is none; two processes may try at once."""
        if self.exists:
            return
        try:
            self.settings.home.mkdir(parents=True, exist_ok=True)
            self._sharing.begin()
            self.data.make()
            with self.lock("create", whole=True):
                if not self.exists:
                    self._make()
        except duckdb.Error as error:
            raise LakeError(f"the lake cannot be made: {self.reason(error)}") from error
        except OSError as error:
            where = error.filename or self.settings.home
            raise LakeError(f"{where}: the lake cannot be made: {error.strerror}") from error

    def _make(self) -> None:
        connection = self._attached(create=True)
        made = connection.execute(
            "select 1 from duckdb_tables() where database_name = 'lake' and schema_name = 'ops'"
        ).fetchone()
        claim(self, connection, made=bool(made))
        if not made:
            connection.execute(f"begin; {SCHEMA.read_text(encoding='utf-8')} commit")
            connection.execute(f"begin; {STATISTICS.read_text(encoding='utf-8')} commit")
        tables = version_of(connection)
        connection.close()
        self.mark(tables)

    def mark(self, tables: int, moved: str | None = None) -> None:
        """Write down what the home holds; from then on there is a lake.

        Args:
            tables: version of the tables of ``ops``.
            moved: when the catalog came from another place, where it just did.
        """
        self._moved = moved or self._moved
        if self.on_sqlite:
            self._sharing.open_file(self.sqlite)  # to which SQLite gives 644
        in_home = self.data.url == replace(self.settings, data=None).data_url
        about = {
            "tables": tables,
            "catalog": self.kind,
            "encrypted": self.encrypted,
            "data": None if in_home else self.data.url,
            "moved": self._moved,
        }
        home.remember(self.settings.home, about)

    @property
    def tables(self) -> int:
        """Version of the lake's tables of ``ops``."""
        return int((home.remembered(self.settings.home) or {}).get("tables", 1))

    def connect(
        self,
        *,
        read_only: bool = False,
        at: int | str | None = None,
        tables: int = TABLES,
        also: Sequence[str] = (),
    ) -> DuckDBPyConnection:
        """A connection on which the lake is attached as `lake` and in use, its time zone UTC.

        Args:
            read_only: refuse writes.
            at: a snapshot's number, or a time (ISO 8601), to read the lake as it was then.
            tables: version that the tables of ``ops`` have to be of.
            also: extensions of DuckDB that are loaded, beside those of the lake; later it takes
                0.09 s each to check one's signature.

        Raises:
            LakeMissingError: there is no lake.
            LakeError: it cannot be opened, or there is no such snapshot.
        """
        if not self.exists:
            raise LakeMissingError(
                f"there is no lake in {self.settings.home}; load a first file: "
                "lakehouse ingest CONTRACT PATH"
            )
        if self.tables != tables:
            todo = "run lakehouse upgrade" if self.tables < tables else "use the newer software"
            raise LakeError(
                f"{self.settings.home}: the lake's tables are of version {self.tables}, this "
                f"software's of {tables}; {todo}"
            )
        if not read_only:
            self._sharing.begin()
        return self._attached(read_only=read_only, at=at, also=also)

    @contextmanager
    def lock(self, name: str | None, *, whole: bool = False) -> Iterator[Callable[[], None]]:
        """Hold the writer lock: the lake's on SQLite, the named table's on Postgres.

        Args:
            name: of the table; None is all of them, so that nobody writes.
            whole: make sure of the folders first; for a lake that is being made.

        Yields:
            Raises LakeError where the lock is lost.
        """
        if not self.on_sqlite and whole and self.catalog == "embedded":
            self.postgres_url()
        with self._turns.of_writer(name) as held:
            self._check_unmoved()
            try:
                yield held
            finally:
                self._sharing.open_folders(name)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold every writer lock there is; readers go on.

        Raises:
            LakeError: on Postgres, others wrote for a minute.
        """
        with self.keep_files(), self._turns.of_all():
            self._check_unmoved()
            yield

    def _check_unmoved(self) -> None:
        """Whoever has waited for a lock may find that the catalog is elsewhere by now."""
        about = home.remembered(self.settings.home)
        if about and about.get("moved") != self._moved:
            raise LakeError(
                f"{self.settings.home}: the lake's catalog was moved meanwhile, and is "
                f"{about['catalog']} now; run it again"
            )

    @contextmanager
    def keep_files(self) -> Iterator[None]:
        """No file of the data is deleted meanwhile; upkeep waits, loads and queries do not."""
        with self._turns.of_files():
            yield

    def turn(self, what: str, told: Callable[[], object]) -> AbstractContextManager[None]:
        """Be the only one at work on something, a source say; others are waited for.

        Args:
            what: its name.
            told: is called where there is somebody to wait for.
        """
        return self._turns.of_source(what, told)

    def put_up_fence(self) -> None:
        """On Postgres, have the catalog refuse commits that have not seen the one before."""
        if not (self.on_sqlite or self._fenced):
            with self._sessions.one() as session:
                fence.put_up(session)
            self._fenced = True

    def next_ids(self, connection: DuckDBPyConnection, kind: str, count: int) -> int:
        """The first of `count` new, rising numbers of a kind: ``batch`` or ``receipt``."""
        return self._numbers.next(connection, kind, count)

    @property
    def readable_paths(self) -> tuple[list[str], list[str]]:
        """Folders and files that a locked-down connection has to reach."""
        files = [str(self.sqlite) + suffix for suffix in ("", "-wal", "-shm", "-journal")]
        return [self.data.at("tables")], files if self.on_sqlite else []

    @property
    def sqlite(self) -> Path:
        """The catalog's file, where it is one."""
        return self.settings.home / SQLITE

    def _secret(self) -> bytes:
        with self._attached(read_only=True) as connection:
            return secret_of(connection)

    def _attached(
        self,
        *,
        read_only: bool = False,
        at: int | str | None = None,
        create: bool = False,
        also: Sequence[str] = (),
    ) -> DuckDBPyConnection:
        options = [] if create else ["create_if_not_exists false"]
        if create and self.encrypted:
            options.append("encrypted")
        if read_only:
            options.append("read_only")
        if at is not None:
            kind = "version" if re.fullmatch("[0-9]+", str(at)) else "time"
            options.append(f"snapshot_{kind} {_text(str(at))}")
        try:
            connection = self.attach(self.place, *options, also=also)
        except duckdb.Error as error:
            raise LakeError(self._reasons.of_opening(error, at)) from None
        if at is not None:
            connection.execute(bounds.WITHOUT)  # which are those of today
        if at is not None and kind == "time" and (near := around(connection, _text(str(at)))):
            connection.close()
            raise LakeError(
                f"the lake's history of {at} has expired; the nearest snapshots that are left are "
                f"{near[0]} and {near[1]}"
            )
        return connection

    @property
    def place(self) -> str:
        """Where the catalog is: ``sqlite:PATH`` or ``postgres:URL``, which may hold a password."""
        return f"sqlite:{self.sqlite}" if self.on_sqlite else f"postgres:{self.postgres_url()}"

    def attach(self, place: str, *options: str, also: Sequence[str] = ()) -> DuckDBPyConnection:
        """A connection on which a catalog is attached as `lake` and in use, over this lake's data.

        Args:
            place: ``sqlite:PATH`` or ``postgres:URL``.
            options: of DuckLake's attach.
            also: extensions of DuckDB beside those that it takes.
        """
        return attached(
            place, options, self.settings, self.data, encrypted=self.encrypted, also=also
        )

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """Errors of drivers and of files as one line, with place and remedy.

        Args:
            what: cannot be done, in words: ``upkeep cannot go on``.

        Raises:
            LakeError: that line.
        """
        try:
            yield
        except duckdb.Error as error:
            raise LakeError(f"{what}: {self.reason(error)}") from error
        except OSError as error:
            if isinstance(error, LakeError):
                raise
            where = error.filename or self.settings.home
            raise LakeError(f"{where}: {what}: {said_of(error)}") from error

    def reason(self, error: Exception) -> str:
        """What a driver says; where a disk or a permission is the reason, with place and remedy."""
        return self._reasons.of(error)


def _postgres_url(catalog: str, home: Path) -> str:
    if catalog != "embedded":
        return catalog
    from catalog.postgres import EmbeddedPostgres

    server = EmbeddedPostgres(home)
    server.ensure()
    return server.url


def version_of(connection: DuckDBPyConnection) -> int:
    """Version of the tables of ``ops`` by what they are, whatever the home's file says."""
    ledger = {row[0] for row in connection.execute("describe lake.ops.ledger").fetchall()}
    if "operation" not in ledger:
        return 1
    since = {"delivery": 4, "pin": 3}
    found = connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = 'lake' and schema_name = 'ops'"
    ).fetchall()
    return max((since.get(name, 2) for (name,) in found), default=2)


def _text(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))
