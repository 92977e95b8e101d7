"""Broken rows gated again by today's contracts; those that keep them go into bronze."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError
from catalog.errors import LakeError
from catalog.lake import Lake
from catalog.loads import load as load_of
from catalog.quarantine import loads_with, rows, which
from catalog.regate import Records, Regate
from catalog.runs import Run
from catalog.tables import follow
from data_contracts.types import literal
from orchestration.connectors.files.payloads import delivery_of_broken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from duckdb import DuckDBPyConnection

    from catalog.loads import Amendment, Load
    from catalog.settings import Settings
    from data_contracts.contract import Contract

MOST = 100_000_000  # rows of one table
# Reasons of records that no columns were found in: only their whole file has the header.
UNCUT = r"^the record( has \d+ fields, \d+ are expected|'s bytes are not UTF-8)"


def retry(
    settings: Settings, names: Sequence[str], contract_of: Callable[[str], Contract]
) -> list[Amendment]:
    """Gate rows of quarantine again, one commit a table.

    Args:
        settings: where the lake is.
        names: ids, loads and contracts, as of `quarantine.which`; everything where there is none.
        contract_of: finds a contract by its id.

    Returns:
        By how much the counts of each load changed.

    Raises:
        LakeError: a load breaks a rule of the whole with the rows that it would get.
        ContractError: a contract is gone, wrong, or does not fit its table.
    """
    lake, run = Lake(settings), Run("quarantine retry", settings)
    done: list[Amendment] = []
    with lake.connect(read_only=True) as connection:
        found = sorted(loads_with(connection, names), key=lambda load: load.table)
    for table, loads in groupby(found, key=lambda load: load.table):
        # The newest load's: an older one may have been of a contract with another id.
        contract = contract_of(max(loads, key=lambda load: load.batch).contract_id)
        if contract.table != table:
            raise LakeError(f"{contract.id} is now of bronze.{contract.table}, not of {table}")
        with lake.connect() as connection:
            last = table == found[-1].table
            done += _retry(lake, connection, contract, names, run, last=last)
    return done


def _retry(
    lake: Lake,
    connection: DuckDBPyConnection,
    contract: Contract,
    names: Sequence[str],
    run: Run,
    *,
    last: bool,
) -> list[Amendment]:
    def choose() -> list[Records]:
        follow(connection, contract)
        found = [row for row in rows(connection, names, MOST) if row.table == contract.table]
        records = []
        for batch, broken in groupby(found, key=lambda row: row.load):
            load = load_of(connection, batch)
            try:
                delivery = delivery_of_broken(load, list(broken), contract)
            except DeliveryError as error:
                raise LakeError(f"load {batch}, {load.source}: {error}") from error
            records.append(Records(load, delivery, False))
        return records

    def take_out(_: list[Records]) -> None:
        connection.execute(
            "delete from lake.ops.quarantine "
            f"where table_name = {literal(contract.table)} and {which(names)}"
        )

    return Regate(lake, connection, contract, run).run("retry", choose, take_out, last=last)


def uncut(connection: DuckDBPyConnection, names: Sequence[str]) -> list[tuple[Load, int]]:
    """Loads with records in quarantine that were never cut into columns, and how many.

    Their header is not with them, so that only reading the whole delivery again may mend them.
    """
    counted = connection.execute(
        "select batch, count(*) from lake.ops.quarantine "
        f"where {which(names)} and regexp_matches(reasons[1], {literal(UNCUT)}) "
        "group by all order by 1"
    ).fetchall()
    return [(load_of(connection, batch), count) for batch, count in counted]
