"""JSON: a record a line, or the elements of one array, every digit of every number kept."""

from __future__ import annotations

import glob
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from catalog.delivery import Broken, Chunk, DeliveryError
from catalog.limits import Limits
from catalog.settings import load
from data_contracts.types import literal
from orchestration.connectors.files.columns import int64, mask
from orchestration.connectors.files.json_file import form_of, read_block, utf8_file
from orchestration.connectors.files.json_record import columns_of, exact, relation
from orchestration.connectors.files.text import encoding_of, utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Contract
    from orchestration.connectors.files.content import Content

ROWS = 100_000
ONE_THREAD = {"threads": "1", "autoinstall_known_extensions": "false"}
LONGEST = 256 << 20  # bytes of one record


def read_lines(content: Content, contract: Contract) -> Iterator[Chunk]:
    """The records of a file with one JSON object a line; blank lines are none."""
    position = 0
    with content.stream() as raw, utf8(raw, encoding_of(contract.reading)) as stream:
        rest = b""
        while block := read_block(stream, contract):
            head, newline, tail = (rest + block).rpartition(b"\n")
            rest = tail
            if len(rest) > LONGEST:
                said = f"the record after {position} is longer than {LONGEST >> 20} MB"
                raise DeliveryError(said)
            if newline:
                lines = [line for line in head.split(b"\n") if line.strip()]
                yield _chunk(pa.array(lines, pa.binary()), position, contract)
                position += len(lines)
        if rest.strip():
            yield _chunk(pa.array([rest], pa.binary()), position, contract)


def read_array(content: Content, contract: Contract) -> Iterator[Chunk]:
    """The elements of a file that is one JSON array, or the one object of another.

    Raises:
        DeliveryError: the file is no JSON.
    """
    position = 0
    settings = load()
    longest = min(LONGEST, Limits.of(settings).memory_bytes // 4)  # DuckDB takes it twice
    with (
        utf8_file(content, contract) as file,
        duckdb.connect(config={**ONE_THREAD, "memory_limit": settings.memory}) as connection,
    ):
        form = form_of(file)
        query = (
            f"select json::varchar from read_json_objects({literal(glob.escape(str(file)))}, "
            f"format = '{form}', maximum_object_size = {longest})"
        )
        try:
            for batch in connection.execute(query).to_arrow_reader(ROWS):
                yield _chunk(batch.column(0).cast(pa.binary()), position, contract)
                position += batch.num_rows
        except duckdb.Error as error:
            said = f"is no JSON after record {position}: {str(error).splitlines()[0]}"
            raise DeliveryError(said) from error


def _chunk(raw: pa.Array, before: int, contract: Contract) -> Chunk:
    return chunk_of(raw, np.arange(before + 1, before + 1 + len(raw), dtype=np.int64), contract)


def chunk_of(raw: pa.Array, positions: np.ndarray, contract: Contract) -> Chunk:
    """Records by their text, a JSON object each.

    Args:
        raw: their bytes.
        positions: of each.
        contract: whose columns are taken out of them.
    """
    broken: tuple[Broken, ...] = ()
    try:
        text = raw.cast(pa.string())
    except pa.ArrowInvalid:
        lines = raw.to_pylist()
        good = np.array([_is_text(line) for line in lines])
        broken = tuple(
            Broken(int(positions[at]), "the record's bytes are not UTF-8", lines[at])
            for at in np.flatnonzero(~good)
        )
        text, positions = raw.filter(mask(good)).cast(pa.string()), positions[good]
    table = pa.table({"_raw": text, "json": exact(text), "_position": int64(positions)})
    return Chunk(len(table), table, None, columns_of(contract), relation(contract), broken)


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
