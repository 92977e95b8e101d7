"""CSV: every field as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.delivery import DeliveryError
from data_contracts.contract import Reading
from orchestration.connectors.files import csv, cut
from tests.orchestration.connectors.files.reading_help import holding, read_bytes, texts

if TYPE_CHECKING:
    from pathlib import Path

HEADLESS = Reading(header=False)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b'"1","2"', ("1", "2")),
        (b'1,"two, too"', ("1", "two, too")),
        (b'1,"say ""hi"""', ("1", 'say "hi"')),
        (b'1,""""', ("1", '"')),
        (b'"",""', ("", "")),
        (b'1,"two\nlines"', ("1", "two\nlines")),
        (b'1,"two\r\nlines"', ("1", "two\r\nlines")),
        (b'1,"an\n\nempty one"', ("1", "an\n\nempty one")),
        (b'1,5" pipe', ("1", '5" pipe')),
        (b'1,say "hi"', ("1", 'say "hi"')),
        (b'1,"a"b"c', ("1", 'ab"c')),
        (b" 1 , 2 ", (" 1 ", " 2 ")),
        (b"NULL,NaN", ("NULL", "NaN")),
        (b"007,1e5", ("007", "1e5")),
        (b"true,2024-01-31", ("true", "2024-01-31")),
        (b"a\0b,\t", ("a\0b", "\t")),
        ("Zoë,€".encode(), ("Zoë", "€")),
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b""], ids=["LF", "CRLF", "CR", "none"])
def test_a_field_is_the_text_that_is_written(
    tmp_path: Path, written: bytes, expected: tuple[str, str], end: bytes
) -> None:
    content = (end or b"\n").join([b"a,b", written]) + end
    found = read_bytes(tmp_path, content, holding())
    assert found.rows == [(1, {"a": expected[0], "b": expected[1]})]
    assert not found.broken


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\r\n", "\n\r"])
def test_a_quoted_line_break_between_two_blocks_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(csv, "BLOCK", 64)
    for length in range(64):
        value = f"{'x' * length}{end}y"
        content = f'a,b\r\n1,"{value}"\r\n2,z\r\n'.encode()
        assert read_bytes(tmp_path, content, holding()).values == [("1", value), ("2", "z")]


def test_other_marks_are_the_contracts(tmp_path: Path) -> None:
    reading = Reading(delimiter=";", quote="'")
    found = read_bytes(tmp_path, b"a;b\n'x;''y';\"z,\"\n", holding(reading=reading))
    assert found.values == [("x;'y", '"z,"')]


@pytest.mark.parametrize("delimiter", ["\t", "|", " ", "^"])
def test_any_single_character_parts_fields(tmp_path: Path, delimiter: str) -> None:
    content = f"a{delimiter}b\n1,0{delimiter}2\n".encode()
    found = read_bytes(tmp_path, content, holding(reading=Reading(delimiter=delimiter)))
    assert found.values == [("1,0", "2")]


def test_an_escape_is_taken_off_what_it_stands_before(tmp_path: Path) -> None:
    content = b'a,b\n"say \\"hi\\"","x ""y"" \\\\"\n"two\\\nlines, \\"2\\"",z\n1\\,5,w\n'
    found = read_bytes(tmp_path, content, holding(reading=Reading(escape="\\")))
    assert found.values == [('say "hi"', 'x "y" \\'), ('two\nlines, "2"', "z"), ("1,5", "w")]
    with pytest.raises(DeliveryError, match=r"quote opened .* is never closed"):
        read_bytes(tmp_path, b'a,b\n1,"C:\\"\n', holding(reading=Reading(escape="\\")))


def test_without_a_quote_in_the_contract_a_quote_is_text(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b'a,b\n"1,2"\n', holding(reading=Reading(quote="")))
    assert found.values == [('"1', '2"')]


def test_blank_lines_are_not_counted(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"\n\na,b\n\n1,2\n\r\n\n3,4\n\n\n", holding())
    assert found.rows == [(1, {"a": "1", "b": "2"}), (2, {"a": "3", "b": "4"})]


def test_a_line_of_blanks_is_a_record(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"a\n \n\n\t\n", holding(*texts("a")))
    assert found.rows == [(1, {"a": " "}), (2, {"a": "\t"})]


def test_an_empty_quoted_field_on_a_line_of_its_own_is_a_record(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b'a\n""\nx\n', holding(*texts("a")))
    assert found.rows == [(1, {"a": ""}), (2, {"a": "x"})]


@pytest.mark.parametrize("content", [b"a,b\n", b"a,b", b'"a","b"\r\n', b"\n\na,b\n\n"])
def test_a_header_alone_is_a_file_without_records(tmp_path: Path, content: bytes) -> None:
    found = read_bytes(tmp_path, content, holding())
    assert not found.rows
    assert not found.broken


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\r\n"])
def test_a_file_without_its_header_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DeliveryError, match=r"header"):
        read_bytes(tmp_path, content, holding())


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\r\n"])
def test_a_file_that_has_no_header_may_have_no_records(tmp_path: Path, content: bytes) -> None:
    assert read_bytes(tmp_path, content, holding(reading=HEADLESS)).rows == []


def test_without_a_header_columns_are_in_the_contracts_order(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"1,2\n3,4\n", holding(reading=HEADLESS))
    assert found.rows == [(1, {"a": "1", "b": "2"}), (2, {"a": "3", "b": "4"})]


def test_without_a_header_further_columns_are_named_by_their_place(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"1,2,x,\n3,4,,\n", holding(reading=HEADLESS))
    assert found.values == [("1", "2", "x"), ("3", "4", "")]
    assert list(found.rows[0][1]) == ["a", "b", "column_3"]


def test_a_column_without_name_and_text_is_none(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"a,b,, \n1,2,,x\n3,4,,\n", holding())
    assert found.rows == [
        (1, {"a": "1", "b": "2", "column_4": "x"}),
        (2, {"a": "3", "b": "4", "column_4": ""}),
    ]


def test_lines_before_the_header_are_skipped_whatever_they_hold(tmp_path: Path) -> None:
    content = b'report "A"\n\nof,three,fields\na,b\n1,2\n\n3\n4,5\n'
    found = read_bytes(tmp_path, content, holding(reading=Reading(skip_lines=3)))
    assert found.rows == [(1, {"a": "1", "b": "2"}), (3, {"a": "4", "b": "5"})]
    assert found.broken_positions == [2]


@pytest.mark.parametrize("content", [b"x\n", b"x\ny\n", b'"x"\ny\n'])
def test_a_file_of_nothing_but_skipped_lines_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DeliveryError, match=r"has no "):
        read_bytes(tmp_path, content, holding(reading=Reading(skip_lines=2)))


def test_a_record_longer_than_a_block_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv, "BLOCK", 64)
    long = "x" * 500
    rows = "".join(f"{at},y\n" for at in range(1, 51))
    found = read_bytes(tmp_path, f"a,b\n{rows}1\n{long},z\n8,9\n".encode(), holding())
    assert found.positions == [*range(1, 51), 52, 53]
    assert found.values[-2:] == [(long, "z"), ("8", "9")]
    assert found.broken_positions == [51]


def test_a_header_longer_than_a_block_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv, "BLOCK", 8)
    content = b"a,b," + b"c" * 100 + b"\n1,2,3\n"
    assert read_bytes(tmp_path, content, holding()).values == [("1", "2", "3")]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_record_longer_than_the_largest_block_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quote: str
) -> None:
    monkeypatch.setattr(csv, "BLOCK", 32)
    monkeypatch.setattr(csv, "LARGE_BLOCK", 1 << 10)
    content = f"a,b\n1,2\n3,{quote}{'x' * 3000}{quote}\n".encode()
    with pytest.raises(DeliveryError, match=r"^a record after 1 is longer than 0 MB; is a quote"):
        read_bytes(tmp_path, content, holding())


def test_too_many_columns_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ",".join(f"c{at}" for at in range(cut.MOST_COLUMNS + 1))
    with pytest.raises(DeliveryError, match=r"has 4097 columns; 4096 are read at most"):
        read_bytes(tmp_path, f"{names}\n".encode(), holding())
