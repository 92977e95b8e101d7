"""Staged rows against what a table says: what differs is written, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.changelog import NTH, RANK, Work
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from catalog.delivery import Delivery
    from catalog.staged import Word


class Comparison(Work):
    """`temp.changes` held against the log; `temp.state` is what it says before a place.

    Attributes:
        repeated: how many keys the delivery has more than once.
    """

    repeated = 0

    def find_state(self, rank: int, word: Word) -> None:
        """What the table says right before a place: the rows that the delivery can differ from."""
        log, narrow = self._log, ""
        if word.covers:
            first, last = word.covers
            narrow = f"and {log.day} between {literal(str(first))} and {literal(str(last))}"
        elif not word.tells_absence:
            keys = ", ".join(log.identity)
            narrow = f"and ({keys}) in (select {keys} from temp.changes)"
        self._execute(
            f"create or replace temp table state as select * exclude ({NTH}, {RANK}) from ("
            f"select *, row_number() over (partition by {', '.join(log.identity)} "
            f"order by {log.order(newest_first=True)}) as {NTH} from (select log.*, places.{RANK} "
            f"from {log.bronze} as log inner join temp.places as places "
            f"on log._delivery = places.batch) where {RANK} < {rank} and _op <> 'T' {narrow}) "
            f"where {NTH} = 1 and _op <> 'D'"
        )

    def write_versions(self, batch: int) -> int:
        """Rows that order themselves: those that are not in the log as they are."""
        log = self._log
        every = ", ".join((*log.values, "_op = 'D'", "_op = 'T'"))
        known = f"{log.equal('log', 'v')} and (log._op in ('D', 'T')) = (v._op in ('D', 'T'))"
        same = "log._origin is not distinct from v._origin"
        keyed = " and ".join(f"log.{key} is not distinct from v.{key}" for key in log.identity)
        return self._number(
            f"insert into {log.bronze} by name select v.* exclude ({NTH}) replace ("
            "case when v._op in ('D', 'T') then v._op when exists (select 1 from "
            f"{log.bronze} as log where {same} and {keyed}) then 'U' else 'I' end as _op), "
            f"{batch} as _delivery "
            f"from (select *, row_number() over (partition by {every} order by _position) as {NTH} "
            f"from temp.changes) as v where v.{NTH} = 1 and not exists ("
            f"select 1 from {log.bronze} as log where {same} and {known})"
        )

    def write_rows(self, batch: int, broken: int) -> int:
        """Rows of a delivery that say something else than the version before them."""
        log = self._log
        keys = ", ".join(log.identity)
        repeated = self.repeated = self._number(
            "select count(*) from (select 1 from temp.changes where _op <> 'T' "
            f"group by {keys} having count(*) > 1)"
        )
        numbered = (
            f"row_number() over (partition by {keys} order by {', '.join(log.within())})"
            if repeated
            else "1"
        )
        listed = ", ".join((*log.values, "_op", NTH))
        earlier = f"select {', '.join((*log.values, '_op', f'0 as {NTH}'))} from temp.state"
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
        return self._number(
            f"insert into {log.bronze} by name with versions as ("
            f"select *, {numbered} as {NTH} from temp.changes), earlier as ({earlier}) "
            f"select v.* exclude ({NTH}) replace (case when v._op in ('D', 'T') then v._op "
            "when p._op is null or p._op = 'D' then 'I' else 'U' end as _op), "
            f"{batch} as _delivery from versions as v left join earlier as p "
            f"on {log.same('p', 'v')} and p.{NTH} = v.{NTH} - 1 "
            f"where v._op = 'T' or not ({is_same})"
        )

    def write_absent(self, batch: int, delivery: Delivery, word: Word, read: int) -> int:
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
        return self._number(
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

    def mention(self, batch: int) -> None:
        """Note the keys that a delivery holds of which nothing was written."""
        log = self._log
        self._execute(
            "insert into lake.ops.mention "
            f"select distinct {batch}, {literal(self._contract.table)}, {self._key('c')}, "
            "'unchanged', now() from temp.changes as c where _op <> 'T' "
            f"and not exists (select 1 from {log.bronze} as log where log._batch = {batch} "
            f"and {log.same('log', 'c')})"
        )
