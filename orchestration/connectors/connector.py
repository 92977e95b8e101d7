"""The one shape of a connector to a system: what it is asked for, and what it gives.

Adding a source is one module that has this shape, and a contract for each of its tables. Gate,
transaction, ledger and change log are the lake's and the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from catalog.delivery import Delivery
    from data_contracts.contract import Contract


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sync asks a connector for.

    Attributes:
        last: the position that the connector gave with the last load in force of this contract and
            origin: the ledger's last word. Empty where there is none.
        full: read everything, whatever was read before.
        since: read what was written from then on, as the source writes it, wherever the last
            position is.
        until: and before then.
        accept: a source's changed schema is as it should be.
        origin: name of the source instance, where a contract is fed by several.
        progress: is told of rows as they come from the source.
    """

    last: Mapping[str, Any] = field(default_factory=dict)
    full: bool = False
    since: str | None = None
    until: str | None = None
    accept: bool = False
    origin: str | None = None
    progress: Callable[[int], None] = lambda _rows: None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a connector has for a contract.

    Attributes:
        delivery: named, with the position that the source is read to with it.
        notes: lines that a person should read.
    """

    delivery: Delivery
    notes: tuple[str, ...] = ()


class Connector(Protocol):
    """A system that is open for reading.

    Attributes:
        shown: its name as it may be stored and shown: without a password.
    """

    shown: str

    def tables(self) -> Sequence[str]:
        """What it has to read, by the names that a contract's `physicalName` gives.

        Raises:
            UnreachableError: it cannot be asked.
        """
        ...

    def has(self, table: str) -> bool:
        """Whether it has a table, or a view, of such a name.

        Raises:
            UnreachableError: it cannot be asked.
        """
        ...

    def reading(self, contract: Contract, asked: Asked) -> AbstractContextManager[Offer]:
        """What is new for a contract; it can be read, again and again, until the block ends.

        Raises:
            DeliveryError: this table cannot be read, or is not what the contract says.
            UnreachableError: nothing of the system can be read any more.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
