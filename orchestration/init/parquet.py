"""The columns and first rows of a Parquet file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.init.errors import InitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.init.files import SourceFile


def columns_of(file: SourceFile) -> tuple[str, ...]:
    """The names of its columns.

    Raises:
        InitError: it is no Parquet file.
    """
    with _opened(file) as source:
        return tuple(source.schema_arrow.names)


def rows_of(file: SourceFile, limit: int) -> tuple[pa.Table, int]:
    """The first rows, at most `limit`, and how many there are.

    Nanoseconds are given as microseconds, or as text where that would lose digits.

    Raises:
        InitError: it is no Parquet file.
    """
    with _opened(file) as source:
        table = _first(source, limit)
        columns = [_in_microseconds(column) for column in table.columns]
        return pa.table(columns, names=table.column_names), source.metadata.num_rows


def wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The type that holds both; text where there is none."""
    if one == other:
        return one
    try:
        both = [pa.schema([("x", one)]), pa.schema([("x", other)])]
        return pa.unify_schemas(both, promote_options="permissive").field("x").type
    except pa.ArrowException:
        return pa.string()


@contextmanager
def _opened(file: SourceFile) -> Iterator[pq.ParquetFile]:
    try:
        with file.open() as stream:
            yield pq.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        raise InitError(f"{file.name}: is no readable Parquet file; write it again") from error


def _first(source: pq.ParquetFile, limit: int) -> pa.Table:
    batches, rows = [], 0
    for batch in source.iter_batches(limit):
        batches.append(batch)
        rows += batch.num_rows
        if rows >= limit:
            break
    return pa.Table.from_batches(batches, source.schema_arrow).slice(0, limit)


def _in_microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Nanoseconds as microseconds, as the lake keeps them; as text where that loses digits."""
    if not pa.types.is_timestamp(column.type) or column.type.unit != "ns":
        return column
    try:
        return column.cast(pa.timestamp("us", column.type.tz))
    except pa.ArrowInvalid:
        return column.cast(pa.string())
