"""pgoutput's messages, from the bytes that the manual describes; and cut off ones."""

from __future__ import annotations

import struct

import pytest

from orchestration.connectors.databases.replication_messages import (
    EPOCH,
    UNCHANGED,
    Begin,
    Change,
    Commit,
    Relation,
    Truncate,
    decode,
)
from orchestration.connectors.databases.replication_session import number, text
from orchestration.connectors.databases.replication_spool import _whole

OID = struct.pack(">I", 16_400)


def row(*values: str | None) -> bytes:
    """A tuple; "-" stands for an unchanged value."""
    parts = [
        b"n"
        if value is None
        else b"u"
        if value == "-"
        else b"t" + struct.pack(">I", len(value.encode())) + value.encode()
        for value in values
    ]
    return struct.pack(">H", len(values)) + b"".join(parts)


RELATION = (
    b"R" + OID + b"public\0orders\0d" + struct.pack(">H", 2)
    + b"\1id\0" + struct.pack(">Ii", 23, -1) + b"\0note\0" + struct.pack(">Ii", 25, -1)
)  # fmt: skip
KNOWN = {
    "begin": (b"B" + struct.pack(">QqI", 5, 7, 9), Begin(5, 9, EPOCH + 7)),
    "commit": (b"C\0" + struct.pack(">QQq", 5, 6, 7), Commit(6)),
    "relation": (RELATION, Relation(16_400, (("id", 23), ("note", 25)))),
    "insert": (b"I" + OID + b"N" + row("1", "ü"), Change("c", 16_400, None, ["1", "ü"])),
    "update": (b"U" + OID + b"N" + row("1", "-"), Change("u", 16_400, None, ["1", UNCHANGED])),
    "update of a key": (
        b"U" + OID + b"K" + row("1", None) + b"N" + row("2", ""),
        Change("u", 16_400, ["1", None], ["2", ""]),
    ),
    "update in full": (
        b"U" + OID + b"O" + row("1", "a") + b"N" + row("1", None),
        Change("u", 16_400, ["1", "a"], ["1", None]),
    ),
    "delete": (b"D" + OID + b"K" + row("1", None), Change("d", 16_400, ["1", None], None)),
    "truncate": (b"T" + struct.pack(">IBII", 2, 1, 4, 5), Truncate((4, 5))),
}


@pytest.mark.parametrize(("data", "meant"), KNOWN.values(), ids=KNOWN)
def test_a_message_is_read_as_the_manual_has_it(data: bytes, meant: object) -> None:
    assert decode(data) == meant


@pytest.mark.parametrize("data", [data for data, _ in KNOWN.values()], ids=KNOWN)
def test_a_message_that_is_cut_off_anywhere_is_no_message(data: bytes) -> None:
    for end in range(len(data)):
        with pytest.raises((ValueError, struct.error, IndexError)):
            decode(data[:end])


def test_messages_that_say_nothing_of_rows_are_passed_over_and_unknown_ones_are_not() -> None:
    assert decode(b"O" + bytes(8) + b"name\0") is None
    assert decode(b"Y" + OID + b"public\0mood\0") is None
    with pytest.raises(ValueError, match="unknown kind"):
        decode(b"S")
    with pytest.raises(ValueError, match="codec can't decode"):
        decode(b"I" + OID + b"N" + struct.pack(">H", 1) + b"t" + struct.pack(">I", 1) + b"\xff")


def test_an_lsn_is_a_number_and_back() -> None:
    assert number("16/B374D848") == 0x16_B374D848
    assert text(number("16/B374D848")) == "16/B374D848"
    assert text(number("0/0")) == "0/0"


def test_a_number_of_32_bits_is_of_the_transaction_next_to_the_latest() -> None:
    latest = (3 << 32) + 10
    assert _whole(9, latest) == latest - 1
    assert _whole(11, latest) == latest + 1  # one that began after the look at the latest
    assert _whole(0xFFFFFFFF, latest) == latest - 11
    assert _whole(0, 5) == 0
