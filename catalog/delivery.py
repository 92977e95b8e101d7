"""What a connector hands to the lake: one delivery, named, in chunks of columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    import pyarrow as pa


class DeliveryError(Exception):
    """A delivery cannot be read, or breaks a rule of the whole; nothing of it is loaded."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that has no columns to gate (too many fields, say); it is quarantined as it is."""

    position: int
    reason: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a delivery.

    Attributes:
        rows: records in `table` or `scan`; None where only who reads that scan knows.
        table: Arrow columns, one of them `_position` (int64, 1-based record).
        scan: or SQL of a relation with such columns, which is read when it is needed.
        columns: SQL of the source's columns over those of `table`, where they are not as they are.
            It may yield `_fault` (why a record cannot be read, else null), `_raw` (the record's
            own text) and `_rest` (JSON of what the contract does not name).
        over: SQL of the relation that `columns` are of, with all that is in `chunk`, the table.
        broken: further records, beside `rows`.
    """

    rows: int | None
    table: pa.Table | None = None
    scan: str | None = None
    columns: str | None = None
    over: str = "chunk"
    broken: tuple[Broken, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One input: a file, a member of a zip, later a table's sync or a micro-batch.

    Attributes:
        source: where it came from, `_source` of its rows.
        key: what it is a delivery of; other content under the same key is a redelivery.
        content_hash: SHA-256 of its bytes, unpacked; and what its path gives to columns
            (``<hash>&day=20140501``), since the same bytes under another day are other rows.
        size: of its bytes, unpacked; small deliveries share commits.
        read: yields its chunks; called again where its transaction is tried again.
        groups: values of the groups of its path.
        origin: name of the source instance that it is of, `_origin` of its rows, where a contract
            is fed by several; part of every key.
        place: what orders it among the deliveries of its table, as text; None is its arrival.
        covers: the first and last day that it is the whole of, where its path says so.
        whole: keys that it does not hold are deleted, whatever the contract's load semantics.
        keys: yields the keys that the source has now, in columns named as the contract's key; what
            is not among them is deleted. None deletes nothing by them.
        position: how far the source is read with it, as JSON; kept in the ledger's transaction.
        distinct: no two rows of it have one key, as the source itself sees to.
        reread: is told why it could not be loaded, before it is given up: what to say of that, or
            None where `read` yields it in another way from now on.
        keep: keeps the delivery's own bytes, where the contract wants that.
    """

    source: str
    key: str
    content_hash: str
    size: int
    read: Callable[[], Iterator[Chunk]]
    groups: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None
    place: str | None = None
    covers: tuple[date, date] | None = None
    whole: bool = False
    keys: Callable[[], Iterator[pa.RecordBatch]] | None = None
    position: str | None = None
    distinct: bool = False
    reread: Callable[[str], str | None] | None = None
    keep: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery.

    Attributes:
        loaded: rows written; read = loaded + quarantined + unchanged.
        unchanged: rows that were in the table already, where the contract loads changes.
        deleted: rows that left the table since the delivery does not hold them; outside read.
    """

    source: str
    status: str  # loaded, already_loaded, failed
    batch: int | None = None
    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    unchanged: int = 0
    deleted: int = 0
    replaced: tuple[int, ...] = ()
    reason: str | None = None
    notes: tuple[str, ...] = ()
