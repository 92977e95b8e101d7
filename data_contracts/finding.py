"""One thing that a check has found in a contract file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from data_contracts.document import Document
    from data_contracts.standard import Path_

PLACED = re.compile(r"(?P<file>.*?):(?P<line>\d+): (?:(?P<key>[^\s:]+): )?(?P<message>.*)")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, for which the contract is refused, or a warning, for which it is not."""

    severity: Literal["fault", "warning"]
    message: str
    line: int | None = None
    key: str | None = None

    @property
    def told(self) -> str:
        """The finding in one line, without its file."""
        return f"{self.key}: {self.message}" if self.key else self.message


def warning(document: Document, path: Path_, message: str) -> Finding:
    """A warning about the place `path`."""
    return Finding("warning", message, document.line(path), document.key(path) or None)


def fault(document: Document, path: Path_, message: str) -> Finding:
    """A fault at the place `path`."""
    return Finding("fault", message, document.line(path), document.key(path) or None)


def faults_of(file: Path, error: Exception) -> list[Finding]:
    """The faults of a file that a ContractError tells, one a line."""
    return [_parsed(line.removeprefix(f"{file}: ")) for line in str(error).splitlines()]


def _parsed(line: str) -> Finding:
    found = PLACED.fullmatch(line)
    if found is None:
        return Finding("fault", line)
    return Finding("fault", found["message"], int(found["line"]), found["key"])
