"""Messages of PostgreSQL's pgoutput, protocol version 1, from bytes.

The formats are those of "Logical Replication Message Formats" in PostgreSQL's manual. Integers are
big-endian, texts end in a zero byte, and values are the texts that PostgreSQL writes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

EPOCH = 946_684_800_000_000  # microseconds from 1970 to 2000, from where PostgreSQL counts
_BEGIN = struct.Struct(">xQqI")
_COMMIT = struct.Struct(">xxQQq")
_SHORT, _LONG = struct.Struct(">H"), struct.Struct(">I")


class _Unchanged:
    """A long value that an update left as it was; PostgreSQL does not send it again."""


UNCHANGED: Final = _Unchanged()
Value = str | None | _Unchanged
Row = list[Value]


@dataclass(frozen=True, slots=True)
class Begin:
    """A transaction that was committed.

    Attributes:
        lsn: of its commit.
        xid: its number, the lower 32 bits.
        at: when it was committed, microseconds since 1970.
    """

    lsn: int
    xid: int
    at: int


@dataclass(frozen=True, slots=True)
class Commit:
    """Its end; `end` is the LSN after it."""

    end: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A table as it was when the changes that follow were made.

    Attributes:
        columns: name and type's number of each; generated ones are not sent.
    """

    oid: int
    columns: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An insert (c), update (u) or delete (d).

    Attributes:
        old: the row before; only the columns of the replica identity where that is not FULL.
    """

    operation: str
    oid: int
    old: Row | None
    new: Row | None


@dataclass(frozen=True, slots=True)
class Truncate:
    """Tables that were emptied."""

    oids: tuple[int, ...]


Message = Begin | Commit | Relation | Change | Truncate


def decode(data: bytes) -> Message | None:
    """The message of these bytes; None for those that say nothing of rows (Origin, Type, Message).

    Raises:
        ValueError: they are no such message, or a text in them is not UTF-8.
        struct.error, IndexError: they end too early.
    """
    kind = data[:1]
    if kind in b"IUD" and kind:
        return _change(kind, data)
    if kind == b"B":
        lsn, at, xid = _BEGIN.unpack_from(data)
        return Begin(lsn, xid, at + EPOCH)
    if kind == b"C":
        return Commit(_COMMIT.unpack_from(data)[1])
    if kind == b"R":
        return _relation(data)
    if kind == b"T":
        (count,) = _LONG.unpack_from(data, 1)
        return Truncate(struct.unpack_from(f">{count}I", data, 6))
    if kind in (b"O", b"Y", b"M"):
        return None
    raise ValueError(f"a message of an unknown kind, {kind!r}")


def _relation(data: bytes) -> Relation:
    (oid,) = _LONG.unpack_from(data, 1)
    at = data.index(b"\0", data.index(b"\0", 5) + 1) + 2  # past both names, and the identity
    (count,), at = _SHORT.unpack_from(data, at), at + 2
    columns = []
    for _ in range(count):
        end = data.index(b"\0", at + 1)
        columns.append((data[at + 1 : end].decode(), _LONG.unpack_from(data, end + 1)[0]))
        at = end + 9  # its type and the type's modifier
        if at > len(data):
            raise ValueError("a column that is cut off")
    return Relation(oid, tuple(columns))


def _change(kind: bytes, data: bytes) -> Change:
    (oid,) = _LONG.unpack_from(data, 1)
    rows: dict[bytes, Row] = {}
    at = 5
    while at < len(data):
        part = data[at : at + 1]
        rows[part], at = _row(data, at + 1)
    old, new = rows.get(b"O", rows.get(b"K")), rows.get(b"N")
    if (old is None and kind == b"D") or (new is None and kind != b"D"):
        raise ValueError("a change without its row")
    return Change({b"I": "c", b"U": "u", b"D": "d"}[kind], oid, old, new)


def _row(data: bytes, at: int) -> tuple[Row, int]:
    (count,), at = _SHORT.unpack_from(data, at), at + 2
    row: Row = []
    for _ in range(count):
        kind, at = data[at], at + 1
        if kind == 0x74:  # t, a text
            (size,), at = _LONG.unpack_from(data, at), at + 4
            if at + size > len(data):
                raise ValueError("a value that is cut off")
            row.append(data[at : at + size].decode())
            at += size
        elif kind == 0x6E:  # n, null
            row.append(None)
        elif kind == 0x75:  # u, unchanged
            row.append(UNCHANGED)
        else:
            raise ValueError(f"a value of an unknown kind, {chr(kind)!r}")
    return row, at
