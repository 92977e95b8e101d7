"""Records of loads sent through today's gate again, and put in place in one commit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catalog import checks, retention
from catalog.changes import Changes
from catalog.delivery import DeliveryError
from catalog.errors import LakeError
from catalog.gating import Gating
from catalog.loads import Amendment, amend, named
from catalog.runs import Change
from catalog.steps import step
from catalog.tables import bronze
from catalog.transaction import write
from catalog.unique import repeated_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from duckdb import DuckDBPyConnection

    from catalog.delivery import Delivery
    from catalog.lake import Lake
    from catalog.loads import Load
    from catalog.runs import Run
    from data_contracts.contract import Contract

Counts = dict[int, tuple[int, int]]  # of each load: its rows in bronze, and in quarantine


@dataclass(frozen=True, slots=True)
class Records:
    """Records of a load that are to be gated again.

    Attributes:
        whole: whether they are all of the load's, and not only broken ones of it.
    """

    load: Load
    delivery: Delivery
    whole: bool


class _DoneError(Exception):
    """All is well, and is to be rolled back: it was a dry run, or there was nothing to do."""

    def __init__(self, amendments: list[Amendment]) -> None:
        super().__init__(amendments)
        self.amendments = amendments


class Regate:
    """Gates records of one contract's loads again.

    Attributes:
        connection: on which the lake is attached.
        contract: today's.
    """

    def __init__(
        self,
        lake: Lake,
        connection: DuckDBPyConnection,
        contract: Contract,
        run: Run,
        *,
        dry_run: bool = False,
        progress: Callable[[Delivery, int], None] | None = None,
    ) -> None:
        self.connection = connection
        self.contract = contract
        self._lake = lake
        self._run = run
        self._dry_run = dry_run
        self._gating = Gating(connection, contract, progress)

    def run(
        self,
        operation: str,
        choose: Callable[[], list[Records]],
        take_out: Callable[[list[Records]], None],
        *,
        last: bool = True,
    ) -> list[Amendment]:
        """Gate records and put them in place, in one commit or not at all.

        Args:
            operation: ``retry`` or ``reload``.
            choose: what is gated; called in the transaction, and again where that is tried again.
            take_out: takes the earlier rows of it out.
            last: the run ends with this commit.

        Returns:
            By how much the counts of each load changed.

        Raises:
            LakeError: a delivery cannot be read, or its load breaks a rule of the whole.
        """

        def work() -> tuple[list[Amendment], Change]:
            chosen = choose()
            amendments = self._work(operation, chosen, lambda: take_out(chosen)) if chosen else []
            if self._dry_run or not (chosen or self._run.recorded):
                raise _DoneError(amendments)
            first = self._lake.next_ids(self.connection, "batch", max(len(amendments), 1))
            amend(self.connection, self._run, first, amendments, self.contract)
            if last:
                self._run.record_end(self.connection, "succeeded")
            table = f"bronze.{self.contract.table}"
            words = f"{operation} of {named([a.load.batch for a in amendments])} of {table}"
            rows = sum(amendment.loaded for amendment in amendments)
            return amendments, Change(f"{words} by {self.contract.version}", (table,), rows)

        try:
            return write(self._lake, self.connection, self.contract.table, self._run, work)
        except _DoneError as done:
            return done.amendments

    def _work(
        self, operation: str, chosen: list[Records], take_out: Callable[[], None]
    ) -> list[Amendment]:
        loads = {records.load.batch: records for records in chosen}
        if self.contract.loading.changes:
            return self._change(operation, loads, take_out)
        before = self._counts(loads)
        take_out()
        left = self._counts(loads)
        step(f"{operation}-gate")
        self._gating.run(
            [
                (batch, replace(records.delivery, origin=records.load.origin))
                for batch, records in loads.items()
            ]
        )
        if self._gating.failures:
            batch, reason = next(iter(self._gating.failures.items()))
            raise LakeError(f"load {batch}, {loads[batch].load.source}: {reason}")
        step(f"{operation}-write")
        after = self._counts(loads)
        for batch in loads:
            read, written = self._gating.read[batch], sum(after[batch]) - sum(left[batch])
            if written != read:
                raise LakeError(f"load {batch}: read {read} rows, but wrote {written}")
        # Rows that had left by then do not come back.
        past = {o.batch: o for o in retention.take_out(self.connection, self.contract, loads)}
        amendments = []
        for batch, records in loads.items():
            read, gone = self._gating.read[batch], past.get(batch, retention.Overdue(batch, 0, 0))
            after[batch] = (after[batch][0] - gone.kept, after[batch][1] - gone.broken)
            loaded, quarantined = (a - b for a, b in zip(after[batch], before[batch], strict=True))
            load, whole = records.load, records.whole
            amendments.append(
                Amendment(
                    load,
                    operation,
                    read - load.read if whole else 0,
                    loaded,
                    quarantined,
                    gone.kept + gone.broken - (load.discarded if whole else 0),
                )
            )
        self._judge(sorted(loads))
        return amendments

    def _change(
        self, operation: str, loads: dict[int, Records], take_out: Callable[[], None]
    ) -> list[Amendment]:
        """The same of a log of changes: one delivery after the other, as they came."""
        changes = Changes(self.connection, self.contract, self._run)
        take_out()
        if operation == "reload":
            changes.forget()
        amendments = []
        for batch, records in sorted(loads.items()):
            load, gating = records.load, self._gating
            delivery = replace(records.delivery, origin=load.origin)
            changes.stage()
            step(f"{operation}-gate")
            gating.run([(batch, delivery)])
            if gating.failures:
                raise LakeError(f"load {batch}, {load.source}: {gating.failures[batch]}")
            step(f"{operation}-write")
            read = gating.read[batch]
            try:
                if records.whole:
                    done = changes.write(
                        batch, delivery, read, gating.broken, gating.unknown, accept=True
                    )
                    loaded, quarantined = (
                        done.loaded - load.loaded,
                        gating.broken - load.quarantined,
                    )
                    gone = load.read - load.loaded - load.quarantined - load.unchanged
                    amendments.append(
                        Amendment(load, operation, read - load.read, loaded, quarantined, -gone)
                    )
                else:
                    loaded = changes.amend(batch, delivery)
                    again = read - gating.broken - loaded  # is in the log as it is
                    amendments.append(
                        Amendment(load, operation, 0, loaded, gating.broken - read, again)
                    )
            except DeliveryError as error:
                raise LakeError(f"load {batch}, {load.source}: {error}") from error
        return amendments

    def _judge(self, batches: list[int]) -> None:
        """Hold the loads against the rules of the whole, and record their results."""
        results = checks.check_loads(self.connection, self.contract, batches)
        told = [r for r in results if not r.passed and r.severity == "error"]
        if told:
            raise LakeError(f"load {told[0].batch}: {told[0].told}; nothing was changed")
        for batch, reason in repeated_keys(self.connection, self.contract, batches[0]).items():
            raise LakeError(f"load {batch}: {reason}; nothing was changed")
        checks.record(self.connection, self.contract, self._run.id, results)

    def _counts(self, batches: Iterable[int]) -> Counts:
        listed = ", ".join(map(str, batches))
        kept, broken = (
            dict(
                self.connection.execute(
                    f"select {batch}, count(*) from {table} "
                    f"where {batch} in ({listed}) group by all"
                ).fetchall()
            )
            for batch, table in (
                ("_batch", bronze(self.contract)),
                ("batch", "lake.ops.quarantine"),
            )
        )
        return {batch: (kept.get(batch, 0), broken.get(batch, 0)) for batch in batches}
