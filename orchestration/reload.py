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
    remade = False

    with lake.connect() as connection:

        def choose() -> list[Records]:
            nonlocal remade
            remade = False
            if batch is not None and live_load(connection, batch).table != contract.table:
                raise LakeError(f"load {batch} is not of bronze.{contract.table}")
            of_changes = contract.loading.changes  # an empty one may delete
            if of_changes and batch is not None:
                raise LakeError(
                    f"load {batch} is of changes, which are read again with all others of "
                    f"bronze.{contract.table}: leave out --load"
                )
            loads = [one for one in live(connection, contract.table) if one.read or of_changes]
            found = _records([o for o in loads if batch in (None, o.batch)], contract, lake)
            try:
                follow(connection, contract)
            except ContractError:
                if batch is not None:
                    raise
                remade = True
            watcher.files(len(found))
            return found

        def take_out(chosen: list[Records]) -> None:
            listed = ", ".join(str(records.load.batch) for records in chosen)
            connection.execute(f"delete from {bronze(contract)} where _batch in ({listed})")
            connection.execute(f"delete from lake.ops.quarantine where batch in ({listed})")
            if remade:
                remake(connection, contract)

        regate = Regate(
            lake, connection, contract, Run("reload", settings), dry_run=dry_run,
            progress=lambda delivery, rows: watcher.rows(delivery.source, rows),
        )  # fmt: skip
        return regate.run("reload", choose, take_out)


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
