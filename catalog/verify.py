"""What the catalog, the ledger and the hashes promise, held against the files that are there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb

from catalog.copies import BLOCK
from catalog.errors import plain
from catalog.loads import live
from catalog.sweep import doomed_files
from catalog.tables import is_log
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

    from catalog.copies import Copies
    from catalog.lake import Lake
    from catalog.loads import Load

DATA = "__ducklake_metadata_lake"
FILES = f"""
with files as (
    select
        table_id, path, file_size_bytes, record_count as rows, end_snapshot, encryption_key
    from {DATA}.ducklake_data_file
    union all
    select table_id, path, file_size_bytes, null as rows, end_snapshot, encryption_key
    from {DATA}.ducklake_delete_file
)

select distinct
    s.schema_name || '.' || t.table_name as name,
    'tables/' || s.path || t.path || files.path as path,
    files.file_size_bytes,
    files.rows,
    files.end_snapshot is null and t.end_snapshot is null as is_current,
    files.encryption_key
from files
inner join {DATA}.ducklake_table as t on files.table_id = t.table_id
inner join {DATA}.ducklake_schema as s on t.schema_id = s.schema_id
order by path
"""
SNAPSHOT = "select id from ducklake_current_snapshot('lake')"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was promised.

    Attributes:
        kind: missing, extra, changed, or counts (ledger and table do not agree).
        place: a file, relative to the lake's data, or a load.
        said: what is wrong, and what it means.
    """

    kind: str
    place: str
    said: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of the lake, as its catalog has it.

    Attributes:
        table: with its schema.
        path: relative to the lake's data.
        rows: None of a file of deletions.
        is_current: whether the newest snapshot reads it, and not only history.
        key: that it is encrypted by, in base64.
    """

    table: str
    path: str
    size: int
    rows: int | None
    is_current: bool
    key: str | None = field(repr=False)

    @property
    def lost(self) -> str:
        """What cannot be read without it."""
        rows = "deletions" if self.rows is None else f"{self.rows:,} rows"
        of = "" if self.is_current else " history of"
        return f"{rows} of{of} {self.table}; every other table still answers"


def verify(
    lake: Lake,
    keeps_raw: Callable[[str], bool],
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Finding]:
    """Hold catalog against files, ledger against tables, and kept deliveries against their hashes.

    Every file is read whole. Loads may go on meanwhile; only while files are listed they wait.

    Args:
        lake: to verify.
        keeps_raw: whether the contract of an id keeps the bytes of its deliveries.
        progress: is told how many files are done, and of how many.

    Returns:
        What is not as it should be; nothing where all is well.
    """
    with (
        lake.told("the lake cannot be verified"),
        lake.keep_files(),
        lake.connect(read_only=True) as connection,
    ):
        with lake.lock(None):
            [(snapshot,)] = connection.execute(SNAPSHOT).fetchall()
            tables = _tables(connection)
            files = [File(*row) for row in connection.execute(FILES).fetchall()]
            known = {file.path for file in files}
            known |= doomed_files(lake, connection).keys()
            there = {file.path: file.size for file in lake.data.files("tables")}
            raw = [file.path for file in lake.data.files("raw")]
            loads = [one for table in tables for one in live(connection, table)]
            copies = {lake.copies.path_of(hash_): hash_ for hash_ in _hashes(connection)}
        found = [_extra(path) for path in sorted(there.keys() - known)]
        for done, file in enumerate(files):
            progress(done, len(files) + len(raw))
            found += _file(connection, lake.data.at(file.path), there.get(file.path), file)
        for done, path in enumerate(sorted(raw)):
            progress(len(files) + done, len(files) + len(raw))
            found += _raw(lake.copies, path, copies.get(path))
        kept = {copies.get(path) for path in raw}
        found += [
            Finding("missing", f"copy of load {one.batch}", f"{one.source} cannot be reloaded")
            for one in loads
            if (one.loaded or one.quarantined)
            and one.content_hash[:64] not in kept
            and keeps_raw(one.contract_id)
        ]
        with lake.connect(read_only=True, at=snapshot) as then:  # whatever was loaded since
            for table in tables:
                found += _counts(then, table, [one for one in loads if one.table == table])
    return found


def _tables(connection: DuckDBPyConnection) -> list[str]:
    rows = connection.execute("select distinct table_name from lake.ops.ledger order by 1")
    return [table for (table,) in rows.fetchall()]


def _extra(path: str) -> Finding:
    return Finding("extra", path, "nothing knows it; a load that was killed left it")


def _hashes(connection: DuckDBPyConnection) -> set[str]:
    rows = connection.execute(
        "select content_hash[:64] from lake.ops.ledger union "
        "select content_hash[:64] from lake.ops.receipt where content_hash is not null"
    ).fetchall()
    return {hash_ for (hash_,) in rows}


def _file(
    connection: DuckDBPyConnection, url: str, size: int | None, file: File
) -> Iterator[Finding]:
    place = file.path
    if size is None:
        yield Finding("missing", place, f"lost: {file.lost}")
        return
    if size != file.size:
        said = f"is {size:,} bytes and was written with {file.size:,}; lost: {file.lost}"
        yield Finding("changed", place, said)
        return
    key = file.key and f", encryption_config = {{footer_key_value: from_base64('{file.key}')}}"
    try:
        read = connection.execute(
            "select count(*), count(hash(columns(*))) "
            f"from read_parquet({literal(url)}, hive_partitioning = false{key or ''})"
        ).fetchone()
    except duckdb.Error as error:
        yield Finding("changed", place, f"cannot be read ({plain(error)[:80]}); lost: {file.lost}")
        return
    if file.rows is not None and read and read[0] != file.rows:
        yield Finding("changed", place, f"has {read[0]:,} rows and was written with {file.rows:,}")


def _raw(copies: Copies, path: str, hash_: str | None) -> Iterator[Finding]:
    if hash_ is None:
        yield _extra(path)
        return
    digest = hashlib.sha256()
    try:
        with copies.read(hash_) as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError as error:
        said = str(error).splitlines()[0][:80]
        yield Finding("changed", path, f"cannot be read ({said}); it cannot be reloaded")
        return
    if digest.hexdigest() != hash_:
        yield Finding("changed", path, "its bytes are not those of its hash")


def _counts(connection: DuckDBPyConnection, table: str, loads: list[Load]) -> Iterator[Finding]:
    try:
        of_changes = is_log(connection, table)
        own = "where _batch = _delivery" if of_changes else ""  # others mend what deliveries say
        kept = dict(
            connection.execute(
                f"select _batch, count(*) from lake.bronze.{quoted(table)} {own} group by all"
            ).fetchall()
        )
        broken = dict(
            connection.execute(
                "select batch, count(*) from lake.ops.quarantine "
                f"where table_name = {literal(table)} group by all"
            ).fetchall()
        )
    except duckdb.Error:
        return  # a file of it is missing or changed, which is told already
    told = {one.batch: (one.loaded + one.deleted, one.quarantined) for one in loads}
    for batch in sorted({*told, *kept, *broken}):
        there = (kept.get(batch, 0), broken.get(batch, 0))
        if there != told.get(batch, (0, 0)):
            by_ledger = "{:,} kept and {:,} quarantined".format(*told.get(batch, (0, 0)))
            said = "bronze.{} has {:,} and quarantine {:,}".format(table, *there)
            yield Finding("counts", f"load {batch}", f"the ledger says {by_ledger}; {said}")
