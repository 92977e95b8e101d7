"""CSV: read as text by pyarrow's streaming reader, with a running count of records.

`row_number() over ()` on DuckDB's read_csv costs 2.0 to 2.6 times a raw read; this reader with the
gate after it was seen at 1.06. The header is read as the first record, so that it is cut by the
same rules as the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from catalog.delivery import Chunk, DeliveryError
from orchestration.connectors.files.columns import Names, int64, mask
from orchestration.connectors.files.counting import Counting
from orchestration.connectors.files.cut import MOST_COLUMNS, cut
from orchestration.connectors.files.invalid import Recovered, recovered
from orchestration.connectors.files.text import EVERY_BYTE, utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from data_contracts.contract import Contract
    from orchestration.connectors.files.content import Content
    from orchestration.connectors.files.text import Survey

BLOCK = 1 << 20  # bytes that are cut at once; a small block stays in the processor's cache
LARGE_BLOCK = 64 << 20  # for a file with a record that is longer
STRADDLING = "straddling object"  # so pyarrow says of a record that is longer than a block


def read(content: Content, contract: Contract, survey: Survey) -> Iterator[Chunk]:
    """The records of a CSV file.

    Args:
        content: its bytes.
        contract: what its records are.
        survey: of the bytes.

    Raises:
        DeliveryError: the file cannot be cut into records.
    """
    if not content.size:
        if contract.reading.header:
            raise DeliveryError("is empty: it has not even a header")
        return
    reader = _Reader(content, contract, survey)
    try:
        yield from reader.chunks(BLOCK)
    except _LongRecordError:
        yield from reader.chunks(LARGE_BLOCK)


class _LongRecordError(Exception):
    """A record is longer than a block; the reader goes on in larger ones."""


class _Reader:
    def __init__(self, content: Content, contract: Contract, survey: Survey) -> None:
        self._content = content
        self._contract = contract
        self._survey = survey
        self._count = Counting(contract.reading, survey)

    def chunks(self, block: int) -> Iterator[Chunk]:
        """Every record after those that are done, in blocks of so many bytes."""
        count, skip, position = self._count, self._count.done, 0
        count.restart()
        names: Names | None = None
        try:
            with (
                self._content.stream() as stream,
                utf8(stream, self._survey.encoding, f"\n{count.end}\n".encode()) as text,
                cut(
                    text,
                    self._contract.reading,
                    self._survey,
                    count.broken,
                    block,
                    self._content.size,
                ) as batches,  # fmt: skip
            ):
                for batch in map(count.without_end, batches):
                    if names is None:
                        names, batch = self._names(batch)
                    positions = count.positions(batch.num_rows, position)
                    position = int(positions[-1]) if len(positions) else position
                    fresh = positions > skip
                    if not fresh.all():
                        batch, positions = batch.filter(mask(fresh)), positions[fresh]
                    yield self._chunk(batch, names, positions, position)
        except pa.ArrowInvalid as error:
            self._explain(error, position, block)
        except UnicodeError as error:
            said = f"is not {self._contract.reading.encoding}: {error}"
            raise DeliveryError(f"{said}; name its encoding in the contract") from error
        if rest := count.take(count.last):
            yield Chunk(0, broken=rest)
        if not count.ended:
            raise DeliveryError(f"a quote opened in record {count.done} is never closed")

    def _names(self, batch: pa.RecordBatch) -> tuple[Names, pa.RecordBatch]:
        if batch.num_columns > MOST_COLUMNS:
            raise DeliveryError(f"has {batch.num_columns} columns; {MOST_COLUMNS} are read at most")
        if not self._contract.reading.header:
            return Names(self._contract, None, batch.num_columns), batch
        if not batch.num_rows:
            raise DeliveryError("has no header and no records")
        header = [column[0].as_py() for column in batch.columns]
        if self._survey.encoding == EVERY_BYTE:
            header = [name.encode(EVERY_BYTE).decode(errors="replace") for name in header]
        return Names(self._contract, header, batch.num_columns), batch.slice(1)

    def _chunk(
        self, batch: pa.RecordBatch, names: Names, positions: np.ndarray, last: int
    ) -> Chunk:
        found = Recovered(batch, positions)
        if self._survey.encoding == EVERY_BYTE:
            found = recovered(batch, positions, self._contract.reading)
        columns, named = names.of(found.batch.columns)
        arrays = [*columns, int64(found.positions)]
        table = pa.Table.from_arrays(arrays, names=[*named, "_position"])
        return Chunk(len(table), table, broken=(*self._count.take(last), *found.broken))

    def _explain(self, error: pa.ArrowInvalid, position: int, block: int) -> None:
        """Raise what is wrong; a file without a header may be without records."""
        words, reading = str(error), self._contract.reading
        empty = "Empty CSV" in words
        too_short = "Could not skip" in words  # or those lines are longer than a block
        if block < LARGE_BLOCK and (empty or too_short or STRADDLING in words):
            raise _LongRecordError from error
        if STRADDLING in words or (empty and self._content.size > block):
            said = f"a record after {position} is longer than {block >> 20} MB"
            raise DeliveryError(f"{said}; is a quote never closed there?") from error
        if too_short:
            raise DeliveryError(f"has no line after the {reading.skip_lines} skipped") from error
        if not empty:
            said = f"cannot be cut into records after record {position}: {words}"
            raise DeliveryError(said) from error
        if self._survey.quoted:
            raise DeliveryError("a quote opened in the first record is never closed") from error
        if reading.header:
            raise DeliveryError("has no header and no records") from error
