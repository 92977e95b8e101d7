"""One try at loading a group: planned by the ledger, gated, checked and recorded, or refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from catalog import checks
from catalog.changes import Changed, Changes, HeldError
from catalog.delivery import DeliveryError, Outcome
from catalog.errors import LakeError
from catalog.receipts import record_delivery, record_ledger, record_receipts
from catalog.runs import Change
from catalog.steps import step
from catalog.tables import bronze
from catalog.unique import repeated_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.delivery import Delivery
    from catalog.ledger import Plan
    from catalog.loader import Known, Loader

Failures = dict[int, str]  # place in the group: reason


class RefusedError(Exception):
    """Some deliveries of a group fail; nothing of the group is written."""

    def __init__(self, failures: Failures, results: Sequence[checks.Check] = ()) -> None:
        super().__init__(failures)
        self.failures = failures
        self.checks = [replace(result, batch=None) for result in results]


class DryRunError(Exception):
    """A group is through, and nothing of it is to be written."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__(outcomes)
        self.outcomes = outcomes


@dataclass
class Attempt:
    """The work of one transaction; it may be done again where the commit conflicts."""

    loader: Loader
    group: Sequence[Delivery]
    unreadable: Sequence[Outcome]
    failures: Failures  # of the attempts before
    broken_rules: Sequence[checks.Check]  # of the attempts before
    last: bool
    first: int = 0  # the number that the group's first delivery has where it is loaded
    known: Known = field(init=False)
    plans: dict[int, Plan] = field(default_factory=dict)
    loads: list[int] = field(default_factory=list)  # places of those that are loaded
    changed: dict[int, Changed] = field(default_factory=dict)  # by load, of a log of changes
    broken: dict[int, int] = field(default_factory=dict)  # and what each has in quarantine
    repeated: dict[int, int] = field(default_factory=dict)  # and its local times that exist twice
    results: list[checks.Check] = field(default_factory=list)  # and how it keeps the rules

    def work(self) -> tuple[list[Outcome], Change]:
        """Load the group, in the open transaction.

        Raises:
            RefusedError: some of its deliveries fail.
            DryRunError: all is well, and is to be rolled back.
        """
        self.known = self.loader.recall()
        self.first = self._numbers("batch", max(len(self.group), 1))
        self._plan()
        gone = self._take_out()
        step("gate")
        self._gate()
        step("write")
        counts = self._counts()
        results = self._judge(counts)
        outcomes = [self._outcome(at, counts) for at in range(len(self.group))]
        outcomes += self.unreadable
        if self.loader.dry_run:
            raise DryRunError(outcomes)
        self._record(outcomes, [*self.broken_rules, *results])
        return outcomes, self._change(outcomes, gone)

    def _numbers(self, kind: str, count: int) -> int:
        lake, numbers = self.loader.lake, self.known.numbers
        if kind not in numbers or not lake.on_sqlite:  # elsewhere others take some at any time
            numbers[kind] = lake.next_ids(self.loader.connection, kind, count)
        first = numbers[kind]
        numbers[kind] += count
        return first

    def _plan(self) -> None:
        self.plans = {
            at: self.known.standing.plan(delivery, self.first + at)
            for at, delivery in enumerate(self.group)
            if at not in self.failures
        }
        words = "{} was loaded before with other content (load {}), and redelivery is refuse"
        if refused := {
            at: words.format(plan.delivery.key, plan.batch)
            for at, plan in self.plans.items()
            if plan.action == "refuse"
        }:
            raise RefusedError(refused)
        self.loads = [at for at, plan in self.plans.items() if plan.action == "load"]

    def _take_out(self) -> int:
        """Take replaced loads out of bronze and quarantine; how many bronze rows that were."""
        batches = [batch for plan in self.plans.values() for batch in plan.replaces]
        if not batches:
            return 0
        listed, connection = ", ".join(map(str, batches)), self.loader.connection
        connection.execute(f"delete from lake.ops.quarantine where batch in ({listed})")
        gone = connection.execute(
            f"delete from {bronze(self.loader.contract)} where _batch in ({listed})"
        ).fetchone()
        return int(gone[0]) if gone else 0

    def _gate(self) -> None:
        gating = self.loader.gating
        # The deliveries' own bytes are kept meanwhile; they are there before the commit.
        with ThreadPoolExecutor(1) as keeper:
            keeps = {} if self.loader.dry_run else {at: self.group[at].keep for at in self.loads}
            keeping = {at: keeper.submit(keep) for at, keep in keeps.items() if keep}
            if self.loader.contract.loading.changes:
                failures = self._change_rows()
            else:
                gating.run([(self.first + at, self.group[at]) for at in self.loads])
                failures = {batch - self.first: why for batch, why in gating.failures.items()}
        for at, kept in keeping.items():
            try:
                kept.result()
            except DeliveryError as error:
                failures.setdefault(at, str(error))
            except OSError as error:
                where, why = error.filename or self.group[at].source, error.strerror or error
                raise LakeError(f"{where}: its bytes cannot be kept: {why}") from error
        if failures:
            raise RefusedError(failures)

    def _change_rows(self) -> Failures:
        """Gate the loads one after the other, and write what each changes; those that fail."""
        loader, read = self.loader, dict[int, int]()
        gating = loader.gating
        changes = Changes(loader.connection, loader.contract, loader.run)
        for at in self.loads:
            batch, delivery = self.first + at, self.group[at]
            is_first = changes.is_first(delivery)
            changes.stage()
            gating.run([(batch, delivery)], staged=not is_first)
            read |= gating.read
            self.repeated |= gating.repeated
            if gating.failures:
                return {at: gating.failures[batch]}
            is_first = is_first and changes.are_new(batch, delivery)
            self._judge_changes(batch, staged=not is_first)
            try:
                self.changed[batch] = changes.write(
                    batch, delivery, read[batch], gating.broken, gating.unknown,
                    accept=loader.accept, is_first=is_first,
                )  # fmt: skip
            except (HeldError, DeliveryError) as error:
                return {at: str(error)}
            self.broken[batch] = gating.broken
        gating.read = read
        return {}

    def _counts(self) -> dict[int, tuple[int, int]]:
        """Rows loaded and quarantined of each load, counted in what was written."""
        if not self.loads:
            return {}
        if self.changed:
            return {
                batch: (changed.loaded, self.broken[batch])
                for batch, changed in self.changed.items()
            }
        if len(self.loads) == 1:  # the statements' own counts are all its
            gating = self.loader.gating
            return {self.first + self.loads[0]: (gating.kept, gating.broken)}
        counted = [
            dict(
                self.loader.connection.execute(
                    f"select {batch}, count(*) from {table} "
                    f"where {batch} >= {self.first} group by all"
                ).fetchall()
            )
            for batch, table in (
                ("_batch", bronze(self.loader.contract)),
                ("batch", "lake.ops.quarantine"),
            )
        ]
        kept, broken = counted
        return {
            self.first + at: (kept.get(self.first + at, 0), broken.get(self.first + at, 0))
            for at in self.loads
        }

    def _judge_changes(self, batch: int, *, staged: bool) -> None:
        """Hold the rows of a delivery against the rules of the whole, before they are compared."""
        loader = self.loader
        self.results += checks.check_loads(
            loader.connection, loader.contract, [batch], of="temp.changes" if staged else None
        )

    def _judge(self, counts: dict[int, tuple[int, int]]) -> list[checks.Check]:
        """Hold the loads against the rules of the whole.

        Raises:
            RefusedError: some of them fail.
        """
        if not self.loads:
            return []
        connection, contract = self.loader.connection, self.loader.contract
        failures: Failures = {}
        for batch, (kept, broken) in counts.items():
            read = self.loader.gating.read[batch]
            same = self.changed[batch].unchanged if batch in self.changed else 0
            if kept + broken + same != read:
                failures[batch] = f"read {read} rows, but kept {kept} and quarantined {broken}"
            elif self.loader.strict and broken:
                failures[batch] = (
                    f"{broken} of {read} rows break the contract; --strict allows none"
                )
        results = self.results or checks.check_loads(connection, contract, list(counts))
        told = [r for r in results if not r.passed and r.severity == "error"]
        failures = {r.batch: r.told for r in told if r.batch is not None} | failures
        if not self.changed:
            failures |= repeated_keys(connection, contract, self.first, failures)
        if failures and contract.duplicates == "first":
            # Without it the later loads keep other rows, and may well hold.
            failures = {min(failures): failures[min(failures)]}
        if failures:
            broken_rules = [r for r in told if r.batch in failures]
            raise RefusedError({b - self.first: f for b, f in failures.items()}, broken_rules)
        return results

    def _outcome(self, at: int, counts: dict[int, tuple[int, int]]) -> Outcome:
        source, batch = self.group[at].source, self.first + at
        if at in self.failures:
            return Outcome(source, "failed", reason=self.failures[at])
        plan = self.plans[at]
        if plan.action == "already_loaded":
            return Outcome(source, "already_loaded", plan.batch, replaced=plan.replaces)
        (kept, broken), read = counts[batch], self.loader.gating.read[batch]
        repeated = (self.repeated or self.loader.gating.repeated).get(batch, 0)
        note = f"{repeated:,} local times exist twice; each was read as the first"
        changed = self.changed.get(batch, Changed(kept, 0, 0))
        return Outcome(
            source,
            "loaded",
            batch,
            read,
            kept,
            broken,
            changed.unchanged,
            changed.deleted,
            plan.replaces,
            notes=((note,) if repeated else ()) + changed.notes,
        )

    def _record(self, outcomes: list[Outcome], results: list[checks.Check]) -> None:
        loader = self.loader
        connection, contract, run = loader.connection, loader.contract, loader.run
        changes = [
            (self.group[at], outcomes[at], self.first + at)
            for at, plan in self.plans.items()
            if plan.action == "load" or plan.replaces
        ]
        record_ledger(connection, contract, run, changes)
        for delivery, outcome, batch in changes:
            is_sourced = delivery.origin or delivery.position
            if is_sourced and outcome.status == "loaded" and batch not in self.changed:
                record_delivery(connection, contract, run, batch, delivery)
        checks.record(connection, contract, run.id, results)
        keys: list[tuple[str, str | None]] = [(d.key, d.content_hash) for d in self.group]
        keys += [(outcome.source, None) for outcome in self.unreadable]
        first = self._numbers("receipt", max(len(keys), 1))
        record_receipts(connection, contract, run, first, keys, outcomes)
        if self.last:
            failed = any(outcome.status == "failed" for outcome in outcomes)
            run.record_end(connection, "failed" if failed else "succeeded")

    def _change(self, outcomes: list[Outcome], gone: int) -> Change:
        loaded = [outcome for outcome in outcomes if outcome.status == "loaded"]
        rows, table = sum(o.loaded for o in loaded), f"bronze.{self.loader.contract.table}"
        if not loaded and not gone:
            return Change(f"nothing new for {table}")
        what = loaded[0].source if len(loaded) == 1 else f"{len(loaded)} deliveries"
        place = f", in place of {gone} earlier rows" if gone else ""
        return Change(f"{rows} rows into {table} from {what}{place}", (table,), rows - gone)
