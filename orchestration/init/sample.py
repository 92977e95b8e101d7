"""The first records of files, column by column."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from orchestration.init import excel, parquet
from orchestration.init.dialect import records
from orchestration.init.errors import InitError
from orchestration.init.records import records_of
from orchestration.init.totals import place_of_total

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

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
    odd: int = 0  # records with more or fewer cells than the first, or no JSON: they are not in it
    beyond: int = 0  # records with something in columns that have no name
    aside: list[tuple[str, ...]] = field(
        default_factory=list
    )  # more headers, and totals: not in it
    totals: dict[str, set[str]] = field(
        default_factory=dict
    )  # what totals have for a key, by its column
    failed: list[str] = field(default_factory=list)  # a line on each file that breaks off
    types: dict[str, pa.DataType] = field(default_factory=dict)  # of Parquet


def sample_of(found: Sequence[tuple[SourceFile, Shape]], columns: Sequence[str]) -> Sample:
    """The first records of files that have the same columns.

    Raises:
        InitError: no file can be read to the end of its share.
    """
    share = CELLS // max(1, len(columns) * len(found))
    limit = max(FEWEST, min(RECORDS, share))
    sample = Sample({name: [] for name in columns})
    for file, shape in found:
        take = {"csv": _text, "excel": _sheet, "parquet": _arrow}.get(shape.format, _objects)
        try:
            take(sample, file, shape, limit)
        except InitError as error:
            sample.failed.append(str(error))
            sample.complete = False
    if len(sample.failed) == len(found):
        raise InitError(sample.failed[0])
    return sample


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
    table = shape.table
    assert table is not None
    width, skip, named = table.width, table.skip_lines, len(table.names)
    below = (row for line, row in numbered if line > skip)
    columns, before = [found.columns[name] for name in table.names], found.rows
    start = int(table.header)
    if table.second:
        start += 1
        found.aside.append(table.second)
    row: list[str] = []
    for row in islice(below, start, limit + start):
        if len(row) != width:
            found.odd += 1  # the loader quarantines it, whatever the contract says
            continue
        found.beyond += any(row[named:])
        found.rows += 1
        for column, cell in zip(columns, row, strict=False):
            column.append(cell)
    is_whole = next(below, None) is None
    found.complete = found.complete and is_whole
    if is_whole and len(row) == width:
        _without_total(found, row, before, table.names)


def _without_total(found: Sample, last: list[str], before: int, names: Sequence[str]) -> None:
    """Take the last record of a file out where it is a total of the others."""
    at = place_of_total(last, [found.columns[name][before:-1] for name in names])
    if at is None:
        return
    for name in names:
        found.columns[name].pop()
    found.rows -= 1
    found.aside.append(tuple(last))
    found.totals.setdefault(names[at], set()).add(last[at])


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
    table, total = parquet.rows_of(file, limit)
    for name in shape.columns:
        column = table.column(name)
        found.types[name] = parquet.wider(found.types.get(name, column.type), column.type)
        found.columns[name] += column.to_pylist()
    found.rows += table.num_rows
    found.complete = found.complete and table.num_rows == total
