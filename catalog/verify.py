"""What the catalog, the ledger and the hashes promise, held against the files that are there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from catalog.errors import plain
from catalog.loads import live
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.loads import Load

BLOCK = 1 << 20
DATA = "__ducklake_metadata_lake"
FILES = f"""
with files as (
    select table_id, path, file_size_bytes, record_count as rows, end_snapshot
    from {DATA}.ducklake_data_file
    union all
    select table_id, path, file_size_bytes, null as rows, end_snapshot
    from {DATA}.ducklake_delete_file
)

select distinct
    s.schema_name || '.' || t.table_name as name,
    s.path || t.path || files.path as path,
    files.file_size_bytes,
    files.rows,
    files.end_snapshot is null and t.end_snapshot is null as is_current
from files
inner join {DATA}.ducklake_table as t on files.table_id = t.table_id
inner join {DATA}.ducklake_schema as s on t.schema_id = s.schema_id
order by path
"""
DOOMED = f"select path from {DATA}.ducklake_files_scheduled_for_deletion"


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
        path: relative to the folder of tables.
        rows: None of a file of deletions.
        is_current: whether the newest snapshot reads it, and not only history.
    """

    table: str
    path: str
    size: int
    rows: int | None
    is_current: bool

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
    with lake.connect(read_only=True) as connection:
        with lake.lock(None):
            tables = _tables(connection)
            files = [File(*row) for row in connection.execute(FILES).fetchall()]
            known = {file.path for file in files}
            doomed = connection.execute(DOOMED).fetchall()
            known |= {path.rpartition("tables/")[2] for (path,) in doomed}
            there = _below(lake.tables_path)
            raw = _below(lake.raw_path)
            loads = [one for table in tables for one in live(connection, table)]
            hashes = _hashes(connection)
        found = [_extra("tables", path) for path in sorted(there - known)]
        for done, file in enumerate(files):
            progress(done, len(files) + len(raw))
            found += _file(connection, lake.tables_path, file)
        for done, path in enumerate(sorted(raw)):
            progress(len(files) + done, len(files) + len(raw))
            found += _raw(lake.raw_path, path, hashes)
        kept = {path.rpartition("/")[2].partition(".")[0] for path in raw}
        found += [
            Finding("missing", f"copy of load {one.batch}", f"{one.source} cannot be reloaded")
            for one in loads
            if one.read and one.content_hash[:64] not in kept and keeps_raw(one.contract_id)
        ]
        for table in tables:
            found += _counts(connection, table, [one for one in loads if one.table == table])
    return found


def _tables(connection: DuckDBPyConnection) -> list[str]:
    rows = connection.execute("select distinct table_name from lake.ops.ledger order by 1")
    return [table for (table,) in rows.fetchall()]


def _below(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def _extra(folder: str, path: str) -> Finding:
    return Finding("extra", f"{folder}/{path}", "nothing knows it; a load that was killed left it")


def _hashes(connection: DuckDBPyConnection) -> set[str]:
    rows = connection.execute(
        "select content_hash[:64] from lake.ops.ledger union "
        "select content_hash[:64] from lake.ops.receipt where content_hash is not null"
    ).fetchall()
    return {hash_ for (hash_,) in rows}


def _file(connection: DuckDBPyConnection, folder: Path, file: File) -> Iterator[Finding]:
    place, path = f"tables/{file.path}", folder / file.path
    if not path.is_file():
        yield Finding("missing", place, f"lost: {file.lost}")
        return
    if (size := path.stat().st_size) != file.size:
        said = f"is {size:,} bytes and was written with {file.size:,}; lost: {file.lost}"
        yield Finding("changed", place, said)
        return
    try:
        read = connection.execute(
            "select count(*), count(hash(columns(*))) "
            f"from read_parquet({literal(str(path))}, hive_partitioning = false)"
        ).fetchone()
    except duckdb.Error as error:
        yield Finding("changed", place, f"cannot be read ({plain(error)[:80]}); lost: {file.lost}")
        return
    if file.rows is not None and read and read[0] != file.rows:
        yield Finding("changed", place, f"has {read[0]:,} rows and was written with {file.rows:,}")


def _raw(folder: Path, path: str, hashes: set[str]) -> Iterator[Finding]:
    name = path.rpartition("/")[2]
    if not name.endswith(".zst") or name.removesuffix(".zst") not in hashes:
        yield _extra("raw", path)
        return
    digest = hashlib.sha256()
    try:
        with pa.CompressedInputStream(str(folder / path), "zstd") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError as error:
        said = str(error).splitlines()[0][:80]
        yield Finding("changed", f"raw/{path}", f"cannot be read ({said}); it cannot be reloaded")
        return
    if digest.hexdigest() != name.removesuffix(".zst"):
        yield Finding("changed", f"raw/{path}", "its bytes are not those of its hash")


def _counts(connection: DuckDBPyConnection, table: str, loads: list[Load]) -> Iterator[Finding]:
    try:
        kept = dict(
            connection.execute(
                f"select _batch, count(*) from lake.bronze.{quoted(table)} group by all"
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
    told = {one.batch: (one.loaded, one.quarantined) for one in loads}
    for batch in sorted({*told, *kept, *broken}):
        there = (kept.get(batch, 0), broken.get(batch, 0))
        if there != told.get(batch, (0, 0)):
            by_ledger = "{:,} kept and {:,} quarantined".format(*told.get(batch, (0, 0)))
            said = "bronze.{} has {:,} and quarantine {:,}".format(table, *there)
            yield Finding("counts", f"load {batch}", f"the ledger says {by_ledger}; {said}")
