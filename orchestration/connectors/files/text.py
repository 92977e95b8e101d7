"""The bytes of a text file: what they are, and a stream of them as UTF-8."""

from __future__ import annotations

import codecs
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Reading

BOM = codecs.BOM_UTF8
LONGEST_CHARACTER = 4  # bytes of UTF-8 for a byte of another encoding, at most
EVERY_BYTE = "latin-1"  # an encoding in which any byte is a character, and can be taken back


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""


class Survey:
    """What one pass over the bytes of a file tells of them.

    Attributes:
        quoted: whether there is a quote anywhere, so that a line may be part of a record.
    """

    def __init__(self, reading: Reading) -> None:
        """Look for the reading's quote, and for bytes that are not UTF-8 where they should be."""
        quote = reading.quote.encode(reading.encoding, "ignore")
        # Of an encoding with more than one byte a character the byte that is ASCII's is enough.
        self._quote = quote if len(quote) == 1 else reading.quote.encode()
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._encoding = encoding_of(reading)
        self._bad = False
        self.quoted = False

    @property
    def encoding(self) -> str:
        """The contract's encoding; `EVERY_BYTE` where that is UTF-8 and the file is not."""
        cut_off = bool(self._decoder.getstate()[0])
        return EVERY_BYTE if self._bad or cut_off else self._encoding

    def feed(self, block: bytes) -> None:
        """Look at the next bytes."""
        if self._quote and not self.quoted:
            self.quoted = self._quote in block
        if self._encoding != "utf-8" or self._bad:
            return
        if self._decoder.getstate()[0] or not block.isascii():
            try:
                self._decoder.decode(block)
            except UnicodeDecodeError:
                self._bad = True


def encoding_of(reading: Reading) -> str:
    """The contract's encoding by Python's name; a byte-order mark is no matter of the name."""
    return codecs.lookup(reading.encoding).name.removesuffix("-sig")


@contextmanager
def utf8(stream: Readable, encoding: str, end: bytes = b"") -> Iterator[Readable]:
    """A stream of the same text as UTF-8, without a byte-order mark.

    Args:
        stream: the bytes.
        encoding: that they are in.
        end: further bytes, at its end.

    Raises:
        UnicodeError: while it is read: the bytes are not of the encoding.
    """
    head = stream.read(len(BOM)).removeprefix(BOM)
    if encoding == "utf-8":
        yield _Joined(head, stream, end)
    else:
        recoded = _Joined(b"", _Recoded(_Joined(head, stream), encoding))
        yield _Joined(recoded.read(len(BOM)).removeprefix(BOM), recoded, end)


class _Recoded(io.RawIOBase):
    """A stream of text as UTF-8."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def read(self, size: int = -1) -> bytes:
        while True:
            block = self._stream.read(max(size // LONGEST_CHARACTER, 1) if size > 0 else -1)
            text = self._decoder.decode(block, final=not block)
            if text or not block:
                return text.encode()


class _Joined(io.RawIOBase):
    """Some bytes, then a stream's, then some more."""

    def __init__(self, head: bytes, stream: Readable, end: bytes = b"") -> None:
        self._head, self._stream, self._end = head, stream, end

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """As many bytes as are asked for: pyarrow wants a whole record in the first block.

        One less where the last would be a carriage return. pyarrow takes a line feed after it, at
        the start of its next block, for the rest of a line's end, even within quotes.
        """
        parts = [self._head] if self._head else []
        wanted, self._head = size - len(self._head), b""
        while (wanted > 0 or size < 0) and (more := self._stream.read(wanted if size > 0 else -1)):
            parts.append(more)
            wanted -= len(more)
        if wanted > 0 or size < 0:
            parts.append(self._end)
            self._end = b""
        read = b"".join(parts)
        if 0 < size < len(read):
            read, self._head = read[:size], read[size:]
        if len(read) > 1 and read.endswith(b"\r"):
            read, self._head = read[:-1], b"\r" + self._head
        return read
