"""The contracts of a source's tables, in a folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from data_contracts.contract import Reading
from data_contracts.find import files_in
from data_contracts.odcs import read
from orchestration.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data_contracts.contract import Contract


def contracts_of(place: Path, domain: str, tables: Sequence[str] = ()) -> list[Contract]:
    """Contracts that a source is read by, in the order of their files.

    Args:
        place: a contract's file, or a folder of them. Of a folder those count whose format is
            table, and of several databases' those of the source's own domain.
        domain: of the source.
        tables: that are meant, by their names in the source, in the contract or in the lake; all
            where none are given.

    Raises:
        InputError: there are none, or one that is named is missing.
        ContractError: one is wrong.
    """
    if not place.exists():
        raise InputError(f"{place}: there is no such file or folder of contracts")
    files = [place] if place.is_file() else [f for f in files_in([place]) if place in f.parents]
    found = [contract for file in files for contract in read(file) if contract.columns]
    tabled = [contract for contract in found if contract.reading.format == "table"]
    chosen = tabled or found
    own = [contract for contract in chosen if contract.domain == domain]
    chosen = own or chosen
    if not chosen:
        raise InputError(
            f"{place}: has no contract; write them: lakehouse contracts init URL --out {place}"
        )
    if tables:
        wanted = {name.casefold() for name in tables}
        known = {name: contract for contract in chosen for name in _names(contract)}
        if missing := sorted(wanted - known.keys()):
            raise InputError(f"{place}: has no contract of a table {missing[0]}")
        chosen = [contract for contract in chosen if _names(contract) & wanted]
    return [_typed(contract) for contract in chosen]


def _names(contract: Contract) -> set[str]:
    source = contract.source or contract.name
    return {name.casefold() for name in (source, contract.name, contract.table)}


def _typed(contract: Contract) -> Contract:
    """A database says itself what is null, and writes numbers its own way, whatever files do."""
    if contract.reading.format == "table":
        return contract
    return replace(contract, reading=Reading(format="table", null_values=()))
