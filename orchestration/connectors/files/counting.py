"""The numbers of a CSV file's records, and the records that have no columns."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import numpy as np

from catalog.delivery import Broken
from orchestration.connectors.files.text import EVERY_BYTE

if TYPE_CHECKING:
    import pyarrow as pa

    from data_contracts.contract import Reading
    from orchestration.connectors.files.text import Survey


class Counting:
    """Counts records while pyarrow cuts them; it tells of those that have too many or few fields.

    Attributes:
        end: a last record of ours, put behind the file where there are quotes. A quote that is
            never closed swallows it.
        ended: whether that has come by.
        done: number of the last record that has been handed on.
    """

    def __init__(self, reading: Reading, survey: Survey) -> None:
        self._before = reading.skip_lines + reading.header  # rows that are no records
        self._encoding = EVERY_BYTE if survey.encoding == EVERY_BYTE else "utf-8"
        self._broken: list[Broken] = []
        self.end = uuid.uuid4().hex if survey.quoted else ""
        self.ended = not survey.quoted
        self.done = 0

    @property
    def last(self) -> int:
        """Number of the last record so far."""
        return max([self.done, *(record.position for record in self._broken)])

    def restart(self) -> None:
        """Forget what has not been handed on: the file is cut again, from its start."""
        self._broken.clear()

    def broken(self, row: pa.csv.InvalidRow) -> str:
        """Note a record that does not have the columns of the first; pyarrow's handler."""
        if self.end and row.text == self.end:
            self.ended = True
            return "skip"
        reason = f"the record has {row.actual_columns} fields, {row.expected_columns} are expected"
        payload = row.text.encode(self._encoding, "surrogateescape")
        self._broken.append(Broken(row.number - self._before, reason, payload))
        return "skip"

    def without_end(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The same; in a file of one column the last record of ours looks like any other."""
        rows = batch.num_rows
        if self.end and batch.num_columns == 1 and rows and batch[0][-1].as_py() == self.end:
            self.ended = True
            return batch.slice(0, rows - 1)
        return batch

    def positions(self, rows: int, before: int) -> np.ndarray:
        """The numbers of the next `rows` records that have columns, after record `before`."""
        broken = [record.position for record in self._broken if record.position > before]
        numbers = np.arange(before + 1, before + 1 + rows + len(broken), dtype=np.int64)
        if broken:
            numbers = np.setdiff1d(numbers, np.array(broken, dtype=np.int64))
        return numbers[:rows]

    def take(self, until: int) -> tuple[Broken, ...]:
        """The broken records up to a number that are not done; all up to it are done then."""
        taken = tuple(record for record in self._broken if self.done < record.position <= until)
        self._broken = [record for record in self._broken if record.position > until]
        self.done = max(self.done, until)
        return taken
