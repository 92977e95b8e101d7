"""JSON: records a line or in one array, numbered as they stand, read or told broken."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from catalog.delivery import DeliveryError
from data_contracts.contract import Reading
from orchestration.connectors.files import json as reader
from orchestration.connectors.files import json_file
from tests.orchestration.connectors.files.reading_help import holding, read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.orchestration.connectors.files.reading_help import Records

LINES, ARRAY = Reading(format="ndjson"), Reading(format="json")


def records(folder: Path, content: bytes, reading: Reading = LINES, name: str = "x") -> Records:
    return read_bytes(folder, content, holding(reading=reading), name)


def texts_of(found: Records) -> list[tuple[int, str]]:
    """The records' own texts."""
    return [(position, row["_raw"]) for position, row in found.rows]


def test_every_line_is_a_record_and_blank_ones_are_none(tmp_path: Path) -> None:
    found = records(tmp_path, b'\n{"a":1}\n \t\n\r\n{"a":2}\r\n\n{"a":3}')
    assert [(at, json.loads(raw)) for at, raw in texts_of(found)] == [
        (1, {"a": 1}),
        (2, {"a": 2}),
        (3, {"a": 3}),
    ]


@pytest.mark.parametrize("block", [1, 2, 7, 64])
def test_lines_are_numbered_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(json_file, "BLOCK", block)
    lines = [json.dumps({"a": "x" * (at % 9), "b": at}) for at in range(1, 101)]
    found = records(tmp_path, "\n\n".join(lines).encode())
    assert texts_of(found) == list(enumerate(lines, 1))


def test_lines_that_are_not_utf_8_are_told_from_the_others(tmp_path: Path) -> None:
    found = records(tmp_path, b'{"a":"1"}\n{"a":"\xff"}\n\n{"a":"\xc3\xa9"}\n')
    assert found.positions == [1, 3]
    assert found.broken == [(2, "the record's bytes are not UTF-8", b'{"a":"\xff"}')]


def test_an_empty_file_of_lines_has_no_records(tmp_path: Path) -> None:
    assert records(tmp_path, b"").rows == []
    assert records(tmp_path, b"\n \n").rows == []


def test_a_line_that_is_longer_than_any_record_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_file, "BLOCK", 100)
    monkeypatch.setattr(reader, "LONGEST", 1000)
    content = b'{"a":1}\n' * 50 + b'{"a":"' + b"x" * 2000
    with pytest.raises(DeliveryError, match=r"^the record after 50 is longer than 0 MB$"):
        records(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}]),
        (b' \n[\n {"a": 1},\n {"a":\n2}\n]\n\n', [{"a": 1}, {"a": 2}]),
        (b"[]", []),
        (b'{"a":1}', [{"a": 1}]),
        (b'{\n"a": {"b": [1, 2]}\n}\n', [{"a": {"b": [1, 2]}}]),
        (b'{"a":1}\n{"a":2}\n', [{"a": 1}, {"a": 2}]),
        (b'[1,"two",null,[3],{"a":4}]', [1, "two", None, [3], {"a": 4}]),
        ('[{"a":"Zoë"}]'.encode(), [{"a": "Zoë"}]),
    ],
)
def test_the_elements_of_an_array_are_records(
    tmp_path: Path, content: bytes, expected: list[Any]
) -> None:
    found = records(tmp_path, content, ARRAY)
    assert [(at, json.loads(raw)) for at, raw in texts_of(found)] == list(enumerate(expected, 1))


def test_elements_are_numbered_across_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "ROWS", 1000)
    expected = [{"a": at} for at in range(1, 5001)]
    found = records(tmp_path, json.dumps(expected).encode(), ARRAY)
    assert [(at, json.loads(raw)) for at, raw in texts_of(found)] == list(enumerate(expected, 1))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty: an array or an object is meant"),
        (b" \n", "is empty: an array or an object is meant"),
        (b"plain text", "is no JSON after record 0: "),
        (b'[{"a":1},', "is cut off: its array has no end"),
        (b'[{"a":1},{"a":', "is cut off: its array has no end"),
        (b'[{"a":1}', "is cut off: its array has no end"),
        (b'[{"a":1},{"a":]', "is no JSON after record 0: "),
        (b'[{"a":1}] and more', "is cut off: its array has no end"),
        (b'[{"a":1}][', "is cut off: its array has no end"),
        (b'[{"a":1}][]', "is no JSON after record 0: "),
        (b'[{"a":1} {"a":2}]', "is no JSON after record 0: "),
        (b'[{"a":"\xff"}]', "is no JSON after record 0: "),
        (b'{"a":1', "is no JSON after record 0: "),
    ],
)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(DeliveryError, match=f"^{reason}"):
        records(tmp_path, content, ARRAY)


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-16", "utf-16-le", "latin-1"])
@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_text_of_the_contracts_encoding_is_read(tmp_path: Path, encoding: str, form: str) -> None:
    mark = "\ufeff" if encoding in ("UTF-8", "utf-16-le") else ""
    text = '{"a":"Zoë"}\n' if form == "ndjson" else '[{"a":"Zoë"}]'
    reading = Reading(format=form, encoding=encoding)  # type: ignore[arg-type]
    found = records(tmp_path, (mark + text).encode(encoding), reading)
    assert texts_of(found) == [(1, '{"a":"Zoë"}')]


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_text_of_another_encoding_is_refused(tmp_path: Path, form: str) -> None:
    reading = Reading(format=form, encoding="cp1252")  # type: ignore[arg-type]
    with pytest.raises(DeliveryError, match=r"^is not cp1252: .*; name its encoding"):
        records(tmp_path, b'[{"a":"\x81"}]', reading)


@pytest.mark.parametrize("name", ["x[1].json", "x*.json", "it's.json", "x{a,b}.json", "x.json.gz"])
def test_any_name_of_a_file_is_only_a_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "x1.json").write_bytes(b'[{"a":"another"}]')
    content = b'[{"a":1}]'
    packed = gzip.compress(content) if name.endswith(".gz") else content
    assert texts_of(records(tmp_path, packed, ARRAY, name)) == [(1, '{"a":1}')]
