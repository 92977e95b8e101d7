"""Deliveries into bronze, exactly once: group by group, each in one transaction."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb

from catalog.attempt import Attempt, DryRunError, RefusedError
from catalog.errors import LakeError
from catalog.gating import Gating
from catalog.runs import Change
from catalog.transaction import write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from catalog.checks import Check
    from catalog.delivery import Delivery, Outcome
    from catalog.lake import Lake
    from catalog.runs import Run
    from data_contracts.contract import Contract


class Loader:
    """Loads the deliveries of one contract."""

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
        """Open the lake.

        Args:
            lake: to load into.
            contract: that the rows are held to.
            run: signs what is written.
            strict: any broken row fails its delivery.
            atomic: one failure fails its whole group.
            dry_run: do everything, and roll back.
            progress: is told of records as they are read; from any thread.
        """
        self.lake = lake
        self.contract = contract
        self.run = run
        self.strict = strict
        self.dry_run = dry_run
        self.connection = lake.connect()
        self.gating = Gating(self.connection, contract, progress)
        self._atomic = atomic
        self._ended = False

    def load(
        self, group: Sequence[Delivery], failed: Sequence[Outcome] = (), *, last: bool = False
    ) -> list[Outcome]:
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
        failures: dict[int, str] = {}
        broken_rules: list[Check] = []
        while True:
            attempt = Attempt(self, group, failed, dict(failures), tuple(broken_rules), last)
            try:
                outcomes = write(
                    self.lake, self.connection, self.contract.table, self.run, attempt.work
                )
                self._ended = last
                return outcomes
            except DryRunError as done:
                return done.outcomes
            except RefusedError as refused:
                # The others are loaded without those that fail.
                failures |= refused.failures
                broken_rules += refused.checks
                if self._atomic:
                    words = "another file of the same --atomic call failed"
                    failures = dict.fromkeys(range(len(group)), words) | failures

    def snapshot(self) -> int:
        """The lake's snapshot after the last commit.

        Raises:
            LakeError: the lake cannot be read any more.
        """
        try:
            row = self.connection.execute("from lake.current_snapshot()").fetchone()
        except duckdb.Error as error:
            raise LakeError(f"what was asked is loaded, but {self.lake.reason(error)}") from error
        return int(row[0]) if row else 0

    def __enter__(self) -> Loader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection; write first that the run failed, where it has written before."""
        try:
            if isinstance(error, Exception) and self.run.recorded and not self._ended:
                with suppress(LakeError):  # the lake is what failed; that is told already
                    write(self.lake, self.connection, self.contract.table, self.run, self._end)
        finally:
            self.connection.close()

    def _end(self) -> tuple[None, Change]:
        self.run.record_end(self.connection, "failed")
        return None, Change(f"{self.run.command} failed")
