"""One load taken back, as if its delivery had never come; what it had replaced comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pyarrow as pa

from catalog.bounds import WITHOUT
from catalog.changes import Changes
from catalog.errors import LakeError
from catalog.gating import INLINED
from catalog.loads import GONE_BY, Amendment, amend, live, live_load, load, named
from catalog.receipts import insert
from catalog.retention import Overdue, take_out, unfit
from catalog.runs import Change
from catalog.steps import step
from catalog.tables import is_log
from catalog.transaction import write
from data_contracts.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.loads import Load
    from catalog.runs import Run
    from data_contracts.contract import Contract

# The delivery keys that stand for a load, and what each stood for before; null for nothing.
STANDING = """
with offered as (
    select delivery_key, content_hash, batch, max(id) as id, arg_max(source, id) as source
    from lake.ops.receipt
    where table_name = {table} and batch is not null
    group by delivery_key, content_hash, batch
    having arg_max(status, id) <> 'undone'
),

ranked as (
    select *, row_number() over (partition by delivery_key order by id desc) as place
    from offered
)

select latest.delivery_key, latest.source, earlier.content_hash, earlier.batch
from ranked as latest
left join ranked as earlier
    on latest.delivery_key = earlier.delivery_key and earlier.place = 2
where latest.place = 1 and latest.batch = {batch}
"""


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing a load did.

    Attributes:
        rows: bronze rows that it took out.
        quarantined: and rows of quarantine.
        restored: the loads that came back, each with its rows in bronze.
        snapshot: the lake's, afterwards.
    """

    load: Load
    rows: int
    quarantined: int
    restored: dict[int, int]
    snapshot: int


def undo(lake: Lake, batch: int, run: Run, contract_of: Callable[[str], Contract]) -> Undone:
    """Take one load back, in one commit; its file can be loaded again afterwards.

    Every name that stands for its content goes back to what it stood for before.

    Args:
        lake: that holds it.
        batch: the load's number.
        run: signs the snapshot.
        contract_of: finds a contract by its id; asked only where rows come back, whose keys may be
            in the table again by now.

    Raises:
        LakeError: the load is not in the table, or what it had replaced cannot come back.
    """
    with lake.connect() as connection:
        connection.execute(WITHOUT)  # as rows come back from earlier snapshots

        def work() -> tuple[tuple[Amendment, dict[int, int]], Change]:
            return _Undo(lake, connection, batch, run, contract_of).work()

        undone, restored = write(lake, connection, load(connection, batch).table, run, work)
        row = connection.execute("from lake.current_snapshot()").fetchone()
    rows = -undone.loaded
    return Undone(undone.load, rows, -undone.quarantined, restored, int(row[0]) if row else 0)


class Receipt(NamedTuple):
    """What a delivery key stands for from now on; for nothing more where the status is undone."""

    key: str
    source: str
    content_hash: str
    status: str
    batch: int


class _Undo:
    def __init__(
        self,
        lake: Lake,
        connection: DuckDBPyConnection,
        batch: int,
        run: Run,
        contract_of: Callable[[str], Contract],
    ) -> None:
        self._lake = lake
        self._connection = connection
        self._run = run
        self._contract_of = contract_of
        self._load = live_load(connection, batch)
        self._bronze = f"lake.bronze.{quoted(self._load.table)}"

    def work(self) -> tuple[tuple[Amendment, dict[int, int]], Change]:
        """Undo, in the open transaction."""
        found, connection = self._load, self._connection
        standing = STANDING.format(table=literal(found.table), batch=found.batch)
        names = connection.execute(standing).fetchall()
        if is_log(connection, found.table):
            return self._take_back(names)
        rows = self._delete(self._bronze, "_batch")
        quarantined = self._delete("lake.ops.quarantine", "batch")
        step("undo-restore")
        receipts = [
            Receipt(key, name, found.content_hash, "undone", found.batch) for key, name, *_ in names
        ]
        restored = self._give_back(names, receipts)
        past = self._let_go(restored)
        if restored:
            self._check_keys(restored)
        discarded = found.read - rows - quarantined
        amendments = [Amendment(found, "undo", -found.read, -rows, -quarantined, -discarded)]
        amendments += [
            Amendment(
                load(connection, o.batch), "restore", 0, -o.kept, -o.broken, o.kept + o.broken
            )
            for o in past
        ]
        first = self._lake.next_ids(connection, "batch", len(amendments))
        amend(connection, self._run, first, amendments)
        self._record(receipts)
        self._run.record_end(connection, "succeeded")
        back, table = sum(restored.values()), f"bronze.{found.table}"
        again = f"; {back} of {named(list(restored))} came back" if restored else ""
        said = f"load {found.batch} undone: {rows} rows of {found.source} out of {table}{again}"
        return (amendments[0], restored), Change(said, (table,), back - rows)

    def _give_back(self, names: list[tuple[Any, ...]], receipts: list[Receipt]) -> dict[int, int]:
        """Put back what the load's names stood for before; each load's rows in bronze."""
        restored: dict[int, int] = {}
        there = [o for o in live(self._connection, self._load.table) if o.batch != self._load.batch]
        for key, name, content_hash, earlier in names:
            if earlier is None or earlier in {one.batch for one in there}:
                continue
            if same := self._same_content(key, content_hash, there):
                receipts.append(Receipt(key, name, content_hash, "already_loaded", same.batch))
                continue
            restored[earlier] = self._restore(earlier)
            there.append(load(self._connection, earlier))
        return restored

    def _let_go(self, restored: dict[int, int]) -> list[Overdue]:
        """Take rows out that are past their retention by now; which, for each load that came."""
        contract = self._contract_of(self._load.contract_id) if restored else None
        gone: dict[int, Overdue] = {}
        if contract and not unfit(self._connection, contract):
            gone = {one.batch: one for one in take_out(self._connection, contract, restored)}
        past = [gone.get(batch, Overdue(batch, 0, 0)) for batch in restored]
        for one in past:
            restored[one.batch] -= one.kept
        return past

    def _take_back(
        self, names: list[tuple[Any, ...]]
    ) -> tuple[tuple[Amendment, dict[int, int]], Change]:
        """Undo a load of changes; the ones before it are in the log still."""
        found, connection = self._load, self._connection
        contract = self._contract_of(found.contract_id)
        number = self._lake.next_ids(connection, "batch", 1)
        Changes(connection, contract, self._run).take_back(
            found.batch, number, found.source, found.origin
        )
        self._delete("lake.ops.quarantine", "batch")
        step("undo-restore")
        undone = Amendment(
            found, "undo", -found.read, -found.loaded, -found.quarantined, -found.discarded
        )
        amend(connection, self._run, number, [undone])
        self._record(
            [
                Receipt(key, name, found.content_hash, "undone", found.batch)
                for key, name, *_ in names
            ]
        )
        self._run.record_end(connection, "succeeded")
        table = f"bronze.{found.table}"
        said = f"load {found.batch} undone: what {found.source} changed in {table}"
        return (undone, {}), Change(said, (table,), -found.loaded)

    def _delete(self, table: str, column: str) -> int:
        deleted = self._connection.execute(
            f"delete from {table} where {column} = {self._load.batch}"
        ).fetchone()
        return int(deleted[0]) if deleted else 0

    def _same_content(self, key: str, content_hash: str, there: list[Load]) -> Load | None:
        """The load in the table that a name can stand for, where its own is not there any more."""
        by_key = bool(self._contract_of(self._load.contract_id).delivery_key)
        for one in there:
            if one.read and one.content_hash == content_hash and (one.key == key or not by_key):
                return one
        return None

    def _restore(self, batch: int) -> int:
        """Put back the rows of a load, as they were before they were taken out; how many."""
        connection = self._connection
        before = self._snapshot_before_gone(batch)
        then = f"at (version => {before})"
        connection.execute(f"set {INLINED} = 0")  # see gating.py: nested values
        try:
            put_back = connection.execute(
                f"insert into {self._bronze} by name select * from {self._bronze} {then} "
                f"where _batch = {batch}"
            ).fetchone()
            connection.execute(
                "insert into lake.ops.quarantine "
                f"select * from lake.ops.quarantine {then} where batch = {batch}"
            )
        except duckdb.Error as error:
            raise LakeError(
                f"load {self._load.batch} had taken the place of load {batch}, which cannot be put "
                f"back: {str(error).splitlines()[0]}"
            ) from error
        connection.execute(f"reset {INLINED}")
        return int(put_back[0]) if put_back else 0

    def _snapshot_before_gone(self, batch: int) -> int:
        """The last snapshot that has the rows of a load that was replaced."""
        [(_, by, run)] = self._connection.execute(GONE_BY.format(load=batch)).fetchall()
        snapshots = self._connection.execute(
            "select snapshot_id from lake.snapshots() "
            f"where commit_extra_info ->> 'run' = {literal(run)} order by 1"
        ).fetchall()
        for (snapshot,) in snapshots:
            if self._knows(snapshot, by):
                if self._knows(snapshot - 1, by) is False:
                    return int(snapshot) - 1
                break  # that one has expired
        raise LakeError(
            f"load {self._load.batch} had taken the place of load {batch}, and the lake's history "
            "does not go back so far; load the file again that is meant to be there"
        )

    def _knows(self, snapshot: int, batch: int) -> bool | None:
        """Whether the ledger had an entry at a snapshot; None where that has expired."""
        there = f"select 1 from lake.snapshots() where snapshot_id = {snapshot}"
        if not self._connection.execute(there).fetchone():
            return None
        found = f"select 1 from lake.ops.ledger at (version => {snapshot}) where batch = {batch}"
        return self._connection.execute(found).fetchone() is not None

    def _check_keys(self, restored: Iterable[int]) -> None:
        """Refuse what would put a key into the table that is there again by now."""
        back = ", ".join(map(str, restored))
        contract = self._contract_of(self._load.contract_id)
        keys = [[c.name for c in contract.key]] if contract.duplicates != "keep" else []
        keys += [[column.name] for column in contract.columns if column.unique]
        for names in keys:
            listed = ", ".join(map(quoted, names))
            again = self._connection.execute(
                f"select struct_pack({listed})::varchar, max(_batch) from {self._bronze} "
                f"group by {listed} having count(*) > 1 and bool_or(_batch in ({back})) "
                f"and count({quoted(names[0])}) > 1 limit 1"
            ).fetchone()
            if again:
                raise LakeError(
                    f"load {self._load.batch} cannot be undone: what it replaced has the key "
                    f"{again[0]}, which load {again[1]} has by now; undo that one first"
                )

    def _record(self, receipts: list[Receipt]) -> None:
        if not receipts:
            return
        count, nothing = len(receipts), pa.nulls(len(receipts), pa.string())
        first = self._lake.next_ids(self._connection, "receipt", count)
        columns = {
            "id": pa.array(range(first, first + count), pa.int64()),
            "table_name": [self._load.table] * count,
            "source": [one.source for one in receipts],
            "delivery_key": [one.key for one in receipts],
            "content_hash": [one.content_hash for one in receipts],
            "status": [one.status for one in receipts],
            "batch": pa.array([one.batch for one in receipts], pa.int64()),
            "reason": nothing,
            "run": [self._run.id] * count,
        }
        insert(self._connection, "receipt", columns)
