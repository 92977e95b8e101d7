"""Records whose bytes are not the text that they should be, told from the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.delivery import Broken
from orchestration.connectors.files.columns import mask
from orchestration.connectors.files.text import EVERY_BYTE

if TYPE_CHECKING:
    from data_contracts.contract import Reading


@dataclass(frozen=True, slots=True)
class Recovered:
    """Records that are text, their numbers, and those that are none."""

    batch: pa.RecordBatch
    positions: np.ndarray
    broken: tuple[Broken, ...] = ()


def recovered(batch: pa.RecordBatch, positions: np.ndarray, reading: Reading) -> Recovered:
    """Records that were read as `EVERY_BYTE`, as the UTF-8 that they are.

    Args:
        batch: text, a character a byte.
        positions: number of each record.
        reading: its quote and delimiter part the fields of a broken record's payload.
    """
    good = np.ones(batch.num_rows, dtype=bool)
    columns = [_decoded(column, good) for column in batch.columns]
    broken = tuple(
        Broken(int(positions[at]), "the record's bytes are not UTF-8", _payload(batch, at, reading))
        for at in np.flatnonzero(~good).tolist()
    )
    kept = pa.RecordBatch.from_arrays(columns, names=batch.schema.names).filter(mask(good))
    return Recovered(kept, positions[good], broken)


def _decoded(column: pa.Array, good: np.ndarray) -> pa.Array:
    """The column as text; `good` becomes false where it is none."""
    other = pc.invert(pc.string_is_ascii(column))
    places = pc.indices_nonzero(other).to_pylist()
    texts = []
    for place in places:
        try:
            texts.append(column[place].as_py().encode(EVERY_BYTE).decode())
        except UnicodeDecodeError:
            good[place] = False
            texts.append("")
    return pc.replace_with_mask(column, other, pa.array(texts, pa.string())) if places else column


def _payload(batch: pa.RecordBatch, at: int, reading: Reading) -> bytes:
    fields = [column[at].as_py() for column in batch.columns]
    if reading.quote:
        quote, escape = reading.quote, reading.escape
        fields = [field.replace(escape, escape * 2) for field in fields]
        fields = [f"{quote}{field.replace(quote, quote * 2)}{quote}" for field in fields]
    return reading.delimiter.join(fields).encode(EVERY_BYTE)
