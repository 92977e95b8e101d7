"""Which contracts there are, the broken ones with their faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_contracts.errors import ContractError
from data_contracts.odcs import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from data_contracts.contract import Contract


@dataclass(frozen=True, slots=True)
class Entry:
    """One contract file."""

    file: Path
    contracts: tuple[Contract, ...] = ()
    fault: str | None = None  # a line each where there are several


def inventory(files: Iterable[Path]) -> Iterator[Entry]:
    """Read files one by one; nothing is raised for what is wrong with one."""
    for file in files:
        try:
            yield Entry(file, tuple(read(file)))
        except ContractError as error:
            yield Entry(file, fault=str(error))
