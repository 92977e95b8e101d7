"""CSV in other encodings, and bytes that are not of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.delivery import DeliveryError
from data_contracts.contract import Reading
from orchestration.connectors.files import csv
from tests.orchestration.connectors.files.reading_help import holding, read_bytes, texts

if TYPE_CHECKING:
    from pathlib import Path

TEXT = 'a,b\nZoë,"5 €,\n6"\n\nx\ny,"∢"\n'
NOT_UTF8 = "the record's bytes are not UTF-8"


@pytest.mark.parametrize("block", [16, 1 << 20])
@pytest.mark.parametrize(
    "encoding", ["UTF-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no BOM", "BOM"])
def test_text_of_every_encoding_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, mark: str, block: int
) -> None:
    monkeypatch.setattr(csv, "BLOCK", block)
    own_mark = encoding in ("utf-8-sig", "utf-16", "utf-32")
    content = ("" if own_mark else mark) + TEXT
    found = read_bytes(
        tmp_path, content.encode(encoding), holding(reading=Reading(encoding=encoding))
    )
    assert found.rows == [(1, {"a": "Zoë", "b": "5 €,\n6"}), (3, {"a": "y", "b": "∢"})]
    assert found.broken_positions == [2]


@pytest.mark.parametrize(
    ("encoding", "word"), [("latin-1", "Zoë"), ("cp1252", "5 €"), ("cp850", "£"), ("cp037", "é")]
)
def test_encodings_of_one_byte(tmp_path: Path, encoding: str, word: str) -> None:
    content = f'a,b\n1,"{word}\n"\n2,{word}\n'.encode(encoding)
    found = read_bytes(tmp_path, content, holding(reading=Reading(encoding=encoding)))
    assert found.values == [("1", f"{word}\n"), ("2", word)]


def test_a_byte_order_mark_before_a_quoted_name(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b'\xef\xbb\xbf"a",b\n1,2\n', holding())
    assert found.rows == [(1, {"a": "1", "b": "2"})]


def test_a_byte_order_mark_before_data(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"\xef\xbb\xbf1,2\n", holding(reading=Reading(header=False)))
    assert found.values == [("1", "2")]


def test_a_file_that_is_not_of_the_contracts_encoding_is_refused(tmp_path: Path) -> None:
    said = r"^is not cp1252: .*; name its encoding in the contract$"
    with pytest.raises(DeliveryError, match=said):
        read_bytes(tmp_path, b"a,b\n1,\x81\n", holding(reading=Reading(encoding="cp1252")))


def test_utf_16_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    content = "a,b\n1,2\n".encode("utf-16")[:-1]
    with pytest.raises(DeliveryError, match=r"is not utf-16"):
        read_bytes(tmp_path, content, holding(reading=Reading(encoding="utf-16")))


@pytest.mark.parametrize("block", [16, 64, 1 << 20])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no BOM", "BOM"])
def test_records_that_are_not_utf_8_are_told_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, mark: bytes
) -> None:
    monkeypatch.setattr(csv, "BLOCK", block)
    lines = [b"a,b", "1,Zoë".encode(), b"2,caf\xe9", b"3,4", b"", b"\xff5,6", "7,€".encode()]
    found = read_bytes(tmp_path, mark + b"\n".join(lines), holding())
    assert found.rows == [
        (1, {"a": "1", "b": "Zoë"}),
        (3, {"a": "3", "b": "4"}),
        (5, {"a": "7", "b": "€"}),
    ]
    assert found.broken == [
        (2, NOT_UTF8, b'"2","caf\xe9"'),
        (4, NOT_UTF8, b'"\xff5","6"'),
    ]


def test_a_ragged_record_that_is_not_utf_8_keeps_its_bytes(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b'a,b\n1,2\ncaf\xe9\n3,"\xff""\xfe"\n4,5\n', holding())
    assert found.positions == [1, 4]
    assert found.broken == [
        (2, "the record has 1 fields, 2 are expected", b"caf\xe9"),
        (3, NOT_UTF8, b'"3","\xff""\xfe"'),
    ]


def test_a_payload_without_quotes_where_the_contract_has_none(tmp_path: Path) -> None:
    reading = Reading(delimiter=";", quote="")
    found = read_bytes(tmp_path, b'a;b\n"\xff;2\n', holding(reading=reading))
    assert found.broken == [(1, NOT_UTF8, b'"\xff;2')]


def test_a_text_that_is_cut_within_a_character_is_told(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"a,b\n1,2\n3,\xe2\x82", holding())
    assert found.positions == [1]
    assert found.broken == [(2, NOT_UTF8, b'"3","\xe2\x82"')]


def test_a_name_that_is_not_utf_8_is_readable_where_it_can_be(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"a,b,caf\xe9\n1,2,3\n", holding())
    assert found.rows == [(1, {"a": "1", "b": "2", "caf\ufffd": "3"})]


def test_one_column_of_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b'a\n"x"\n\xff\ny\n', holding(*texts("a")))
    assert found.rows == [(1, {"a": "x"}), (3, {"a": "y"})]
    assert found.broken == [(2, NOT_UTF8, b'"\xff"')]
