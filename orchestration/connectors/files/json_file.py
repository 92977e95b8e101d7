"""A JSON file as DuckDB reads it: UTF-8, whole, and of a known form."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError
from orchestration.connectors.files.text import BOM, encoding_of, utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Contract
    from orchestration.connectors.files.content import Content
    from orchestration.connectors.files.text import Readable

BLOCK = 8 << 20


@contextmanager
def utf8_file(content: Content, contract: Contract) -> Iterator[Path]:
    """A file of the text as UTF-8 without a byte-order mark: what DuckDB reads."""
    encoding = encoding_of(contract.reading)
    with content.file() as file:
        with file.open("rb") as start:
            is_read = encoding == "utf-8" and start.read(len(BOM)) != BOM
        if is_read:
            yield file
            return
        with tempfile.TemporaryDirectory(prefix="lakehouse-") as folder:
            copy = Path(folder) / "utf8.json"
            with content.stream() as raw, utf8(raw, encoding) as stream, copy.open("wb") as out:
                while block := read_block(stream, contract):
                    out.write(block)
            yield copy


def read_block(stream: Readable, contract: Contract) -> bytes:
    """The next bytes of a text.

    Raises:
        DeliveryError: they are not of the contract's encoding.
    """
    try:
        return stream.read(BLOCK)
    except UnicodeError as error:
        said = f"is not {contract.reading.encoding}: {error}"
        raise DeliveryError(f"{said}; name its encoding in the contract") from error


def form_of(file: Path) -> str:
    """How DuckDB is to read the file; by itself it takes an array without its end for whole.

    Raises:
        DeliveryError: there is nothing, or an array is cut off.
    """
    with file.open("rb") as stream:
        start = b""
        while not start and (block := stream.read(BLOCK)):
            start = block.lstrip()
        if not start:
            raise DeliveryError("is empty: an array or an object is meant")
        if not start.startswith(b"["):
            return "unstructured"
        stream.seek(max(stream.seek(0, os.SEEK_END) - BLOCK, 0))
        if not stream.read().rstrip().endswith(b"]"):
            raise DeliveryError("is cut off: its array has no end")
    return "array"
