"""Contracts by name, in this project's folder and those of LAKEHOUSE_CONTRACTS, or by path."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from data_contracts.errors import ContractError
from data_contracts.odcs import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from data_contracts.contract import Contract

HOME = Path(__file__).parent
SHOWN = 20
SUFFIXES = (".odcs.yaml", ".odcs.yml")


def find(name: str, folders: Sequence[Path] = ()) -> Contract:
    """The contract that is meant by ``erp.sales_order``, by a path, or by either with ``#schema``.

    Args:
        name: ``<domain>.<schema name>``, a contract's id, or the path of a contract's file.
        folders: where to look beside the working folder's ``data_contracts`` and this project's.

    Raises:
        ContractError: there is none, it has several schema objects, or it is wrong.
    """
    file, schema = locate(name, folders)
    return _only(file, read(file), schema)


def locate(name: str, folders: Sequence[Path] = ()) -> tuple[Path, str]:
    """The file that a name or path means, and the schema object after its ``#``, empty where none.

    Raises:
        ContractError: no file is so named. That a path exists is not looked at.
    """
    place, _, schema = name.partition("#")
    if place.endswith((".yaml", ".yml")) or "/" in place:
        return Path(place), schema
    return _file_named(place, list(files_in(folders))), schema


def files_in(folders: Sequence[Path] = ()) -> Iterator[Path]:
    """Every contract file, ``<folder>/<domain>/<name>.odcs.yaml``, those of `folders` first."""
    seen: set[Path] = set()
    for folder in (*folders, Path.cwd() / "data_contracts", HOME):
        for file in sorted(folder.glob("**/*.odcs.y*ml")):
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _file_named(name: str, files: list[Path]) -> Path:
    """The first file of that name, else the first that says it is its id."""
    for file in files:
        if name_of(file) == name:
            return file
    said = re.compile(rf"""^id:\s*["']?{re.escape(name)}["']?\s*(#.*)?$""", re.MULTILINE)
    for file in files:
        if said.search(file.read_text(encoding="utf-8-sig", errors="replace")):
            return file
    known = sorted({name_of(file) for file in files})
    like = get_close_matches(name, known, n=1)
    hint = f"{like[0]} is meant? " if like else ""
    listed = ", ".join(known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")
    raise ContractError(
        f"there is no contract {name}; {hint}known are {listed or 'none'}. "
        "A file can be given by its path, and LAKEHOUSE_CONTRACTS names further folders"
    )


def name_of(file: Path) -> str:
    """The name of a contract's file: its folder's and its own."""
    stem = file.name
    for suffix in SUFFIXES:
        stem = stem.removesuffix(suffix)
    return f"{file.parent.name}.{stem}"


def chosen(file: Path, contracts: list[Contract], schema: str) -> list[Contract]:
    """The contracts of a file, or the one whose schema object is named.

    Raises:
        ContractError: there is no such schema object.
    """
    found = [contract for contract in contracts if not schema or contract.name == schema]
    if schema and not found:
        names = ", ".join(contract.name for contract in contracts)
        raise ContractError(f"{file}: has no schema object {schema}; it has {names or 'none'}")
    return found


def _only(file: Path, contracts: list[Contract], schema: str) -> Contract:
    found = chosen(file, contracts, schema)
    if not found:
        raise ContractError(f"{file}: has no schema object; add one under schema")
    if len(found) > 1:
        names = ", ".join(contract.name for contract in found)
        raise ContractError(f"{file}: has several schema objects; name one as {file}#NAME: {names}")
    if not found[0].columns:
        raise ContractError(f"{file}: {found[0].name} has no properties; a load needs columns")
    return found[0]
