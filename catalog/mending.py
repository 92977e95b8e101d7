"""The order of deliveries, and what later ones say of keys that an earlier place changes.

Of a later delivery the log may have no row of such a key, since what it said was no change then:
that row is written now, in its name (`_delivery`), so that the log in its order always ends in what
the last delivery of each key says.
"""

from __future__ import annotations

from catalog.changelog import DAY, KEY, RANK, Work
from catalog.ledger import GONE
from data_contracts.types import literal, quoted

# Which delivery after a place is the first to say something of a key: the whole, where the key is
# not one that it has in quarantine; one that holds it unchanged; or one of which the log has it.
NEXT = """
create or replace temp table nexts as
with later as (
    from temp.places where _lake_rank > {rank}
),

wholes as (
    select *, row_number() over (order by _lake_rank) as nth from later where tells_absence
),

mentioned as (
    select m.key, m.what, later._lake_rank
    from lake.ops.mention as m
    inner join later on m.batch = later.batch
),

said as (
    select {touched}, wholes._lake_rank
    from temp.touched as t
    inner join wholes
        on {covered}
        and (
            wholes.covers_from is not null
            or wholes.nth <= 1 + (
                select count(distinct m._lake_rank) from mentioned as m where m.what = 'quarantined'
            )
        )
    where not exists (
        select 1 from mentioned as m
        where m.what = 'quarantined' and m._lake_rank = wholes._lake_rank and m.key = t._lake_key
    )
    union all
    select {touched}, m._lake_rank
    from temp.touched as t
    inner join mentioned as m on t._lake_key = m.key and m.what = 'unchanged'
    union all
    select {touched}, later._lake_rank
    from {bronze} as log
    inner join later on log._delivery = later.batch
    inner join temp.touched as t on {same_log}
)

select * exclude (_lake_rank), min(_lake_rank) as _lake_rank from said group by all
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
inner join temp.places as places on n._lake_rank = places._lake_rank
inner join temp.touched as t on {same_next}
{found}
where not exists (
    select 1 from {bronze} as log where log._delivery = places.batch and {same_log}
)
"""


class Order(Work):
    """The deliveries of a table in their order."""

    def standing(self, origin: str | None) -> None:
        """Find the deliveries of an origin that are in force."""
        table = literal(self._contract.table)
        named = f"= {literal(origin)}" if origin else "is null"
        self._execute(
            "create or replace temp table standing as "
            "select batch, covers_from, covers_to, tells_absence, place from lake.ops.delivery "
            f"where table_name = {table} and origin {named} "
            f"and batch not in ({GONE.format(table=table)})"
        )

    def rank(self, batch: int) -> tuple[int, bool]:
        """Number them in their order; the rank of a delivery, and whether it is the last."""
        place = f"place::{self._log.place_type}" if self._log.place_type else "null"
        self._execute(
            "create or replace temp table places as "
            f"select *, row_number() over (order by {place} nulls first, batch) as {RANK} "
            "from temp.standing"
        )
        found = self._row(
            f"select (select {RANK} from temp.places where batch = {batch}), max({RANK}) "
            "from temp.places"
        )
        rank, newest = found or (0, 0)
        return rank, rank == newest

    def touch(self, chosen: str) -> None:
        """Find the keys of which a delivery says something new, each with the last that it says."""
        log = self._log
        keys = ", ".join(log.identity)
        self._execute(
            f"create or replace temp table touched as select *, {self._key('log')} as {KEY}, "
            f"{log.day or 'null::date'} as {DAY} from {log.bronze} as log "
            f"where {chosen} and _op <> 'T' qualify row_number() over (partition by {keys} "
            f"order by _batch = _delivery desc, {', '.join(log.within(newest_first=True))}) = 1"
        )

    def mend(self, batch: int, rank: int, source: str, start: int, *, before: bool) -> None:
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
        covered = (
            "(wholes.covers_from is null "
            f"or t.{DAY} between wholes.covers_from and wholes.covers_to)"
        )
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
