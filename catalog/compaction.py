"""One table tidied: rows in the catalog into files, files with many deletions anew, small ones into
large ones; what the table answers stays, at every snapshot.

Rows of the catalog go first, always: flushed after a rewrite, they would double rows of earlier
snapshots (ducklake#1406).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from catalog.answers import answers
from catalog.errors import LakeError
from catalog.pins import pinned
from catalog.runs import Change
from catalog.steps import step
from catalog.transaction import write
from catalog.untidy import SMALL, Table, tables
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.runs import Run

QUICK = 0.5  # seconds; a piece that took less is followed by one of twice the size
PIECE = 256 << 20  # bytes that are rewritten at a time
TINY = 1e-9  # a rewrite takes the files above a share


@dataclass(frozen=True, slots=True)
class Tidied:
    """What became of a table.

    Attributes:
        flushed: rows and deletions that went from the catalog into files.
        rewritten: files that were written anew without what was deleted.
        merged: small files that went into larger ones.
    """

    table: str
    flushed: int
    rewritten: int
    merged: int


class Compaction:
    """Tidies one table, piece by piece; writers get in between."""

    def __init__(
        self,
        lake: Lake,
        connection: DuckDBPyConnection,
        table: Table,
        run: Run,
    ) -> None:
        """Tidy nothing yet.

        Args:
            lake: to tidy.
            connection: on which nothing else is under way.
            table: as it was found.
            run: signs what is written.
        """
        self._lake = lake
        self._connection = connection
        self._table = table
        self._run = run
        self._named = f"'lake', {literal(table.name)}, schema => {literal(table.schema)}"

    def tidy(self) -> Tidied:
        """Flush, rewrite, merge, and compare the table's answers with those of before.

        Raises:
            LakeError: a snapshot answers otherwise than before, or the lake cannot be written.
        """
        newest = self._connection.execute("from lake.current_snapshot()").fetchall()[0][0]
        pins = {one.snapshot for one in pinned(self._connection)}
        snapshots = sorted({newest} | {n for n in pins if n >= (self._table.since or 0)})
        before = self._answers(snapshots)
        flushed = self._flush()
        # Deletions that were in the catalog are files by now, and count.
        self._table = next(t for t in tables(self._connection) if t.id == self._table.id)
        rewritten = sum(self._rewrite(share) for share in self._shares())
        merged = self._merge()
        step("maintain-compare")
        after = self._answers(snapshots)
        for snapshot in snapshots:
            was, now = before.get(snapshot), after.get(snapshot)
            if was != now:
                raise LakeError(
                    f"{self._table}: upkeep has changed what snapshot {snapshot} answers, "
                    f"{was and was[0]} rows before and {now and now[0]} now; no file was deleted. "
                    "Put the latest backup in its place: lakehouse restore"
                )
        return Tidied(str(self._table), flushed, rewritten, merged)

    def _answers(self, snapshots: list[int]) -> dict[int, tuple[int, int]]:
        try:
            return answers(self._connection, self._table.schema, self._table.name, snapshots)
        except duckdb.Error as error:
            raise LakeError(f"{self._table}: {self._lake.reason(error)}") from error

    def _flush(self) -> int:
        names = f"schema_name => {literal(self._table.schema)}, table_name => "
        call = f"ducklake_flush_inlined_data('lake', {names}{literal(self._table.name)})"
        rows, _ = self._piece("maintain-flush", call, "rows and deletions went into files")
        return rows

    def _shares(self) -> Iterator[float]:
        """Shares of deleted rows, each of which takes in about PIECE bytes more than the last.

        A call rewrites all files from its share up, so that shares are what bounds its work.
        """
        bytes_ = 0.0
        for at, (share, size) in enumerate(self._table.deleted):
            bytes_ += size
            following = self._table.deleted[at + 1 : at + 2]
            if not following or (bytes_ >= PIECE and following[0][0] < share):
                yield share
                bytes_ = 0.0

    def _rewrite(self, share: float) -> int:
        call = f"ducklake_rewrite_data_files({self._named}, delete_threshold => {share - TINY:.9f})"
        files, _ = self._piece("maintain-rewrite", call, "files written anew without deleted rows")
        return files

    def _merge(self) -> int:
        merged, size = 0, 1
        while True:
            started = time.monotonic()
            limits = f"max_compacted_files => {size}, max_file_size => {SMALL}"
            call = f"ducklake_merge_adjacent_files({self._named}, {limits})"
            files, made = self._piece("maintain-merge", call, "small files merged")
            merged += files
            if made < size:
                return merged
            if time.monotonic() - started < QUICK:
                size *= 2

    def _piece(self, label: str, call: str, words: str) -> tuple[int, int]:
        """One transaction: what it took (rows or files), and how many files it made."""

        def work() -> tuple[tuple[int, int], Change | None]:
            rows = self._connection.execute(f"call {call}").fetchall()
            took = sum(row[2] for row in rows)
            made = sum(row[3] for row in rows if len(row) > 3)
            if not took:
                return (0, 0), None
            step(label)
            change = Change(f"upkeep of {self._table}: {took} {words}", (str(self._table),))
            return (took, made), change

        return write(self._lake, self._connection, self._table.lock, self._run, work, compacts=True)
