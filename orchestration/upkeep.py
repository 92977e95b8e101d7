"""Upkeep of a lake, by the contracts that are found today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.lake import Lake
from catalog.maintain import Upkeep, maintain
from catalog.runs import Run
from catalog.settings import interval
from data_contracts.errors import ContractError
from data_contracts.find import locate
from data_contracts.odcs import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.settings import Settings
    from data_contracts.contract import Contract


def upkeep(
    settings: Settings,
    guard: str,
    *,
    dry_run: bool = False,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
) -> Upkeep:
    """Keep the lake up.

    Args:
        settings: where the lake and its contracts are.
        guard: age that a file has to be past before it is deleted, an interval as SQL writes it.
        dry_run: change nothing, and say what there is to do.
        progress: is told what is under way, how much of it is done, and of how much.

    Raises:
        LakeError: the lake cannot be written, or would answer otherwise than before.
    """

    def contract_of(id_: str, table: str) -> Contract | None:
        try:
            file, _ = locate(id_, settings.contracts)
            return next((one for one in read(file) if one.table == table), None)
        except ContractError:
            return None

    run = Run("maintain", settings)
    history = interval(settings.history) if settings.history else None
    return maintain(
        Lake(settings), run, contract_of, guard,
        history=history, dry_run=dry_run, progress=progress,
    )  # fmt: skip
