"""Deliveries into bronze, exactly once: group by group, each in one transaction."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb

from catalog.attempt import Attempt, DryRunError, RefusedError
from catalog.errors import LakeError
from catalog.gating import Gating
from catalog.ledger import Standing
from catalog.runs import Change
from catalog.tables import follow
from catalog.transaction import write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from duckdb import DuckDBPyConnection

    from catalog.checks import Check
    from catalog.delivery import Delivery, Outcome
    from catalog.lake import Lake
    from catalog.runs import Run
    from data_contracts.contract import Contract


KEPT_OPEN = 64  # commits: so long SQLite's log grows, by some 100 KB each


@dataclass(slots=True)
class Known:
    """What a loader knows of its table; it is true for as long as nobody else commits.

    Attributes:
        standing: what each delivery stands for.
        numbers: the next new one of each kind.
    """

    standing: Standing
    numbers: dict[str, int] = field(default_factory=dict)


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
        accept: bool = False,
        progress: Callable[[Delivery, int], None] | None = None,
        connection: DuckDBPyConnection | None = None,
    ) -> None:
        """Open the lake.

        Args:
            lake: to load into.
            contract: that the rows are held to.
            run: signs what is written.
            strict: any broken row fails its delivery.
            atomic: one failure fails its whole group.
            dry_run: do everything, and roll back.
            accept: a snapshot or a period may be as small as it is.
            progress: is told of records as they are read; from any thread.
            connection: to the lake, which is lent and stays open; for one contract after another.
        """
        self.lake = lake
        self.contract = contract
        self.run = run
        self.strict = strict
        self.dry_run = dry_run
        self.accept = accept
        self.connection = connection or lake.connect()
        self._lent = connection is not None
        self.gating = Gating(self.connection, contract, progress)
        self._atomic = atomic
        self._ended = False
        self._known: Known | None = None
        self._reader: DuckDBPyConnection | None = None
        self._commits = 0

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
            self._keep_open()
            try:
                outcomes = write(
                    self.lake, self.connection, self.contract.table, self.run, attempt.work
                )
                self._known = attempt.known
                self._commits += 1
                self._ended = last
                return outcomes
            except DryRunError as done:
                return done.outcomes
            except RefusedError as refused:
                # The others are loaded without those that fail.
                told = {at: _told(group[at], why) for at, why in refused.failures.items()}
                failures |= {at: why for at, why in told.items() if why is not None}
                broken_rules += refused.checks
                if self._atomic:
                    words = "another file of the same --atomic call failed"
                    failures = dict.fromkeys(range(len(group)), words) | failures

    def recall(self) -> Known:
        """What is known of the table, in the open transaction; read anew where others wrote.

        It is handed over: an attempt that fails has changed it.

        Raises:
            ContractError: the contract does not fit the table.
        """
        known, self._known = self._known, None
        if known is not None and self.run.is_alone:
            return known
        follow(self.connection, self.contract)
        return Known(Standing(self.connection, self.contract))

    def _keep_open(self) -> None:
        """Between commits keep SQLite's file open, by a transaction that reads.

        DuckLake opens it anew for each transaction, and whoever closes it last moves the log into
        it: five flushes to the disk instead of one. Durable it is by that one.
        """
        if not self.lake.on_sqlite or self._commits % KEPT_OPEN != 1:
            return
        self._let_go()
        self._reader = self.connection.cursor()
        self._reader.execute("begin; from lake.current_snapshot()")

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def snapshot(self) -> int:
        """The lake's snapshot after the last commit.

        Raises:
            LakeError: the lake cannot be read any more.
        """
        try:
            # All of it: what is left unread keeps its transaction open.
            [row] = self.connection.execute("from lake.current_snapshot()").fetchall()
        except duckdb.Error as error:
            raise LakeError(f"what was asked is loaded, but {self.lake.reason(error)}") from error
        return int(row[0])

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Close the connection; write first that the run failed, where it has written before."""
        try:
            if isinstance(error, Exception) and self.run.recorded and not self._ended:
                with suppress(LakeError):  # the lake is what failed; that is told already
                    write(self.lake, self.connection, self.contract.table, self.run, self._end)
        finally:
            self._let_go()
            if self._lent:
                self.gating.let_go()
            else:
                self.connection.close()

    def _end(self) -> tuple[None, Change]:
        self.run.record_end(self.connection, "failed")
        return None, Change(f"{self.run.command} failed")


def _told(delivery: Delivery, why: str) -> str | None:
    """What to say of a delivery that fails; None where it is to be read in another way."""
    return delivery.reread(why) if delivery.reread else why
