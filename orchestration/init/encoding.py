"""The encoding of a file's text, from its bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import charset_normalizer

from orchestration.init.errors import InitError

if TYPE_CHECKING:
    from orchestration.init.files import SourceFile

CHUNK = 1 << 20
LOOKED_AT = 16 * CHUNK  # of each file: a letter beyond ASCII may come late
FOREIGN_LETTERS = 0.25  # from this share on, a text is not of Latin letters with some accents
ENOUGH = 100  # letters beyond ASCII from which on a guess among all encodings is better than Latin
NAMES = {"latin_1": "ISO-8859-1", "utf_8": "UTF-8", "gb18030": "GB18030", "big5": "Big5"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding, as a contract names it, and how it was found."""

    name: str
    sure: bool = True
    is_ascii: bool = False  # so that any encoding that extends ASCII would do


def encoding_of(file: SourceFile) -> Encoding:
    """The encoding of a text file.

    Raises:
        InitError: the file is empty, or is no text.
    """
    decoder, odd, is_ascii = codecs.getincrementaldecoder("utf-8")(), b"", True
    looked_at, head = 0, b""
    with file.open() as stream:
        while looked_at < LOOKED_AT and (chunk := stream.read(CHUNK)):
            head = head or chunk
            looked_at += len(chunk)
            if marked := _marked(file, head):
                return marked
            is_ascii = is_ascii and chunk.isascii()
            if not odd and not _decodes(decoder, chunk):
                odd = chunk
            if odd:
                break
    if not head.strip():
        raise InitError(f"{file.name}: is empty; give a file with rows")
    return _guessed(odd) if odd else Encoding("UTF-8", is_ascii=is_ascii)


def _marked(file: SourceFile, head: bytes) -> Encoding | None:
    """What a byte-order mark says, or zeros between letters; binary junk is refused."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Encoding("UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("UTF-16")
    if head.startswith(b"PK\x03\x04"):
        raise InitError(f"{file.name}: is a zip; name it {file.inner.name}.zip")
    for name, zeros in (("UTF-16LE", head[1::2]), ("UTF-16BE", head[::2])):
        # Of Latin letters and marks every other byte is zero, and never both of one character.
        if zeros.count(0) > len(head) / 4 and zeros.count(0) == head.count(0):
            return Encoding(name, sure=False)
    if head.startswith(b"\x1f\x8b"):
        raise InitError(f"{file.name}: is gzip; name it {file.inner.name}.gz")
    controls = len(re.findall(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", head))
    if b"\0" in head or controls > len(head) / 50:
        raise InitError(f"{file.name}: is binary, no text; give it as CSV, JSON, Excel or Parquet")
    return None


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _guessed(chunk: bytes) -> Encoding:
    lines = [line for line in chunk.splitlines() if not line.isascii()][:500]
    text = b"\n".join(lines)
    letters = len(re.findall(rb"[A-Za-z\x80-\xff]", text))
    high = len(re.findall(rb"[\x80-\xff]", text))
    if sum(map(_is_utf8, lines)) >= len(lines) / 2:
        return Encoding("UTF-8", sure=False)  # letters of it by chance are rare: the others are odd
    if high >= ENOUGH and high > FOREIGN_LETTERS * letters:
        found = charset_normalizer.from_bytes(text).best()
        if found and not found.encoding.startswith("utf"):
            return Encoding(_iana(found.encoding), sure=False)
    windows = re.search(rb"[\x80-\x9f]", text) and not re.search(rb"[\x81\x8d\x8f\x90\x9d]", text)
    return Encoding("windows-1252" if windows else "ISO-8859-1", sure=False)


def _is_utf8(line: bytes) -> bool:
    try:
        return bool(line.decode())
    except UnicodeDecodeError:
        return False


def _iana(codec: str) -> str:
    """The name that people write for one of Python's codecs."""
    name = NAMES.get(codec, codec.replace("_", "-"))
    return re.sub("^iso8859-", "ISO-8859-", re.sub("^cp125", "windows-125", name))
