"""A lake's catalog moved to another kind or place; its data stays where it is."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from catalog import extensions, home, transfer
from catalog.errors import LakeError, LakeMissingError, said_of
from catalog.lake import Lake
from catalog.steps import step
from catalog.storage import put
from catalog.trial import check_answers, check_inserts, check_writes
from catalog.turns import PATIENCE
from catalog.untidy import DATA
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from catalog.settings import Settings

BEGUN = "move.json"  # in the home: a move that is not through
TRIAL = "lakehouse_trial"  # schema of a catalog that is written to and thrown away
IDENTITY = f"select schema_uuid::varchar from {DATA}.ducklake_schema where schema_id = 0"
TABLES = """
select table_name
from duckdb_tables()
where database_name = 'old' and starts_with(table_name, 'ducklake_')
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did.

    Attributes:
        old: kind of the catalog that was.
        new: and that is.
        checked: answers that were compared, of tables at snapshots.
        aside: where the old catalog is now.
    """

    old: str
    new: str
    checked: int
    aside: str
    seconds: float


def move(
    settings: Settings,
    catalog: str,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Moved:
    """Move the lake's catalog, whole, and put the old one aside where nothing opens it.

    No data is rewritten. Loads wait, and then are told. Killed and run again it is done.

    Args:
        settings: of the lake as it is.
        catalog: ``sqlite``, ``embedded`` or the URL of a database without a lake.
        progress: is told how many answers are compared, and of how many.

    Raises:
        LakeError: the catalog is there already, the new one does not answer and take what the old
            one does, or others were at work for too long.
    """
    started = time.perf_counter()
    if begun := _switched(settings, catalog):
        done = _finish(Lake(settings, catalog=catalog), begun, settings.catalog)
        return Moved(*done, time.perf_counter() - started)
    old = Lake(settings)
    if not old.exists:
        raise LakeMissingError(f"there is no lake in {settings.home}")
    if catalog == old.catalog:
        raise LakeError(f"{settings.home}: the lake's catalog is {old.kind} already")
    new = Lake(settings, catalog=catalog)
    try:
        with old.alone(), new.lock("move", whole=True):
            done = _Moving(old, new, progress).run()
    except OSError as error:
        where = error.filename or settings.home
        raise LakeError(f"{where}: the catalog cannot be moved: {said_of(error)}") from error
    except duckdb.Error as error:
        raise LakeError(f"the catalog cannot be moved: {new.reason(error)}") from error
    return Moved(*done, time.perf_counter() - started)


class _Moving:
    def __init__(self, old: Lake, new: Lake, progress: Callable[[int, int], None]) -> None:
        self._old = old
        self._new = new
        self._progress = progress
        self._at = _now()
        self._token = f"a move: {secrets.token_hex(8)}"

    def run(self) -> tuple[str, str, int, str]:
        """Kinds of the old catalog and the new, answers compared, and where the old one is."""
        old, new = self._old, self._new
        self._check_free()
        with transfer.desk(old) as desk:
            file = desk / "catalog.sqlite"
            transfer.take(old, file)
            step("move-taken")
            staged = self._stage(file, desk)
            with old.attach(old.place, "read_only") as was, new.attach(*staged) as is_:
                checked = check_answers(was, is_, self._progress)
            step("move-checked")
            with put_aside(old, self._at) as aside:
                self._activate(file)
                step("move-activated")
                new.mark(old.tables, moved=self._at)
                step("move-marked")
        step("move-aside")
        _end(new)
        return old.kind, new.kind, checked, aside

    def _check_free(self) -> None:
        """Refuse a place with a lake, but for what a move that was killed has left there."""
        new, folder = self._new, self._old.settings.home
        begun = begun_in(folder)
        if new.on_sqlite:
            if new.sqlite.exists() and not begun:
                raise LakeError(f"{new.sqlite}: is there already, and may be a lake; move it away")
        else:
            with transfer.postgres(new) as session:
                if begun and transfer.comment_of(session) == begun["token"]:
                    transfer.set_aside(session, f"failed_{self._at}")
                elif transfer.tables_of(session):
                    raise LakeError(transfer.TAKEN)
        about = {"from": self._old.kind, "to": new.kind, "token": self._token}
        put(folder / BEGUN, json.dumps(about) + "\n")

    def _stage(self, file: Path, desk: Path) -> tuple[str, ...]:
        """Try one copy of the catalog by writing, and give another that is still as it was."""
        new = self._new
        if new.on_sqlite:
            shutil.copyfile(file, desk / "trial.sqlite")
            self._try(f"sqlite:{desk / 'trial.sqlite'}", desk)
            return (f"sqlite:{file}",)
        transfer.fill(new, file, TRIAL)
        self._try(new.place, desk, f"metadata_schema '{TRIAL}'")
        with transfer.postgres(new) as session:
            session.execute(f"drop schema {TRIAL} cascade")
        transfer.fill(new, file)
        transfer.take(new, desk / "back.sqlite", transfer.STAGE)
        if differing := transfer.differing(file, desk / "back.sqlite"):
            raise LakeError(f"{differing[0]} is not in Postgres as it was; nothing is moved")
        return new.place, f"metadata_schema '{transfer.STAGE}'", "read_only"

    def _try(self, place: str, desk: Path, *options: str) -> None:
        with self._new.attach(place, *options) as connection:
            check_inserts(connection)
        apart = f"data_path {literal(str(desk / 'data'))}"
        with self._new.attach(place, *options, apart) as connection:
            check_writes(connection)

    def _activate(self, file: Path) -> None:
        if self._new.on_sqlite:
            transfer.put(file, self._new)
        else:
            with transfer.postgres(self._new) as session:
                transfer.activate(session, self._token)


def begun_in(folder: Path) -> dict[str, str] | None:
    """A move that is not through: kinds of the catalog ``from`` and ``to``; None where none is."""
    file = folder / BEGUN
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def is_switched(folder: Path) -> bool:
    """Whether a move that is not through has switched: the old catalog is to be put aside yet."""
    begun, about = begun_in(folder), home.remembered(folder)
    return bool(begun and about and begun["from"] != begun["to"] == about["catalog"])


def _switched(settings: Settings, catalog: str) -> dict[str, str] | None:
    """The move to this catalog that was killed in its last moment; None where none was.

    LAKEHOUSE_CATALOG may be still as it was then, or be as it has to be from now on.
    """
    begun = begun_in(settings.home)
    kind = "postgres" if "://" in catalog else catalog
    if begun and kind == begun["to"]:
        if is_switched(settings.home):
            return begun
        if begun["from"] == kind and settings.catalog == catalog:  # from one Postgres to another
            return begun
    return None


def _finish(lake: Lake, begun: dict[str, str], asked: str | None) -> tuple[str, str, int, str]:
    """Put aside what a move that was killed in its last moment has left.

    Args:
        lake: as it is now.
        begun: the move.
        asked: LAKEHOUSE_CATALOG, by which alone an old Postgres of one's own is known.

    Raises:
        LakeError: the catalog is not the one that it was moved to.
    """
    if not lake.on_sqlite:
        with transfer.postgres(lake) as session:
            if transfer.comment_of(session) != begun["token"]:
                raise LakeError("the lake was moved to another Postgres; give that one's URL")
    aside = "a Postgres of your own"
    known = asked if begun["from"] == "postgres" else begun["from"]
    if known and known != lake.catalog and ("://" in known or begun["from"] != "postgres"):
        old = Lake(lake.settings, catalog=known)
        aside = "it was before"
        if _is_there(old):
            _check_same(old, lake)
            with put_aside(old, _now()) as aside:
                pass
    _end(lake)
    return begun["from"], lake.kind, 0, aside


def _is_there(lake: Lake) -> bool:
    """Whether a catalog is still where it is looked for."""
    if lake.on_sqlite:
        return lake.sqlite.exists()
    with transfer.postgres(lake) as session:
        return bool(transfer.tables_of(session))


def _check_same(old: Lake, new: Lake) -> None:
    """Refuse to put a catalog aside that is of another lake."""
    identities = []
    for lake in (old, new):
        with lake.attach(lake.place, "read_only") as connection:
            identities.append(connection.execute(IDENTITY).fetchall())
    if identities[0] != identities[1]:
        raise LakeError("LAKEHOUSE_CATALOG is of another lake, and is not put aside; take it off")


def _end(new: Lake) -> None:
    if not new.on_sqlite:
        with transfer.postgres(new) as session:
            transfer.comment(session, None)
    (new.settings.home / BEGUN).unlink()


@contextmanager
def put_aside(lake: Lake, at: str) -> Iterator[str]:
    """Make a catalog one that nothing opens, when the block has ended well; where it is then.

    Whoever opens it meanwhile waits; whoever has it open finds no tables any more.
    """
    if not lake.on_sqlite:
        with transfer.postgres(lake) as session:
            session.execute(f"set local lock_timeout to '{PATIENCE}s'")
            transfer.set_aside(session, f"moved_{at}")
            yield f"schema moved_{at}"
        return
    place = lake.sqlite.with_name(f"{lake.sqlite.name}.moved-{at}")
    with extensions.connect(("sqlite_scanner",), {}) as connection:
        connection.execute(f"attach {literal(str(lake.sqlite))} as old (type sqlite); begin")
        for (table,) in connection.execute(TABLES).fetchall():
            connection.execute(
                f"alter table old.{quoted(table)} rename to {quoted(f'moved_{table}')}"
            )
        yield str(place)
        connection.execute("commit")
    for suffix in (*transfer.BESIDE, ""):
        with suppress(FileNotFoundError):
            lake.sqlite.with_name(lake.sqlite.name + suffix).replace(f"{place}{suffix}")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
