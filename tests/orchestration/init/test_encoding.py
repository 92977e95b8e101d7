from pathlib import Path

import pytest

from orchestration.init import InitError
from orchestration.init.encoding import encoding_of
from orchestration.init.files import SourceFile

GREEK = "Αθήνα είναι η πρωτεύουσα και η μεγαλύτερη πόλη της Ελλάδας. "


def found(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    return encoding_of(SourceFile(path)).name


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b"a,b\n1,2\n", "UTF-8", id="ascii"),
        pytest.param("a\nü\n".encode(), "UTF-8", id="utf-8"),
        pytest.param("a\nü\n".encode("utf-8-sig"), "UTF-8", id="byte-order mark"),
        pytest.param("a\nü\n".encode("utf-16"), "UTF-16", id="utf-16"),
        pytest.param("a\nMüller\n".encode("latin-1"), "ISO-8859-1", id="latin-1"),
        pytest.param("a\n5 € für\n".encode("cp1252"), "windows-1252", id="windows"),
    ],
)
def test_encoding_is_found(tmp_path: Path, content: bytes, name: str) -> None:
    assert found(tmp_path, content) == name


def test_letters_that_are_not_latin_are_read_as_they_were_written(tmp_path: Path) -> None:
    content = (GREEK * 9).encode("iso8859-7")
    assert content.decode(found(tmp_path, content)) == GREEK * 9


def test_a_letter_beyond_ascii_is_found_late_in_a_file(tmp_path: Path) -> None:
    assert found(tmp_path, b"a,b\n" * 500_000 + b"\xfc,1\n") == "ISO-8859-1"


def test_a_letter_cut_by_the_end_of_a_chunk_is_utf8(tmp_path: Path) -> None:
    assert found(tmp_path, b"x" * ((1 << 20) - 1) + "ü\n".encode()) == "UTF-8"


@pytest.mark.parametrize("content", [bytes(range(256)), b"\0\0\0", b"\x01\x02" * 50])
def test_binary_junk_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InitError, match=r"a\.csv: is binary"):
        found(tmp_path, content)


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_empty_files_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InitError, match=r"a\.csv: is empty"):
        found(tmp_path, content)


def test_gzip_without_its_suffix_is_named(tmp_path: Path) -> None:
    with pytest.raises(InitError, match=r"is gzip; name it a\.csv\.gz"):
        found(tmp_path, b"\x1f\x8b123")
