"""The first records of files, column by column."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.init import excel
from orchestration.init.dialect import records
from orchestration.init.errors import InitError
from orchestration.init.records import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orchestration.init.files import SourceFile
    from orchestration.init.shape import Shape

RECORDS = 10_000  # of each file
CELLS = 2_000_000  # of all files together: about 150 MB
FEWEST = 100  # records of each file, however wide


@dataclass(slots=True)
class Sample:
    """Values of each column, all of the same length; None where a value is absent.

    Values are text (CSV, Excel), Python values as JSON has them, or those of Arrow (Parquet).
    """

    columns: dict[str, list[Any]]
    rows: int = 0
    complete: bool = True  # every record of every file is in it
    odd: int = 0  # records with more or fewer cells than the table has, or unreadable ones
    types: dict[str, pa.DataType] = field(default_factory=dict)  # of Parquet


def sample_of(files: Sequence[SourceFile], shape: Shape) -> Sample:
    """The first records of files of one shape.

    Raises:
        InitError: a file breaks off while it is read.
    """
    share = CELLS // max(1, len(shape.columns) * len(files))
    limit = max(FEWEST, min(RECORDS, share))
    found = Sample({name: [] for name in shape.columns})
    take = {"csv": _text, "excel": _sheet, "parquet": _arrow}.get(shape.format, _objects)
    for file in files:
        take(found, file, shape, limit)
    return found


def _text(found: Sample, file: SourceFile, shape: Shape, limit: int) -> None:
    assert shape.dialect is not None
    with file.open() as stream:
        name = shape.dialect.encoding.name
        encoding = "utf-8-sig" if name == "UTF-8" else name
        text = io.TextIOWrapper(stream, encoding, "replace", newline="")
        try:
            _rows(found, records(text, shape.dialect), shape, limit)
        except csv.Error as error:
            raise InitError(f"{file.name}: {error}; check its quotes") from error
        finally:
            text.detach()


def _sheet(found: Sample, file: SourceFile, shape: Shape, limit: int) -> None:
    assert shape.sheet is not None
    _rows(found, excel.rows_of(file, shape.sheet, limit + 100), shape, limit)


def _rows(
    found: Sample, numbered: Iterator[tuple[int, list[str]]], shape: Shape, limit: int
) -> None:
    assert shape.table is not None
    width, skip = len(shape.columns), shape.table.skip_lines
    below = (row for line, row in numbered if line > skip)
    rows = islice(below, int(shape.table.header), limit + int(shape.table.header))
    values = list(found.columns.values())
    taken = 0
    for row in rows:
        taken += 1
        found.odd += len(row) < width or any(row[width:])
        for at, column in enumerate(values):
            column.append(row[at] if at < len(row) else None)
    found.rows += taken
    found.complete = found.complete and next(below, None) is None


def _objects(found: Sample, file: SourceFile, shape: Shape, limit: int) -> None:
    del shape
    read = records_of(file, limit)
    for item in read.objects:
        for name in item.keys() - found.columns.keys():
            found.columns[name] = [None] * found.rows
        for name, column in found.columns.items():
            column.append(item.get(name))
        found.rows += 1
    found.complete = found.complete and read.complete
    found.odd += read.others


def _arrow(found: Sample, file: SourceFile, shape: Shape, limit: int) -> None:
    try:
        with file.open() as stream:
            source = pq.ParquetFile(stream)
            table = _first(source, limit)
            total = source.metadata.num_rows
    except pa.ArrowException as error:
        raise InitError(f"{file.name}: is no readable Parquet file; write it again") from error
    for name in shape.columns:
        column = _in_microseconds(table.column(name))
        found.types[name] = _wider(found.types.get(name, column.type), column.type)
        found.columns[name] += column.to_pylist()
    found.rows += table.num_rows
    found.complete = found.complete and table.num_rows == total


def _first(source: pq.ParquetFile, limit: int) -> pa.Table:
    batches, rows = [], 0
    for batch in source.iter_batches(limit):
        batches.append(batch)
        rows += batch.num_rows
        if rows >= limit:
            break
    return pa.Table.from_batches(batches, source.schema_arrow).slice(0, limit)


def _in_microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Nanoseconds as microseconds, which is what the lake keeps; as text where that loses digits."""
    if not pa.types.is_timestamp(column.type) or column.type.unit != "ns":
        return column
    try:
        return column.cast(pa.timestamp("us", column.type.tz))
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def _wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if one == other:
        return one
    try:
        both = [pa.schema([("x", one)]), pa.schema([("x", other)])]
        return pa.unify_schemas(both, promote_options="permissive").field("x").type
    except pa.ArrowException:
        return pa.string()
