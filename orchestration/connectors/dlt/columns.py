"""The columns of a resource, and what is not as it was when it was last read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.connectors.drift import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data_contracts.contract import Contract
    from orchestration.connectors.connector import Asked


@dataclass(frozen=True, slots=True)
class Columns:
    """Names and types.

    Attributes:
        is_typed: they are those of tables. Of records they are the keys that were seen, since a
            record may leave out what is null.
    """

    types: Mapping[str, str]
    is_typed: bool

    def known(self, asked: Asked) -> dict[str, str]:
        """Those to compare with the next time."""
        before: dict[str, str] = asked.last.get("columns") or {}
        return dict(self.types) if self.is_typed and self.types else {**before, **self.types}

    def told(self, contract: Contract, asked: Asked) -> tuple[str, ...]:
        """A line on what changed.

        Raises:
            DeliveryError: a column that the contract names is gone from tables: all would be null.
        """
        named = {column.source.strip().casefold() for column in contract.columns}
        before = {
            name: type_
            for name, type_ in (asked.last.get("columns") or {}).items()
            if name in self.types or self.is_typed or name.strip().casefold() in named
        }
        # Records that do not hold a field say nothing of it.
        return told(contract, before, self.types, "table", go_on=asked.accept or not self.is_typed)
