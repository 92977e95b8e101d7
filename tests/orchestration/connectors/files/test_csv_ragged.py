"""Records that do not have the columns of the first: told with their number, never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.delivery import DeliveryError
from data_contracts.contract import Reading
from orchestration.connectors.files import csv
from tests.orchestration.connectors.files.reading_help import holding, read_bytes, texts

if TYPE_CHECKING:
    from pathlib import Path


def test_a_ragged_record_is_broken_with_its_number_and_its_bytes(tmp_path: Path) -> None:
    content = b'a,b\n1,2\n3\n\n4,5,"six\nseven",\n8,9\n'
    found = read_bytes(tmp_path, content, holding())
    assert found.rows == [(1, {"a": "1", "b": "2"}), (4, {"a": "8", "b": "9"})]
    assert found.broken == [
        (2, "the record has 1 fields, 2 are expected", b"3"),
        (3, "the record has 4 fields, 2 are expected", b'4,5,"six\nseven",'),
    ]


@pytest.mark.parametrize("block", [8, 16, 24, 100, 1 << 20])
@pytest.mark.parametrize("quote", ["", '"'], ids=["plain", "quoted"])
def test_numbers_are_right_before_and_after_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, quote: str
) -> None:
    monkeypatch.setattr(csv, "BLOCK", block)
    ragged = {1, 2, 7, 8, 9, 50, 51, 98, 99, 100}
    lines = [f"{at}" if at in ragged else f"{at},{quote}{at * 2}{quote}" for at in range(1, 101)]
    content = "\n\n".join(["a,b", *lines]).encode()
    found = read_bytes(tmp_path, content, holding())
    assert found.rows == [
        (at, {"a": f"{at}", "b": f"{at * 2}"}) for at in range(1, 101) if at not in ragged
    ]
    assert [(position, payload) for position, _, payload in found.broken] == [
        (at, f"{at}".encode()) for at in sorted(ragged)
    ]


def test_a_file_of_nothing_but_ragged_records_is_read(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"a,b\n1\n2,3,4\n", holding())
    assert not found.rows
    assert found.broken_positions == [1, 2]


def test_without_a_header_the_first_record_says_how_many_fields(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"1\n2,3\n4\n", holding(reading=Reading(header=False)))
    assert found.rows == [(1, {"a": "1"}), (3, {"a": "4"})]
    assert found.broken == [(2, "the record has 2 fields, 1 are expected", b"2,3")]


@pytest.mark.parametrize(
    ("content", "record"),
    [
        (b'a,b\n1,2\n3,"never closed', 2),
        (b'a,b\n1,2\n3,"never closed\n', 2),
        (b'a,b\n1,2\n3,"never closed\n4,5\n6,7\n', 2),
        (b'a,b\n1,2\n"never\n', 2),
        (b'a,b\n1,2\n3,"x",4,"never', 2),
        (b'a,b\n1,2\n3,"closed"" not\n', 2),
        (b'a,b\n1,"5"" and""\n', 1),
        (b'a,b\n1,5" pipe\n2,"never\n', 2),
        (b'a,"b\n1,2\n', 0),
        (b'"a,b\n', 0),
        (b'"",b\n"', 1),
    ],
)
def test_a_quote_that_is_never_closed_is_refused(
    tmp_path: Path, content: bytes, record: int
) -> None:
    which = f"in record {record} " if record else ""
    with pytest.raises(DeliveryError, match=f"a quote opened {which}.*is never closed"):
        read_bytes(tmp_path, content, holding())


def test_in_a_file_of_one_column_a_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"a quote opened in record 2 is never closed"):
        read_bytes(tmp_path, b'a\n1\n"2\n3\n', holding(*texts("a")))


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-16-be"])
def test_a_quote_that_is_never_closed_is_refused_in_every_encoding(
    tmp_path: Path, encoding: str
) -> None:
    content = 'a,b\n∢1,2\n3,"never\n' if "16" in encoding else 'a,b\n1,2\n3,"never\n'
    with pytest.raises(DeliveryError, match=r"a quote opened in record 2 is never closed"):
        read_bytes(tmp_path, content.encode(encoding), holding(reading=Reading(encoding=encoding)))


@pytest.mark.parametrize(
    "content",
    [
        b'a,b\n1,5" pipe\n',
        b'a,b\n1,5" pipe\n2,"two\nlines"\n',
        b'a,b\n1,"two\nlines"\n2,5"\n',
        b'a,b\n1,"two\n5"" lines"',
        b'a,b\n1,5" and "more" and "\n',
    ],
)
def test_quotes_within_fields_open_nothing(tmp_path: Path, content: bytes) -> None:
    found = read_bytes(tmp_path, content, holding())
    assert not found.broken
    assert found.rows
