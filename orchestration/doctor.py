"""What is wrong with a lake and its surroundings, and the command that mends it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog import extensions, home, move, restore
from catalog.errors import LakeError
from catalog.lake import Lake
from catalog.storage import Folder
from catalog.untidy import tables
from data_contracts.errors import ContractError
from data_contracts.find import files_in, find
from data_contracts.odcs import read
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from catalog.settings import Settings
    from catalog.storage import Storage

LITTLE_SPACE = 1 << 30  # bytes
MANY_FILES, MANY_ROWS = 100, 2_000  # small ones, and rows in the catalog, from which on both slow
# Files whose latest delivery failed, by table.
FAILED = """
select table_name, count(*)
from (
    select table_name, source, arg_max(status, id) as status
    from lake.ops.receipt
    group by table_name, source
)
where status = 'failed'
group by table_name
"""
WHY_FAILED = "select source, reason from ops.receipt where status = 'failed' and table_name ="
QUARANTINED = "select table_name, count(*) from lake.ops.quarantine group by all order by 1"
UNENDED = """
select count(*), max(id) from ops.run where "end" is null and "start" < now() - interval 1 hour
"""
CONTRACTS = """
select table_name, arg_max(contract_id, batch) from lake.ops.ledger group by all order by 1
"""


@dataclass(frozen=True, slots=True)
class Ailment:
    """Something that is wrong (`error`), or that somebody may want to look at (`note`).

    Attributes:
        remedy: a command, or what to do.
    """

    severity: str
    said: str
    remedy: str


def examine(settings: Settings) -> Iterator[Ailment]:
    """Look at the installation, the contracts and the lake."""
    yield from _installation()
    yield from _contracts(settings)
    yield from _unfinished(settings)
    try:
        lake = Lake(settings)
        if not lake.exists:
            yield Ailment(
                "note", f"there is no lake in {settings.home}", "lakehouse ingest CONTRACT PATH"
            )
            return
        yield from _folders(settings, lake.data)
        with lake.connect(read_only=True) as connection:
            yield from _lake(settings, connection)
            yield from _untidy(connection)
    except LakeError as error:
        yield Ailment("error", str(error), _remedy(str(error)))


def _remedy(said: str) -> str:
    return "lakehouse upgrade" if "lakehouse upgrade" in said else "lakehouse settings"


def _installation() -> Iterator[Ailment]:
    for name in ("ducklake", "sqlite_scanner", "postgres_scanner", "httpfs"):
        try:
            extensions.file_of(name)
        except LakeError as error:
            yield Ailment("error", str(error), "make setup")


def _contracts(settings: Settings) -> Iterator[Ailment]:
    for file in files_in(settings.contracts):
        try:
            read(file)
        except ContractError as error:
            said = str(error).splitlines()[0]
            yield Ailment("error", said, f"lakehouse contracts check {file}")


def _folders(settings: Settings, data: Storage) -> Iterator[Ailment]:
    folders = []
    if isinstance(data, Folder):
        folders = [data.path]
    else:
        try:
            data.make()
        except OSError as error:
            yield Ailment("error", f"{data.url}: {error.strerror}", "env | grep -o '^AWS_[^=]*'")
    for folder in dict.fromkeys((settings.home, *folders)):
        if not folder.is_dir():
            yield Ailment("error", f"{folder} is gone", "lakehouse verify")
        elif not os.access(folder, os.W_OK):
            yield Ailment("error", f"{folder} cannot be written by this user", f"ls -ld {folder}")
        elif (free := shutil.disk_usage(folder).free) < LITTLE_SPACE:
            said = f"{folder} has {free >> 20:,} MB of disk left"
            yield Ailment("error", said, f"df -h {folder}")
    for spill in settings.home.glob("spill-*"):
        pid = spill.name.split("-")[1]
        if pid.isdecimal() and not _is_alive(int(pid)):
            said = f"{spill.name} was left by a process that was killed"
            yield Ailment("note", said, f"rm -r {spill}")


def _unfinished(settings: Settings) -> Iterator[Ailment]:
    """What a move or a restore that was killed has left; run again it is finished."""
    if begun := move.begun_in(settings.home):
        to = "URL" if begun["to"] == "postgres" else begun["to"]
        remedy = f"lakehouse move --catalog {to}"
        if move.is_switched(settings.home):
            said = (
                f"the catalog was moved from {begun['from']} to {begun['to']}, and the old one is "
                "not put aside yet"
            )
            if begun["from"] == "postgres":  # whose URL is remembered nowhere
                remedy = f"LAKEHOUSE_CATALOG=OLD_URL {remedy}"
        else:
            said = f"a move of the catalog from {begun['from']} to {begun['to']} is not through"
        yield Ailment("note", said, remedy)
    if (file := settings.home / restore.BEGUN).exists():
        if home.marker(settings.home).exists():
            yield Ailment("note", f"a restore is through, and has left {file}", f"rm {file}")
        else:
            said = f"a restore into {settings.home} is not through"
            yield Ailment("error", said, "lakehouse restore FROM")


def _untidy(connection: DuckDBPyConnection) -> Iterator[Ailment]:
    for table in tables(connection):
        small, worn = table.small, len(table.deleted)
        if small + worn >= MANY_FILES or table.inlined >= MANY_ROWS:
            said = (
                f"{table} has {small:,} small files, {worn:,} with many deleted rows, and "
                f"{table.inlined:,} rows in the catalog"
            )
            yield Ailment("note", said, "lakehouse maintain")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _lake(settings: Settings, connection: DuckDBPyConnection) -> Iterator[Ailment]:
    for table, id_ in connection.execute(CONTRACTS).fetchall():
        try:
            if (held_to := find(id_, settings.contracts)).table != table:
                said = f"bronze.{table} was loaded by {id_}, which is now of bronze.{held_to.table}"
                yield Ailment("note", said, f"lakehouse contracts show {id_}")
        except ContractError:
            said = f"bronze.{table} was loaded by {id_}, and no such contract is found"
            yield Ailment("note", said, "lakehouse contracts list")
    for table, count in connection.execute(FAILED).fetchall():
        said = f"{count:,} files failed for bronze.{table}, and were not loaded since"
        yield Ailment("note", said, f'lakehouse sql "{WHY_FAILED} {literal(table)}"')
    for table, count in connection.execute(QUARANTINED).fetchall():
        said = f"{count:,} rows of {table} are in quarantine"
        yield Ailment("note", said, "lakehouse quarantine list")
    [(count, run)] = connection.execute(UNENDED).fetchall()
    if count:
        said = (
            f"{count:,} runs have no end, the last of them {run}: they were killed, or are at work"
        )
        yield Ailment("note", said, "lakehouse verify")
