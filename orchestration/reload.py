"""Loads gated again by today's contract, from the bytes that were delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError
from catalog.errors import LakeError
from catalog.lake import Lake
from catalog.loads import live, live_load
from catalog.regate import Records, Regate
from catalog.runs import Run
from catalog.tables import bronze, follow, remake
from data_contracts.errors import ContractError
from orchestration.connectors.files.kept import delivery_again
from orchestration.ingest import Watcher

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from catalog.loads import Amendment, Load
    from catalog.settings import Settings
    from data_contracts.contract import Contract


def reload(
    settings: Settings,
    contract: Contract,
    batch: int | None = None,
    *,
    dry_run: bool = False,
    watcher: Watcher | None = None,
) -> list[Amendment]:
    """Read the deliveries of a table again by today's contract, and put the result in place.

    All in one commit: readers see the rows before or the rows after. Where all loads are reloaded,
    the contract may have changed in any way; the table is made anew.

    Args:
        settings: where the lake is.
        contract: today's.
        batch: the one load that is meant; all that are in the table where None.
        dry_run: gate and check everything, and write nothing.
        watcher: is told how it goes.

    Returns:
        By how much the counts of each load changed.

    Raises:
        LakeError: a delivery is gone or cannot be read, or its load breaks a rule of the whole;
            nothing was changed.
        ContractError: one load alone is meant, and the contract does not fit the table.
    """
    watcher = watcher or Watcher()
    lake = Lake(settings)
    with lake.connect() as connection:
        todo = _Reload(lake, connection, contract, batch, watcher)
        regate = Regate(
            lake, connection, contract, Run("reload", settings), dry_run=dry_run,
            progress=lambda delivery, rows: watcher.rows(delivery.source, rows),
        )  # fmt: skip
        return regate.run("reload", todo.choose, todo.take_out)


class _Reload:
    """What is read again, and what it takes the place of."""

    def __init__(
        self,
        lake: Lake,
        connection: DuckDBPyConnection,
        contract: Contract,
        batch: int | None,
        watcher: Watcher,
    ) -> None:
        self._lake = lake
        self._connection = connection
        self._contract = contract
        self._batch = batch
        self._watcher = watcher
        self._is_remade = False  # the table, as the contract does not fit it

    def choose(self) -> list[Records]:
        """The records that are meant, in the open transaction; it may be called again."""
        contract, batch = self._contract, self._batch
        of_changes = contract.loading.changes  # an empty one may delete
        if batch is not None:
            self._check_alone(batch)
        loads = [o for o in live(self._connection, contract.table) if o.read or of_changes]
        found = _records([o for o in loads if batch in (None, o.batch)], contract, self._lake)
        self._is_remade = False
        try:
            follow(self._connection, contract)
        except ContractError:
            if batch is not None:
                raise
            self._is_remade = True
        self._watcher.files(len(found))
        return found

    def take_out(self, chosen: list[Records]) -> None:
        """Take the rows out that the records had until now."""
        listed = ", ".join(str(records.load.batch) for records in chosen)
        for table, column in ((bronze(self._contract), "_batch"), ("lake.ops.quarantine", "batch")):
            self._connection.execute(f"delete from {table} where {column} in ({listed})")
        if self._is_remade:
            remake(self._connection, self._contract)

    def _check_alone(self, batch: int) -> None:
        """Refuse a load that is of another table, or cannot be read again without the others."""
        if live_load(self._connection, batch).table != self._contract.table:
            raise LakeError(f"load {batch} is not of bronze.{self._contract.table}")
        if self._contract.loading.changes:
            raise LakeError(
                f"load {batch} is of changes, which are read again with all others of "
                f"bronze.{self._contract.table}: leave out --load"
            )


def _records(loads: list[Load], contract: Contract, lake: Lake) -> list[Records]:
    """All records of loads, to be read by today's contract.

    Raises:
        LakeError: a delivery is gone.
    """
    found, gone = [], []
    for load in loads:
        try:
            found.append(Records(load, delivery_again(load, contract, lake.copies), True))
        except DeliveryError as error:
            if load.loaded or load.quarantined:  # else its rows are past their retention
                gone.append(f"load {load.batch}: {error}")
    if gone:
        more = f" (and {len(gone) - 1} more)" if len(gone) > 1 else ""
        raise LakeError(f"{gone[0]}{more}; nothing was changed")
    return found
