"""Two contract files held against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_contracts.diff import by_weight, diff_files, version_advice
from data_contracts.document import Document
from data_contracts.find import chosen, locate
from data_contracts.odcs import contracts_of
from data_contracts.other_changes import other_changes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data_contracts.change import Change


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two."""

    id: str
    version: str
    file: Path


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from the old contract to the new one."""

    old: Side
    new: Side
    changes: tuple[Change, ...]
    advice: str | None  # on the new version

    @property
    def is_breaking(self) -> bool:
        """Whether a change breaks anybody."""
        return any(change.is_breaking for change in self.changes)


def compare(old: str, new: str, folders: Sequence[Path] = ()) -> Comparison:
    """Compare two contracts, each a name or a path, either with ``#schema``.

    Raises:
        ContractError: one is not found, or is wrong.
    """
    (old_file, old_schema), (new_file, new_schema) = (locate(name, folders) for name in (old, new))
    before, after = Document(old_file), Document(new_file)
    changes = diff_files(
        chosen(old_file, contracts_of(before), old_schema),
        chosen(new_file, contracts_of(after), new_schema),
    )
    if not old_schema and not new_schema:
        changes = by_weight([*changes, *other_changes(before, after)])
    sides = [
        Side(str(found.data["id"]), str(found.data["version"]), found.file)
        for found in (before, after)
    ]
    advice = version_advice(sides[0].version, sides[1].version, changes)
    return Comparison(sides[0], sides[1], tuple(changes), advice)
