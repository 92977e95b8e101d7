"""Contract files held against the standard, against our reading of it, and against DuckDB."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from data_contracts.binding import binding_faults
from data_contracts.document import Document
from data_contracts.errors import ContractError
from data_contracts.find import files_in, locate
from data_contracts.finding import Finding, faults_of
from data_contracts.linter import lint
from data_contracts.notes import notes
from data_contracts.odcs import contracts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from data_contracts.contract import Contract
    from data_contracts.notes import LooksPersonal

KIND = re.compile(r"""^["']?kind["']?:\s*["']?DataContract\b""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and what was found in it."""

    file: Path
    contracts: tuple[Contract, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def faults(self) -> tuple[Finding, ...]:
        """For what it is refused."""
        return tuple(found for found in self.findings if found.severity == "fault")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is worth a second look."""
        return tuple(found for found in self.findings if found.severity == "warning")

    @property
    def accepted(self) -> bool:
        """Whether the contract can be used."""
        return not self.faults


def check(file: Path, looks_personal: LooksPersonal | None = None) -> Checked:
    """Check one file; nothing is raised for what is wrong with it."""
    try:
        document = Document(file)
        contracts = contracts_of(document)
    except ContractError as error:
        return Checked(file, (), tuple(faults_of(file, error)))
    found = [
        fault
        for at, contract in enumerate(contracts)
        for fault in binding_faults(document, contract, ("schema", at))
    ]
    found += [*notes(document, contracts, looks_personal), *lint(document)]
    return Checked(file, tuple(contracts), tuple(found))


def check_all(
    files: Iterable[Path], looks_personal: LooksPersonal | None = None
) -> Iterator[Checked]:
    """Check files, each as soon as it is asked for, also for two that mean one table."""
    tables: dict[str, Path] = {}
    for file in files:
        checked = check(file, looks_personal)
        shared = [c for c in checked.contracts if c.table in tables]
        said = [
            Finding("warning", f"bronze.{c.table} is also the table of {tables[c.table]}")
            for c in shared
        ]
        tables |= {c.table: file for c in checked.contracts if c.table not in tables}
        yield replace(checked, findings=(*checked.findings, *said))


def files_meant(places: Sequence[str], folders: Sequence[Path] = ()) -> list[Path]:
    """The contract files that names, paths and folders mean; every one that is known where none.

    Of a folder's YAML files those that end in ``.odcs.yaml`` and those that say ``kind:
    DataContract``.

    Raises:
        ContractError: a name means no contract, or a folder holds none.
    """
    if not places:
        return list(files_in(folders))
    found: list[Path] = []
    for place in places:
        if Path(place).is_dir():
            inside = [file for file in sorted(Path(place).rglob("*.y*ml")) if _is_contract(file)]
            if not inside:
                raise ContractError(f"{place}: holds no contract; their files end in .odcs.yaml")
            found += inside
        else:
            found.append(locate(place, folders)[0])
    return list(dict.fromkeys(found))


def _is_contract(file: Path) -> bool:
    if file.name.endswith((".odcs.yaml", ".odcs.yml")):
        return True
    text = file.read_text(encoding="utf-8", errors="replace")
    return file.suffix in (".yaml", ".yml") and KIND.search(text) is not None
