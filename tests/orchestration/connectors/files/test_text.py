"""Text of any encoding as UTF-8, and what one pass over the bytes tells."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.contract import Reading
from orchestration.connectors.files.text import EVERY_BYTE, Survey, utf8

ENCODINGS = ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "cp037"]


def surveyed(content: bytes, size: int = 3, **reading: str) -> Survey:
    """A survey of bytes that come in blocks of `size`."""
    survey = Survey(Reading(**reading))  # type: ignore[arg-type]
    for at in range(0, len(content), size):
        survey.feed(content[at : at + size])
    return survey


def whole(content: bytes, encoding: str, size: int = 5, end: bytes = b"") -> bytes:
    blocks = []
    with utf8(io.BytesIO(content), encoding, end) as stream:
        while block := stream.read(size):
            assert len(block) <= size
            blocks.append(block)
    return b"".join(blocks)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_of_an_encoding_becomes_utf_8(encoding: str) -> None:
    text = 'name,note\n"Zoë",5"\r\n' * 50
    assert whole(text.encode(encoding), encoding) == text.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_byte_order_mark_is_taken_off(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"  # utf-16 writes its own
    assert whole((mark + "a,b\n1,2").encode(encoding), encoding) == b"a,b\n1,2"


@pytest.mark.parametrize("content", [b"", b"a", b"\xef\xbb", b"\xef\xbb\xbf"])
def test_the_end_comes_behind_the_shortest_text(content: bytes) -> None:
    expected = content.removeprefix(b"\xef\xbb\xbf") + b"\nend\n"
    assert whole(content, "utf-8", 100, b"\nend\n") == expected


@settings(deadline=None)
@given(st.text(), st.sampled_from(ENCODINGS[:5]), st.integers(1, 20))
def test_no_character_is_lost_between_blocks(text: str, encoding: str, size: int) -> None:
    content = text.encode(encoding, "ignore")
    expected = content.decode(encoding).removeprefix("\ufeff")
    assert whole(content, encoding, max(size, 4)) == expected.encode()


def test_bytes_that_are_not_of_the_encoding_are_an_error() -> None:
    with pytest.raises(UnicodeDecodeError):
        whole(b"a\x81b", "cp1252")


@pytest.mark.parametrize(
    ("content", "is_utf8"),
    [
        (b"plain", True),
        ("Zoë €".encode(), True),
        (b"caf\xe9", False),
        ("Zoë €".encode()[:-1], False),
        (b"\xed\xa0\x80", False),
        (b"", True),
    ],
    ids=["ascii", "utf-8", "latin-1", "cut off", "surrogate", "empty"],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_survey_tells_what_is_no_utf_8(content: bytes, is_utf8: bool, size: int) -> None:
    assert surveyed(content, size).encoding == ("utf-8" if is_utf8 else EVERY_BYTE)


@pytest.mark.parametrize("name", ["UTF-8", "utf8", "utf-8-sig", "U8"])
def test_utf_8_has_many_names(name: str) -> None:
    assert surveyed(b"a", encoding=name).encoding == "utf-8"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(("text", "quoted"), [('a,"b', True), ("a,b", False)])
def test_a_survey_finds_a_quote_in_every_encoding(encoding: str, text: str, quoted: bool) -> None:
    assert surveyed(text.encode(encoding), 2, encoding=encoding).quoted == quoted


def test_where_the_contract_has_no_quote_there_is_none() -> None:
    assert not surveyed(b'a,"b', quote="").quoted
