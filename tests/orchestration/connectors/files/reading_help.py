"""One file through its reader, without a lake: what it reads, and what it finds broken."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.copies import Copies
from catalog.storage import Folder
from data_contracts.contract import Column, Contract, Reading
from orchestration.connectors.files.deliveries import delivery_of
from orchestration.connectors.files.discover import Input

if TYPE_CHECKING:
    from catalog.delivery import Delivery


@dataclass(slots=True)
class Records:
    """What a reader gave."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)  # by position
    broken: list[tuple[int, str, bytes]] = field(default_factory=list)  # position, reason, payload

    @property
    def values(self) -> list[tuple[Any, ...]]:
        """The fields of each record that is read."""
        return [tuple(row.values()) for _, row in self.rows]

    @property
    def positions(self) -> list[int]:
        return [position for position, _ in self.rows]

    @property
    def broken_positions(self) -> list[int]:
        return [position for position, _, _ in self.broken]


def texts(*names: str) -> tuple[Column, ...]:
    """Columns of text."""
    return tuple(Column(name, name, "string", "VARCHAR") for name in names)


def holding(*columns: Column, reading: Reading | None = None, **says: Any) -> Contract:
    """A contract of these columns (a and b where none are given) with this reading."""
    about: dict[str, Any] = {
        "id": "test.thing",
        "version": "1.0.0",
        "domain": "test",
        "name": "thing",
        "columns": columns or texts("a", "b"),
        "file": Path("thing.odcs.yaml"),
        "digest": "d" * 64,
        "reading": reading or Reading(),
    }
    return Contract(**about | says)


def delivery(path: Path, held_to: Contract, member: str | None = None) -> Delivery:
    """The delivery of a file; its bytes would be kept beside it."""
    return delivery_of(Input(path, member), held_to, Copies(Folder(path.parent)))


def read(path: Path, held_to: Contract, member: str | None = None) -> Records:
    """Every record of a file, in the order in which the reader gives them."""
    found = Records()
    for chunk in delivery(path, held_to, member).read():
        assert chunk.table is None or len(chunk.table) == chunk.rows
        for row in chunk.table.to_pylist() if chunk.table is not None else ():
            found.rows.append((row.pop("_position"), row))
        found.broken += [(b.position, b.reason, b.payload) for b in chunk.broken]
    return found


def read_bytes(folder: Path, content: bytes, held_to: Contract, name: str = "x.csv") -> Records:
    """The records of a file of these bytes."""
    path = folder / name
    path.write_bytes(content)
    return read(path, held_to)
