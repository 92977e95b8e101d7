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
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from catalog.changelog import DAY, ORIGIN, Changelog
from catalog.delivery import DeliveryError
from catalog.errors import LakeError, plain
from catalog.ledger import GONE
from catalog.receipts import insert
from catalog.steps import step
from data_contracts.loading import path_of
from data_contracts.operations import key_text
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

    from catalog.delivery import Delivery
    from catalog.runs import Run
    from data_contracts.contract import Contract


UNSURE = "{:,} rows have a key that cannot be read: nothing that is absent was deleted"
# Which delivery after a place is the first to say something of a key: the whole, where the key is
# not one that it has in quarantine; one that holds it unchanged; or one of which the log has it.
NEXT = """
create or replace temp table nexts as
with later as (
    from temp.places where rank > {rank}
),

wholes as (
    select *, row_number() over (order by rank) as nth from later where tells_absence
),

mentioned as (
    select m.key, m.what, later.rank
    from lake.ops.mention as m
    inner join later on m.batch = later.batch
),

said as (
    select {touched}, wholes.rank
    from temp.touched as t
    inner join wholes
        on {covered}
        and (
            wholes.covers_from is not null
            or nth <= 1 + (select count(distinct rank) from mentioned where what = 'quarantined')
        )
    where not exists (
        select 1 from mentioned
        where what = 'quarantined' and mentioned.rank = wholes.rank and mentioned.key = t._key
    )
    union all
    select {touched}, mentioned.rank
    from temp.touched as t
    inner join mentioned on t._key = mentioned.key and what = 'unchanged'
    union all
    select {touched}, later.rank
    from {bronze} as log
    inner join later on log._delivery = later.batch
    inner join temp.touched as t on {same_log}
)

select * exclude (rank), min(rank) as rank from said group by all
"""
MEND = """
insert into {bronze} by name
select
    {values},
    {source} as _source,
    {start} + row_number() over () as _position,
    {batch} as _batch,
    places.batch as _delivery,
    {op} as _op,
    t._origin
from temp.nexts as n
inner join temp.places as places on n.rank = places.rank
inner join temp.touched as t on {same_next}
{found}
where not exists (
    select 1 from {bronze} as log where log._delivery = places.batch and {same_log}
)
"""


class HeldError(Exception):
    """A whole that is suspiciously small; nothing of it is loaded until somebody confirms it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a delivery did; read = loaded + quarantined + unchanged."""

    loaded: int
    unchanged: int
    deleted: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """What a delivery is the whole of.

    Attributes:
        tells_absence: whether a key that it does not hold is not there.
        covers: the days for which that is so; None is all.
        after: position of the last record that empties the table; 0 is none.
    """

    tells_absence: bool
    covers: tuple[date, date] | None = None
    after: int = 0


class Changes:
    """The changes of one contract's deliveries, in the open transaction of a connection."""

    def __init__(self, connection: DuckDBPyConnection, contract: Contract, run: Run) -> None:
        self._connection = connection
        self._contract = contract
        self._run = run
        self._log = Changelog(contract)

    def stage(self) -> None:
        """Make the table that a delivery's rows are gated into."""
        types = {column.name: column.type for column in self._contract.columns}
        types |= {"_rescued": "JSON", "_source": "VARCHAR", "_position": "BIGINT"}
        types |= {"_batch": "BIGINT", "_op": "VARCHAR", "_origin": "VARCHAR"}
        listed = ", ".join(f"{quoted(name)} {type_}" for name, type_ in types.items())
        self._execute(f"create or replace temp table changes ({listed})")

    def write(
        self, batch: int, delivery: Delivery, read: int, broken: int, unknown: int, *, accept: bool
    ) -> Changed:
        """Write what the staged rows of a delivery change.

        Args:
            batch: the load's number.
            delivery: whose rows are staged.
            read: its records.
            broken: those that are quarantined.
            unknown: and of those, the ones whose key cannot be read.
            accept: whether a whole may be as small as it likes.

        Raises:
            HeldError: it may not, and is.
            DeliveryError: its place in the order cannot be told.
        """
        kept = self._number("select count(*) from temp.changes")
        if kept + broken != read:
            raise DeliveryError(f"read {read} rows, but kept {kept} and quarantined {broken}")
        if unexplained := self._name_operations():
            raise DeliveryError(unexplained)
        word = self._word(delivery)
        place = self._place(delivery)
        if self._contract.loading.by_rows:
            if word.tells_absence:
                raise DeliveryError(
                    "orderBy says which version of a row is newer, and an absent row has none; "
                    "leave orderBy out, or the comparison of keys"
                )
            loaded = self._write_versions(batch)
            changed = Changed(loaded, read - broken - loaded, 0)
            self._record(batch, delivery, word, place, changed)
            return changed
        rank, is_last = self._find_places(batch, delivery, word, place)
        self._find_state(rank, word)
        if word.tells_absence and not accept:
            self._hold(delivery, read, word)
        notes: tuple[str, ...] = ()
        if word.tells_absence and unknown:
            word, notes = replace(word, tells_absence=False), (UNSURE.format(unknown),)
        step("compare")
        loaded = self._write_rows(batch, broken)
        deleted = self._write_absent(batch, delivery, word, read) if word.tells_absence else 0
        if self._contract.loading.delivery_order and not word.tells_absence:
            self._mention(batch)
        if not is_last:
            step("mend")
            self._touch(f"_batch = {batch}")
            self._mend(batch, rank, delivery.source, read + deleted, before=True)
        changed = Changed(loaded, read - broken - loaded, deleted, notes)
        self._record(batch, delivery, word, place, changed)
        return changed

    def amend(self, batch: int, delivery: Delivery) -> int:
        """Write staged rows of a delivery that was loaded before: those that were in quarantine.

        Nothing is deleted by it.

        Returns:
            How many rows it wrote.
        """
        if unexplained := self._name_operations():
            raise DeliveryError(unexplained)
        if self._contract.loading.by_rows:
            return self._write_versions(batch)
        log, table = self._log, literal(self._contract.table)
        self._standing(delivery.origin)
        rank, is_last = self._rank(batch)
        self._find_state(rank + 1, Word(False))
        self._execute(
            f"delete from lake.ops.mention where table_name = {table} and batch = {batch} "
            f"and what = 'quarantined' and key in (select {self._key('c')} from temp.changes as c)"
        )
        start = self._number(f"select max(_position) from {log.bronze} where _batch = {batch}")
        written = self._count(
            f"insert into {log.bronze} by name select *, {batch} as _delivery from temp.changes"
        )
        if not is_last:
            keys = ", ".join(log.identity)
            self._touch(f"_delivery = {batch} and ({keys}) in (select {keys} from temp.changes)")
            self._mend(batch, rank, delivery.source, start, before=True)
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
            self._standing(origin)
            rank, is_last = self._rank(batch)
            if not is_last:
                self._touch(f"_delivery = {batch}")
                self._mend(number, rank, source, 0, before=False)
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

    def _name_operations(self) -> str | None:
        """Say of each staged row what it does; why not, where that cannot be said."""
        loading = self._contract.loading
        if loading.operation:
            named = path_of(loading.operation)
            whens = " ".join(
                f"when {literal(name)} then {literal(operation[0].upper())}"
                for name, operation in loading.operations.items()
            )
            self._execute(f"update temp.changes set _op = case lower({named}::varchar) {whens} end")
        if loading.delete_when:
            condition = loading.delete_when
            try:
                self._execute(f"update temp.changes set _op = 'D' where {condition}")
            except duckdb.Error as error:
                return f"deleteWhen cannot be worked out: {plain(error)}"
        return None

    def _word(self, delivery: Delivery) -> Word:
        loading = self._contract.loading
        after = 0
        if loading.mode == "cdc" and not loading.by_rows:
            after = self._number("select max(_position) from temp.changes where _op = 'T'")
        if loading.mode == "period":
            covers = delivery.covers or self._days()
            return Word(covers is not None, covers)
        is_whole = loading.mode == "snapshot" or delivery.whole or delivery.keys is not None
        return Word(is_whole or after > 0, after=after)

    def _days(self) -> tuple[date, date] | None:
        """The first and last day of the staged rows."""
        found = self._row(f"select min({self._log.day}), max({self._log.day}) from temp.changes")
        return (found[0], found[1]) if found and found[0] is not None else None

    def _place(self, delivery: Delivery) -> str | None:
        """What orders the delivery among the others, as text.

        Raises:
            DeliveryError: its rows say several things, or nothing.
        """
        order = self._contract.loading.delivery_order
        if order is None or self._contract.loading.group or delivery.place is not None:
            return delivery.place
        column = quoted(order)
        found = self._row(
            f"select count(distinct {column}), min({column})::varchar, max({column})::varchar "
            "from temp.changes"
        )
        count, first, last = found or (0, None, None)
        if count > 1:
            raise DeliveryError(
                f"deliveryOrder is {order}, which orders whole deliveries, and its rows have "
                f"{count} values of it, from {first} to {last}"
            )
        if count == 0:
            raise DeliveryError(f"deliveryOrder is {order}, and none of its rows has a value of it")
        return str(first)

    def _find_places(
        self, batch: int, delivery: Delivery, word: Word, place: str | None
    ) -> tuple[int, bool]:
        """The delivery's rank among those of its origin, and whether it is the last."""
        self._standing(delivery.origin)
        covers = [literal(str(day)) if day else "null" for day in word.covers or (None, None)]
        self._execute(
            f"insert into temp.standing select {batch}, {covers[0]}::date, {covers[1]}::date, "
            f"{word.tells_absence}, {literal(place) if place else 'null'} "
            f"where not exists (select 1 from temp.standing where batch = {batch})"
        )
        return self._rank(batch)

    def _standing(self, origin: str | None) -> None:
        table = literal(self._contract.table)
        named = f"= {literal(origin)}" if origin else "is null"
        self._execute(
            "create or replace temp table standing as "
            "select batch, covers_from, covers_to, tells_absence, place from lake.ops.delivery "
            f"where table_name = {table} and origin {named} "
            f"and batch not in ({GONE.format(table=table)})"
        )

    def _rank(self, batch: int) -> tuple[int, bool]:
        place = f"place::{self._log.place_type}" if self._log.place_type else "null"
        self._execute(
            "create or replace temp table places as "
            f"select *, row_number() over (order by {place} nulls first, batch) as rank "
            "from temp.standing"
        )
        found = self._row(
            f"select (select rank from temp.places where batch = {batch}), max(rank) "
            "from temp.places"
        )
        rank, newest = found or (0, 0)
        return rank, rank == newest

    def _find_state(self, rank: int, word: Word) -> None:
        """What the table says right before a place: the rows that the delivery can differ from."""
        log, narrow = self._log, ""
        if word.covers:
            first, last = word.covers
            narrow = f"and {log.day} between {literal(str(first))} and {literal(str(last))}"
        elif not word.tells_absence:
            keys = ", ".join(log.identity)
            narrow = f"and ({keys}) in (select {keys} from temp.changes)"
        self._execute(
            "create or replace temp table state as select * exclude (nth, rank) from ("
            f"select log.*, places.rank, row_number() over (partition by {', '.join(log.identity)} "
            f"order by {log.order(newest_first=True)}) as nth from {log.bronze} as log "
            "inner join temp.places as places on log._delivery = places.batch "
            f"where places.rank < {rank} and log._op <> 'T' {narrow}) where nth = 1 and _op <> 'D'"
        )

    def _hold(self, delivery: Delivery, read: int, word: Word) -> None:
        before = self._number("select count(*) from temp.state")
        # What was read out of an empty table of a database has no rows to lose.
        if word.after or delivery.keys or (not before and (read or delivery.position)):
            return
        shrink = self._contract.loading.shrink
        lost = 100 * (before - read) / before if before else 100.0
        if shrink < 100 and (lost > shrink or not read):
            of = f"{word.covers[0]} to {word.covers[1]}" if word.covers else "the table"
            raise HeldError(
                f"is held: it has {read:,} rows, and {of} has {before:,}; --accept loads it as it "
                f"is, allowShrink in the contract lets a delivery lose more than {shrink:g}%"
            )

    def _write_versions(self, batch: int) -> int:
        """Rows that order themselves: those that are not in the log as they are."""
        log = self._log
        every = ", ".join((*log.values, "_op = 'D'", "_op = 'T'"))
        known = f"{log.equal('log', 'v')} and (log._op in ('D', 'T')) = (v._op in ('D', 'T'))"
        same = "log._origin is not distinct from v._origin"
        keyed = " and ".join(f"log.{key} is not distinct from v.{key}" for key in log.identity)
        return self._count(
            f"insert into {log.bronze} by name select v.* exclude (nth) replace ("
            "case when v._op in ('D', 'T') then v._op when exists (select 1 from "
            f"{log.bronze} as log where {same} and {keyed}) then 'U' else 'I' end as _op), "
            f"{batch} as _delivery "
            f"from (select *, row_number() over (partition by {every} order by _position) as nth "
            "from temp.changes) as v where v.nth = 1 and not exists ("
            f"select 1 from {log.bronze} as log where {same} and {known})"
        )

    def _write_rows(self, batch: int, broken: int) -> int:
        """Rows of a delivery that say something else than the version before them."""
        log = self._log
        keys = ", ".join(log.identity)
        repeated = self._row(
            f"select 1 from temp.changes where _op <> 'T' group by {keys} "
            "having count(*) > 1 limit 1"
        )
        nth = (
            f"row_number() over (partition by {keys} order by {', '.join(log.within())})"
            if repeated
            else "1"
        )
        listed = ", ".join((*log.values, "_op", "nth"))
        earlier = f"select {listed.replace('nth', '0 as nth')} from temp.state"
        if repeated:
            earlier += f" union all select {listed} from versions"
        is_same = (
            f"case when v._op = 'D' then p._op is null or p._op = 'D' "
            f"else coalesce(p._op <> 'D' and {log.equal('p', 'v')}, false) end"
        )
        if broken:  # a broken row of the same key may be mended later, and must not be the last
            is_same += (
                f" and {self._key('v')} not in (select key from lake.ops.mention "
                f"where batch = {batch} and what = 'quarantined')"
            )
        return self._count(
            f"insert into {log.bronze} by name with versions as ("
            f"select *, {nth} as nth from temp.changes), earlier as ({earlier}) "
            "select v.* exclude (nth) replace (case when v._op in ('D', 'T') then v._op "
            "when p._op is null or p._op = 'D' then 'I' else 'U' end as _op), "
            f"{batch} as _delivery from versions as v left join earlier as p "
            f"on {log.same('p', 'v')} and p.nth = v.nth - 1 where v._op = 'T' or not ({is_same})"
        )

    def _write_absent(self, batch: int, delivery: Delivery, word: Word, read: int) -> int:
        """Deletions of what is in the state, or was before the table was emptied, and no more."""
        log = self._log
        there = f"select 1 from temp.changes as c where {log.same('c', 's')}"
        there += f" and c._position > {word.after}" if word.after else ""
        gone = [f"not exists ({there})"]
        if delivery.keys:
            self._list_keys(delivery)
            named = zip(log.keys, log.keys, strict=True)
            same = " and ".join(f"k.{one} = s.{other}" for one, other in named)
            gone.append(f"not exists (select 1 from temp.listed_keys as k where {same})")
        gone.append(
            f"{self._key('s')} not in (select key from lake.ops.mention "
            f"where batch = {batch} and what = 'quarantined')"
        )
        values = ", ".join(log.values)
        candidates = f"select {values}, _origin from temp.state"
        if word.after:
            candidates += (
                f" union all select {values}, _origin from temp.changes as e "
                f"where _op <> 'T' and _position < {word.after} qualify row_number() over "
                f"(partition by {', '.join(log.identity)} order by _position desc) = 1 "
                f"and not exists (select 1 from temp.state as t where {log.same('t', 'e')})"
            )
        return self._count(
            f"insert into {log.bronze} by name select {values}, {literal(delivery.source)} as "
            f"_source, {read} + row_number() over () as _position, {batch} as _batch, "
            f"{batch} as _delivery, 'D' as _op, _origin from ({candidates}) as s "
            f"where {' and '.join(gone)}"
        )

    def _list_keys(self, delivery: Delivery) -> None:
        """Every key that the source has now, as the lake types it."""
        read = delivery.keys
        assert read is not None
        types = ", ".join(f"{quoted(c.name)} {c.type}" for c in self._contract.key)
        self._execute(f"create or replace temp table listed_keys ({types})")
        for keys in read():
            self._connection.register("keys", keys)
            try:
                self._execute("insert into temp.listed_keys by name from keys")
            finally:
                self._connection.unregister("keys")

    def _mention(self, batch: int) -> None:
        """Note the keys that a delivery holds of which nothing was written."""
        log = self._log
        self._execute(
            "insert into lake.ops.mention "
            f"select distinct {batch}, {literal(self._contract.table)}, {self._key('c')}, "
            "'unchanged', now() from temp.changes as c where _op <> 'T' "
            f"and not exists (select 1 from {log.bronze} as log where log._batch = {batch} "
            f"and {log.same('log', 'c')})"
        )

    def _touch(self, chosen: str) -> None:
        """Find the keys of which a delivery says something new, each with the last that it says."""
        log = self._log
        keys = ", ".join(log.identity)
        self._execute(
            f"create or replace temp table touched as select *, {self._key('log')} as _key, "
            f"{log.day or 'null::date'} as {DAY} from {log.bronze} as log "
            f"where {chosen} and _op <> 'T' qualify row_number() over (partition by {keys} "
            f"order by _batch = _delivery desc, {', '.join(log.within(newest_first=True))}) = 1"
        )

    def _mend(self, batch: int, rank: int, source: str, start: int, *, before: bool) -> None:
        """Write in later deliveries' names what they say of the touched keys.

        Args:
            batch: the load that writes it.
            rank: the place of the delivery that touches them.
            source: its name.
            start: positions begin after it.
            before: whether later ones found what was before the delivery, else what it says.
        """
        log = self._log
        columns = ", ".join(f"t.{quoted(c.name)}" for c in self._contract.key)
        touched = f"{columns}, t.{DAY}" if log.day else columns
        plain_keys = [*log.keys, *([DAY] if log.day else [])]
        covered = f"(covers_from is null or t.{DAY} between covers_from and covers_to)"
        self._execute(
            NEXT.format(
                rank=rank,
                touched=touched,
                covered=covered,
                bronze=log.bronze,
                same_log=log.same("log", "t"),
            )
        )
        values = ", ".join(
            f"case when s._op is null then t.{v} else s.{v} end as {v}" if before else f"t.{v}"
            for v in log.values
        )
        self._execute(
            MEND.format(
                bronze=log.bronze,
                values=values,
                source=literal(source),
                start=start,
                batch=batch,
                op="case when s._op is null then 'D' else 'U' end" if before else "t._op",
                same_next=" and ".join(f"n.{key} = t.{key}" for key in plain_keys),
                found=f"left join temp.state as s on {log.same('s', 't')}" if before else "",
                same_log=log.same("log", "t"),
            )
        )

    def _record(
        self, batch: int, delivery: Delivery, word: Word, place: str | None, changed: Changed
    ) -> None:
        columns = {
            "batch": pa.array([batch], pa.int64()),
            "table_name": [self._contract.table],
            "origin": pa.array([delivery.origin], pa.string()),
            "place": pa.array([place], pa.string()),
            "covers_from": pa.array([word.covers and word.covers[0]], pa.date32()),
            "covers_to": pa.array([word.covers and word.covers[1]], pa.date32()),
            "tells_absence": [word.tells_absence],
            "unchanged": pa.array([changed.unchanged], pa.int64()),
            "deleted": pa.array([changed.deleted], pa.int64()),
            "position": pa.array([delivery.position], pa.string()),
            "run": [self._run.id],
        }
        insert(self._connection, "delivery", columns)

    def _key(self, alias: str) -> str:
        return key_text(f"{alias}.{ORIGIN}", *self._log.of(alias))

    def _execute(self, sql: str) -> None:
        self._connection.execute(sql)

    def _row(self, sql: str) -> tuple[Any, ...] | None:
        return self._connection.execute(sql).fetchone()

    def _number(self, sql: str) -> int:
        found = self._row(sql)
        return int(found[0] or 0) if found else 0

    def _count(self, sql: str) -> int:
        """Run an INSERT; how many rows it wrote."""
        return self._number(sql)
