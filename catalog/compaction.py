"""One table tidied: rows in the catalog into files, files with many deletions anew, small ones into
large ones; what the table answers stays, at every snapshot.

Rows of the catalog go first, always: flushed after a rewrite, they would double rows of earlier
snapshots (ducklake#1406).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import duckdb

from catalog.answers import answers
from catalog.bounds import widen
from catalog.errors import LakeError
from catalog.pins import pinned
from catalog.runs import Change
from catalog.steps import step
from catalog.transaction import write
from catalog.untidy import Table, inlined, tables
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.runs import Run

T = TypeVar("T")
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

    def tidy(self) -> Tidied | None:
        """Flush, rewrite, merge, and compare the table's answers with those of before.

        Returns:
            None where somebody has dropped the table meanwhile, or made it anew.

        Raises:
            LakeError: a snapshot answers otherwise than before, or the lake cannot be written.
        """
        newest = self._connection.execute("from lake.current_snapshot()").fetchall()[0][0]
        pins = {one.snapshot for one in pinned(self._connection)}
        snapshots = sorted({newest} | {n for n in pins if n >= (self._table.since or 0)})
        before = self._answers(snapshots)
        flushed = self._flush()
        # Deletions that were in the catalog are files by now, and count.
        found = tables(self._connection, self._table.id)
        if not found:
            return None
        [self._table] = found
        rewritten = sum(self._rewrite(share) for share in self._shares())
        merged = self._merge()
        step("maintain-compare")
        after = self._answers(snapshots)
        for snapshot in self._left(snapshots):
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

    def _left(self, snapshots: list[int]) -> list[int]:
        """Those that have not expired meanwhile, by upkeep that runs beside this one."""
        known = self._connection.execute("select snapshot_id from lake.snapshots()").fetchall()
        return [one for one in snapshots if (one,) in known]

    def _flush(self) -> int:
        names = f"schema_name => {literal(self._table.schema)}, table_name => "
        call = f"ducklake_flush_inlined_data('lake', {names}{literal(self._table.name)})"

        def work() -> tuple[int, Change | None]:
            # DuckLake counts no deletions, of which there may be nothing but.
            rows = inlined(self._connection, self._table.id)
            if rows:
                self._connection.execute(f"call {call}")
            return rows, self._change("maintain-flush", rows, "rows and deletions went into files")

        return self._write(work)

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
        step("maintain-widen")
        widen(self._lake, self._connection, self._table)
        return files

    def _merge(self) -> int:
        merged, size = 0, 1
        while True:
            started = time.monotonic()
            limits = f"max_compacted_files => {size}, max_file_size => {self._table.limit}"
            call = f"ducklake_merge_adjacent_files({self._named}, {limits})"
            files, made = self._piece("maintain-merge", call, "small files merged")
            merged += files
            if made < size or made >= files:
                return merged
            if time.monotonic() - started < QUICK:
                size *= 2

    def _piece(self, label: str, call: str, words: str) -> tuple[int, int]:
        """One transaction: how many files it took, and how many it made."""

        def work() -> tuple[tuple[int, int], Change | None]:
            rows = self._connection.execute(f"call {call}").fetchall()
            took, made = (sum(row[at] for row in rows) for at in (2, 3))
            return (took, made), self._change(label, took, words)

        return self._write(work)

    def _change(self, label: str, count: int, words: str) -> Change | None:
        if not count:
            return None
        step(label)
        return Change(f"upkeep of {self._table}: {count} {words}", (str(self._table),))

    def _write(self, work: Callable[[], tuple[T, Change | None]]) -> T:
        return write(self._lake, self._connection, self._table.lock, self._run, work, compacts=True)
