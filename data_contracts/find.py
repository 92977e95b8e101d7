"""Contracts by name: in this project's folder, in those of LAKEHOUSE_CONTRACTS, or given as a path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from data_contracts.errors import ContractError
from data_contracts.odcs import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from data_contracts.contract import Contract

HOME = Path(__file__).parent
SUFFIXES = (".odcs.yaml", ".odcs.yml")


def find(name: str, folders: Sequence[Path] = ()) -> Contract:
    """The contract that is meant by ``erp.sales_order``, by a path, or by either with ``#schema``.

    Args:
        name: ``<domain>.<schema name>``, a contract's id, or the path of a contract's file.
        folders: where to look beside the working folder's ``data_contracts`` and this project's.

    Raises:
        ContractError: there is none, there are several, or it is wrong.
    """
    place, _, schema = name.partition("#")
    if place.endswith((".yaml", ".yml")) or "/" in place:
        return _only(Path(place), read(Path(place)), schema)
    files = list(_files_named(place, folders))
    if not files:
        known = sorted({_name(file) for file in files_in(folders)})
        raise ContractError(
            f"there is no contract {place}; known are {', '.join(known[:20]) or 'none'}. "
            "A file can be given by its path, and LAKEHOUSE_CONTRACTS names further folders"
        )
    return _only(files[0], read(files[0]), schema)


def files_in(folders: Sequence[Path] = ()) -> Iterator[Path]:
    """Every contract file, those of `folders` first, each ``<folder>/<domain>/<name>.odcs.yaml``."""
    seen: set[Path] = set()
    for folder in (*folders, Path.cwd() / "data_contracts", HOME):
        for file in sorted(folder.glob("**/*.odcs.y*ml")):
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _files_named(name: str, folders: Sequence[Path]) -> Iterator[Path]:
    for file in files_in(folders):
        if _name(file) == name:
            yield file


def _name(file: Path) -> str:
    stem = file.name
    for suffix in SUFFIXES:
        stem = stem.removesuffix(suffix)
    return f"{file.parent.name}.{stem}"


def _only(file: Path, contracts: list[Contract], schema: str) -> Contract:
    if schema:
        contracts = [contract for contract in contracts if contract.name == schema]
    if not contracts:
        raise ContractError(f"{file}: has no schema object {schema}".rstrip() + "; add one under schema")
    if len(contracts) > 1:
        names = ", ".join(contract.name for contract in contracts)
        raise ContractError(f"{file}: has several schema objects; name one as {file}#NAME: {names}")
    if not contracts[0].columns:
        raise ContractError(f"{file}: {contracts[0].name} has no properties; a load needs columns")
    return contracts[0]
