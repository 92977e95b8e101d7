"""The sheets of a workbook, their cells as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.delivery import DeliveryError
from orchestration.connectors.files.excel import cells, opened
from orchestration.init.errors import InitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import fastexcel

    from orchestration.init.files import SourceFile

LARGEST = 512 << 20  # bytes of a workbook: it is read whole


def sheets_of(file: SourceFile) -> list[str]:
    """The names of its sheets; the first is read where a contract names none.

    Raises:
        InitError: the file is no workbook.
    """
    return list(_open(file).sheet_names)


def rows_of(file: SourceFile, sheet: str, limit: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet that are not blank, numbered from 1."""
    try:
        rows = _rows(_open(file), sheet, limit)
    except DeliveryError as error:
        raise InitError(f"{file.name}: {error}") from error
    for number, row in enumerate(rows, 1):
        if any(row):
            yield number, row


def _open(file: SourceFile) -> fastexcel.ExcelReader:
    with file.open() as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InitError(f"{file.name}: is larger than {LARGEST >> 20} MB; save its sheets as CSV")
    try:
        return opened(data)
    except DeliveryError as error:
        raise InitError(f"{file.name}: {error}") from error


def _rows(book: fastexcel.ExcelReader, sheet: str, limit: int) -> list[list[str]]:
    columns = [column.to_pylist() for column in cells(book, sheet, most=limit)]
    return [[cell or "" for cell in row] for row in zip(*columns, strict=True)]
