"""Deliveries into bronze, exactly once: planned by the ledger, gated, checked, in one transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from catalog import checks
from catalog.delivery import Delivery, Outcome
from catalog.gating import Gating
from catalog.ledger import Plan, Standing
from catalog.receipts import record_ledger, record_receipts
from catalog.runs import Change
from catalog.steps import step
from catalog.tables import bronze, follow
from catalog.transaction import write
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from duckdb import DuckDBPyConnection

    from catalog.lake import Lake
    from catalog.runs import Run
    from data_contracts.contract import Contract

Failures = dict[int, str]  # place in the group: reason


class _Refused(Exception):
    """Some loads of a group fail; the others are tried again without them."""

    def __init__(self, failures: Failures, results: Sequence[checks.Check] = ()) -> None:
        super().__init__(failures)
        self.failures = failures
        self.results = list(results)


class _DryRun(Exception):
    """A group is through, and nothing of it is to be written."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__(outcomes)
        self.outcomes = outcomes


class Loader:
    """Loads the deliveries of one contract, group by group; each group is one transaction."""

    def __init__(
        self,
        lake: Lake,
        contract: Contract,
        run: Run,
        *,
        strict: bool = False,
        atomic: bool = False,
        dry_run: bool = False,
        progress: Callable[[Delivery, int], None] | None = None,
    ) -> None:
        self._lake = lake
        self._contract = contract
        self._run = run
        self._strict = strict
        self._atomic = atomic
        self._dry_run = dry_run
        self._connection = lake.connect()
        self._gating = Gating(self._connection, contract)
        self._gating.progress = progress

    def snapshot(self) -> int:
        """The lake's snapshot after the last commit."""
        row = self._connection.execute("from lake.current_snapshot()").fetchone()
        return int(row[0]) if row else 0

    def fail(self) -> None:
        """Write that the run failed, where it has written before."""
        if self._run.recorded and not self._dry_run:
            write(self._lake, self._connection, self._contract.table, self._run, self._end_failed)

    def _end_failed(self) -> tuple[None, Change]:
        self._run.record_end(self._connection, "failed")
        return None, Change(f"{self._run.command} failed")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def load(self, group: Sequence[Delivery], failed: Sequence[Outcome] = (), *, last: bool = False) -> list[Outcome]:
        """Load a group of deliveries in one transaction.

        Args:
            group: no two of one delivery key.
            failed: inputs that could not even be read, for their receipts.
            last: the run ends with this transaction.

        Returns:
            What became of each of the group, in its order, then `failed`.

        Raises:
            ConflictError: others kept writing.
            ContractError: the contract does not fit the table, or a rule of it does not run.
        """
        failures: Failures = {}
        results: list[checks.Check] = []
        while True:
            try:
                return write(
                    self._lake, self._connection, self._contract.table, self._run,
                    lambda: self._write(group, failures, results, failed, last),
                )  # fmt: skip
            except _DryRun as done:
                return done.outcomes
            except _Refused as refused:
                failures |= refused.failures
                results += refused.results
                if self._atomic:
                    others = {at: "another file of the same --atomic call failed" for at in range(len(group))}
                    failures = others | failures

    def _write(
        self, group: Sequence[Delivery], failures: Failures, past: list[checks.Check],
        unreadable: Sequence[Outcome], last: bool,
    ) -> tuple[list[Outcome], Change]:  # fmt: skip
        connection, contract = self._connection, self._contract
        follow(connection, contract)
        first = self._lake.next_ids(connection, "batch", max(len(group), 1))
        plans = self._plan(group, failures, first)
        loads = [at for at, plan in plans.items() if plan.action == "load"]
        gone = self._take_out([batch for plan in plans.values() for batch in plan.replaces])
        step("gate")
        self._gate(group, loads, first)
        step("write")
        counts = self._counts(first, [first + at for at in loads])
        results = self._judge(loads, first, counts)
        outcomes = [
            self._outcome(delivery, at, plans.get(at), failures, counts, first)
            for at, delivery in enumerate(group)
        ]
        if self._dry_run:
            raise _DryRun([*outcomes, *unreadable])
        self._record(group, plans, outcomes, [*past, *results], first, unreadable)
        if last:
            failed = any(outcome.status == "failed" for outcome in (*outcomes, *unreadable))
            self._run.record_end(connection, "failed" if failed else "succeeded")
        return [*outcomes, *unreadable], self._change(outcomes, gone)

    def _plan(self, group: Sequence[Delivery], failures: Failures, first: int) -> dict[int, Plan]:
        standing = Standing(self._connection, self._contract)
        plans = {
            at: standing.plan(delivery, first + at)
            for at, delivery in enumerate(group)
            if at not in failures
        }
        refused = {at: plan for at, plan in plans.items() if plan.action == "refuse"}
        if refused:
            words = "{} was loaded before with other content (load {}), and redelivery is refuse"
            raise _Refused({at: words.format(p.delivery.key, p.batch) for at, p in refused.items()})
        return plans

    def _take_out(self, batches: list[int]) -> int:
        """Take loads out of bronze and quarantine; how many bronze rows that were."""
        if not batches:
            return 0
        listed = ", ".join(map(str, batches))
        self._connection.execute(f"delete from lake.ops.quarantine where batch in ({listed})")
        gone = self._connection.execute(
            f"delete from {bronze(self._contract)} where _batch in ({listed})"
        ).fetchone()
        return int(gone[0]) if gone else 0

    def _gate(self, group: Sequence[Delivery], loads: list[int], first: int) -> None:
        gating = self._gating
        # The deliveries' own bytes are kept meanwhile; they are there before the commit.
        with ThreadPoolExecutor(1) as keeper:
            keeps = [keep for at in loads if (keep := group[at].keep) and not self._dry_run]
            keeping = [keeper.submit(keep) for keep in keeps]
            gating.run([(first + at, group[at]) for at in loads])
            if not gating.failures:
                for kept in keeping:
                    kept.result()
        if gating.failures:
            raise _Refused({batch - first: reason for batch, reason in gating.failures.items()})

    def _counts(self, first: int, batches: list[int]) -> dict[int, tuple[int, int]]:
        """Rows loaded and quarantined by load, counted in what was written."""
        if not batches:
            return {}
        kept = dict(
            self._connection.execute(
                f"select _batch, count(*) from {bronze(self._contract)} where _batch >= {first} group by 1"
            ).fetchall()
        )
        broken = dict(
            self._connection.execute(
                f"select batch, count(*) from lake.ops.quarantine where batch >= {first} group by 1"
            ).fetchall()
        )
        return {batch: (kept.get(batch, 0), broken.get(batch, 0)) for batch in batches}

    def _judge(
        self, loads: list[int], first: int, counts: dict[int, tuple[int, int]]
    ) -> list[checks.Check]:
        """Hold the loads against the rules of the whole.

        Raises:
            _Refused: some of them fail.
        """
        failures: Failures = {}
        for at in loads:
            kept, broken = counts[first + at]
            if kept + broken != self._gating.read[first + at]:
                failures[at] = f"read {self._gating.read[first + at]} rows, but kept {kept} and quarantined {broken}"
            elif self._strict and broken:
                failures[at] = f"{broken} of {self._gating.read[first + at]} rows break the contract, and --strict allows none"
        if not loads:
            return []
        for batch, words in checks.repeated_keys(self._connection, self._contract, first).items():
            failures.setdefault(batch - first, words)
        batches = [first + at for at in loads]
        results = checks.check_loads(self._connection, self._contract, batches)
        told = [r for r in results if not r.passed and r.severity == "error"]
        for result in told:
            failures.setdefault((result.batch or first) - first, result.told)
        if failures:
            raise _Refused(failures, [replace(result, batch=None) for result in told])
        return results

    def _outcome(
        self, delivery: Delivery, at: int, plan: Plan | None, failures: Failures,
        counts: dict[int, tuple[int, int]], first: int,
    ) -> Outcome:  # fmt: skip
        if plan is None:
            return Outcome(delivery.source, "failed", reason=failures[at])
        if plan.action == "already_loaded":
            return Outcome(delivery.source, "already_loaded", plan.batch, replaced=plan.replaces)
        kept, broken = counts[first + at]
        repeated = self._gating.repeated.get(first + at, 0)
        notes = (f"{repeated} local times exist twice; each was read as the first",) if repeated else ()
        return Outcome(
            delivery.source, "loaded", first + at, self._gating.read[first + at], kept, broken, plan.replaces, notes=notes
        )

    def _record(
        self, group: Sequence[Delivery], plans: dict[int, Plan], outcomes: list[Outcome],
        results: list[checks.Check], first: int, unreadable: Sequence[Outcome],
    ) -> None:  # fmt: skip
        connection, contract, run = self._connection, self._contract, self._run
        changes = [
            (group[at], outcomes[at], first + at)
            for at, plan in plans.items()
            if plan.action == "load" or plan.replaces
        ]
        record_ledger(connection, contract, run, changes)
        checks.record(connection, contract, run.id, results)
        keys = [(d.key, d.content_hash) for d in group] + [(o.source, None) for o in unreadable]
        first_receipt = self._lake.next_ids(connection, "receipt", max(len(keys), 1))
        record_receipts(connection, contract, run, first_receipt, keys, [*outcomes, *unreadable])

    def _change(self, outcomes: list[Outcome], gone: int) -> Change:
        loaded = [outcome for outcome in outcomes if outcome.status == "loaded"]
        rows, table = sum(outcome.loaded for outcome in loaded), f"bronze.{self._contract.table}"
        if not loaded and not gone:
            return Change(f"nothing new for {table}")
        what = loaded[0].source if len(loaded) == 1 else f"{len(loaded)} deliveries"
        place = f", in place of {gone} earlier rows" if gone else ""
        return Change(f"{rows} rows into {table} from {what}{place}", (table,), rows - gone)
