"""A source's tables as if they had never been read: their loads are taken back, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.ledger import GONE
from catalog.runs import Run
from catalog.undo import undo
from data_contracts.types import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.lake import Lake
    from data_contracts.contract import Contract

LOADS = """
select batch
from lake.ops.ledger
where
    table_name = {table} and operation = 'load'
    and (delivery_key = {key} or starts_with(delivery_key, {key} || '@'))
    and batch not in ({gone})
order by batch desc
"""


def reset(lake: Lake, contracts: Sequence[Contract], origin: str | None) -> None:
    """Take back every load of the tables of a source instance, each in a commit of its own.

    Where it is killed, what was taken back stays so, and the others are taken back the next time.

    Raises:
        LakeError: one cannot be taken back.
    """
    for contract in contracts:
        name = contract.source or contract.name
        query = LOADS.format(
            table=literal(contract.table),
            key=literal(f"{origin}:{name}" if origin else name),
            gone=GONE.format(table=literal(contract.table)),
        )
        with lake.connect(read_only=True) as connection:
            loads = [int(batch) for (batch,) in connection.execute(query).fetchall()]
        for batch in loads:
            undo(lake, batch, Run("sync", lake.settings), {contract.id: contract}.__getitem__)
