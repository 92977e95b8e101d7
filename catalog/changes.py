"""What a delivery changes: compared with what its table says, written as changes alone.

A delivery says of each key that it holds what the key is from its place in the order on; and where
it is the whole (of the table, or of the days that it covers), that other keys are not there. What
it says is held against the state right before it, and only what differs is written. One that comes
late changes what held until the next delivery that says something of the key. Of that one the log
may have no row, since what it said was no change then: that row is written now, in its name
(`_delivery`), so that the log in its order always ends in what the last delivery of each key says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catalog.changelog import Work
from catalog.comparison import Comparison
from catalog.delivery import DeliveryError
from catalog.errors import LakeError
from catalog.mending import Order
from catalog.receipts import record_delivery
from catalog.staged import Staged, Word
from catalog.steps import step
from data_contracts.types import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from catalog.delivery import Delivery
    from catalog.runs import Run
    from data_contracts.contract import Contract

UNSURE = "the key of {} cannot be read: nothing that is absent was deleted"
TWICE = "{} there more than once in what is a whole: of its rows the last counts"


class HeldError(Exception):
    """A whole that is suspiciously small; nothing of it is loaded until somebody confirms it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a delivery did; read = loaded + quarantined + unchanged."""

    loaded: int
    unchanged: int
    deleted: int
    notes: tuple[str, ...] = ()


class Changes(Work):
    """The changes of one contract's deliveries, in the open transaction of a connection."""

    def __init__(self, connection: DuckDBPyConnection, contract: Contract, run: Run) -> None:
        super().__init__(connection, contract)
        self._run = run
        self._staged = Staged(connection, contract)
        self._comparison = Comparison(connection, contract)
        self._order = Order(connection, contract)

    def stage(self) -> None:
        """Make the table that a delivery's rows are gated into."""
        self._staged.stage()

    def write(
        self, batch: int, delivery: Delivery, read: int, broken: int, unknown: int, *,
        accept: bool, is_first: bool = False,
    ) -> Changed:  # fmt: skip
        """Write what the staged rows of a delivery change.

        Args:
            batch: the load's number.
            delivery: whose rows are staged.
            read: its records.
            broken: those that are quarantined.
            unknown: and of those, the ones whose key cannot be read.
            accept: whether a whole may be as small as it likes.
            is_first: its rows are in the table as they came, and there is nothing before them.

        Raises:
            HeldError: it may not, and is.
            DeliveryError: its place in the order cannot be told.
        """
        staged = f"{self._log.bronze} where _batch = {batch}" if is_first else "temp.changes"
        kept = self._number(f"select count(*) from {staged}")
        if kept + broken != read:
            raise DeliveryError(f"read {read} rows, but kept {kept} and quarantined {broken}")
        if unexplained := self._staged.name_operations():
            raise DeliveryError(unexplained)
        word = self._staged.word(delivery)
        place = self._staged.place(delivery)
        if is_first:
            return self._take(batch, delivery, word, place, kept, unknown)
        if self._contract.loading.by_rows:
            if word.tells_absence:
                raise DeliveryError(
                    "orderBy says which version of a row is newer, and an absent row has none; "
                    "leave orderBy out, or the comparison of keys"
                )
            loaded = self._comparison.write_versions(batch)
            changed = Changed(loaded, read - broken - loaded, 0)
            self._record(batch, delivery, word, place, changed)
            return changed
        rank, is_last = self._find_places(batch, delivery, word, place)
        self._comparison.find_state(rank, word)
        if word.tells_absence and not accept and not delivery.keys:
            self._hold(delivery, read, word)
        notes: tuple[str, ...] = ()
        if word.tells_absence and unknown:
            word, notes = replace(word, tells_absence=False), (UNSURE.format(rows(unknown)),)
        step("compare")
        loaded = self._comparison.write_rows(batch, broken)
        twice = self._comparison.repeated
        if twice and self._contract.loading.mode in ("snapshot", "period"):
            is_one = twice == 1
            notes += (TWICE.format(f"{twice:,} key{' is' if is_one else 's are'}"),)
        deleted = (
            self._comparison.write_absent(batch, delivery, word, read) if word.tells_absence else 0
        )
        if delivery.keys and word.tells_absence:
            if not accept:
                there = self._number("select count(*) from temp.listed_keys")
                self._hold(delivery, there, word)
            # That a key is there is not what its row says.
            word = replace(word, tells_absence=False)
        if not word.tells_absence:
            self._comparison.mention(batch)
        if not is_last:
            step("mend")
            self._order.touch(f"_batch = {batch}")
            self._order.mend(batch, rank, delivery.source, read + deleted, before=True)
        changed = Changed(loaded, read - broken - loaded, deleted, notes)
        self._record(batch, delivery, word, place, changed)
        return changed

    def is_first(self, delivery: Delivery) -> bool:
        """Whether there is nothing that a delivery could be compared with, or be ordered among.

        Its rows may then be written as they come: a million of them in half the time.
        """
        loading = self._contract.loading
        if loading.mode not in ("snapshot", "upsert") or loading.delete_when:
            return False
        if loading.delivery_order and not loading.group and delivery.place is None:
            return False
        if loading.by_rows and (delivery.whole or delivery.keys):
            return False
        origin = f"= {literal(delivery.origin)}" if delivery.origin else "is null"
        found = self._row(
            "select 1 from lake.ops.delivery "
            f"where table_name = {literal(self._contract.table)} and origin {origin} limit 1"
        )
        return found is None

    def are_new(self, batch: int, delivery: Delivery) -> bool:
        """Whether rows that were written as they came are of a key each; else they are staged."""
        log, keys = self._log, ", ".join(self._log.identity)
        there = f"from {log.bronze} where _batch = {batch}"
        repeated = f"select 1 {there} group by {keys} having count(*) > 1 limit 1"
        is_there = self._row(f"select 1 {there} limit 1")
        if is_there and (delivery.distinct or not self._row(repeated)):
            return True
        self._execute(f"insert into temp.changes by name select * exclude (_delivery) {there}")
        self._execute(f"delete {there}")
        return False

    def _take(
        self, batch: int, delivery: Delivery, word: Word, place: str | None, kept: int, unknown: int
    ) -> Changed:
        """Record a first delivery, whose rows are there."""
        notes = (UNSURE.format(rows(unknown)),) if word.tells_absence and unknown else ()
        if notes or delivery.keys:
            word = replace(word, tells_absence=False)
        changed = Changed(kept, 0, 0, notes)
        self._record(batch, delivery, word, place, changed)
        return changed

    def amend(self, batch: int, delivery: Delivery) -> int:
        """Write staged rows of a delivery that was loaded before: those that were in quarantine.

        Nothing is deleted by it.

        Returns:
            How many rows it wrote.
        """
        if unexplained := self._staged.name_operations():
            raise DeliveryError(unexplained)
        if self._contract.loading.by_rows:
            return self._comparison.write_versions(batch)
        log, table = self._log, literal(self._contract.table)
        self._order.standing(delivery.origin)
        rank, is_last = self._order.rank(batch)
        self._comparison.find_state(rank + 1, Word(False))
        self._execute(
            f"delete from lake.ops.mention where table_name = {table} and batch = {batch} "
            f"and what = 'quarantined' and key in (select {self._key('c')} from temp.changes as c)"
        )
        start = self._number(f"select max(_position) from {log.bronze} where _batch = {batch}")
        written = self._number(
            f"insert into {log.bronze} by name select *, {batch} as _delivery from temp.changes"
        )
        if not is_last:
            keys = ", ".join(log.identity)
            self._order.touch(
                f"_delivery = {batch} and ({keys}) in (select {keys} from temp.changes)"
            )
            self._order.mend(batch, rank, delivery.source, start, before=True)
        return written

    def take_back(self, batch: int, number: int, source: str, origin: str | None) -> None:
        """Take out what a load says, as if it had never come.

        Args:
            batch: the load's number.
            number: that of the change that takes it back.
            source: the load's.
            origin: the load's.

        Raises:
            LakeError: later loads hold rows of its, which are in the log once only.
        """
        log, table = self._log, literal(self._contract.table)
        if self._contract.loading.by_rows:
            again = self._number(
                f"select max(batch) from lake.ops.delivery where table_name = {table} "
                f"and batch > {batch} and unchanged > 0"
            )
            if again:
                raise LakeError(
                    f"load {batch} cannot be undone: load {again} came after it with rows that "
                    "were there already, perhaps by it; read all of them again: "
                    f"lakehouse reload {self._contract.id}"
                )
        else:
            self._order.standing(origin)
            rank, is_last = self._order.rank(batch)
            if not is_last:
                self._order.touch(f"_delivery = {batch}")
                self._order.mend(number, rank, source, 0, before=False)
        self._execute(f"delete from {log.bronze} where _delivery = {batch}")
        self._execute(
            f"delete from lake.ops.mention where table_name = {table} and batch = {batch}"
        )

    def forget(self) -> None:
        """Take everything out of the table, to read every delivery again."""
        table = literal(self._contract.table)
        for of in (
            self._log.bronze,
            "lake.ops.delivery",
            "lake.ops.mention",
            "lake.ops.quarantine",
        ):
            where = "" if of == self._log.bronze else f" where table_name = {table}"
            self._execute(f"delete from {of}{where}")

    def _find_places(
        self, batch: int, delivery: Delivery, word: Word, place: str | None
    ) -> tuple[int, bool]:
        """The delivery's rank among those of its origin, and whether it is the last."""
        self._order.standing(delivery.origin)
        covers = [literal(str(day)) if day else "null" for day in word.covers or (None, None)]
        self._execute(
            f"insert into temp.standing select {batch}, {covers[0]}::date, {covers[1]}::date, "
            f"{word.tells_absence}, {literal(place) if place else 'null'} "
            f"where not exists (select 1 from temp.standing where batch = {batch})"
        )
        return self._order.rank(batch)

    def _hold(self, delivery: Delivery, read: int, word: Word) -> None:
        before = self._number("select count(*) from temp.state")
        # What was read out of an empty table of a database has no rows to lose.
        if word.after or (not before and (read or delivery.position)):
            return
        shrink = self._contract.loading.shrink
        lost = 100 * (before - read) / before if before else 100.0
        if shrink < 100 and (lost > shrink or not read):
            of = f"{word.covers[0]} to {word.covers[1]}" if word.covers else "the table"
            raise HeldError(
                f"is held: it has {rows(read)}, and {of} has {before:,}; --accept loads it as it "
                f"is, allowShrink in the contract lets a delivery lose more than {shrink:g}%"
            )

    def _record(
        self, batch: int, delivery: Delivery, word: Word, place: str | None, changed: Changed
    ) -> None:
        record_delivery(
            self._connection, self._contract, self._run, batch, delivery,
            place=place, covers=word.covers, tells_absence=word.tells_absence,
            unchanged=changed.unchanged, deleted=changed.deleted,
        )  # fmt: skip


def rows(count: int) -> str:
    """A number of rows in words."""
    return f"{count:,} row{'' if count == 1 else 's'}"
