"""Excel: one sheet, every cell as text; numbers are binary floats, which the gate knows."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.delivery import Chunk, DeliveryError
from orchestration.connectors.files.columns import Names, int64, mask
from orchestration.connectors.files.content import BOMB, UNREADABLE, is_bomb

if TYPE_CHECKING:
    from collections.abc import Iterator

    import fastexcel

    from data_contracts.contract import Contract
    from orchestration.connectors.files.content import Content

ERRORS = {
    "Error(Div0)": "#DIV/0!", "Error(NA)": "#N/A", "Error(Name)": "#NAME?", "Error(Null)": "#NULL!",
    "Error(Num)": "#NUM!", "Error(Ref)": "#REF!", "Error(Value)": "#VALUE!",
}  # fmt: skip
EPOCH = "^1899-12-3[01] "  # the day of a cell that is a time of day only


def opened(data: bytes) -> fastexcel.ExcelReader:
    """The workbook of these bytes.

    Raises:
        DeliveryError: they are none, or unpack to far more than data ever is.
    """
    import fastexcel

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except UNREADABLE:
        unpacked = 0  # the reader says why
    if is_bomb(unpacked, len(data)):
        raise DeliveryError(BOMB)
    try:
        book = fastexcel.read_excel(data)
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0].removeprefix("calamine error: ")
        raise DeliveryError(f"is no readable workbook: {reason}") from error
    if not book.sheet_names:
        raise DeliveryError("is no readable workbook: it has no sheet")
    return book


def sheet_of(content: Content, contract: Contract) -> str:
    """The name of the sheet that is read: the contract's, else the first that is not hidden.

    Raises:
        DeliveryError: the file is no workbook, or has no such sheet.
    """
    with content.stream() as stream:
        book = opened(stream.read())
    names = book.sheet_names
    wanted = contract.reading.sheet
    if wanted is None:
        shown = (name for name in names if len(names) == 1 or _is_shown(book, name))
        wanted = next(shown, names[0])
    if wanted not in names:
        raise DeliveryError(f"has no sheet {wanted!r}; it has {', '.join(names)}")
    return wanted


def _is_shown(book: fastexcel.ExcelReader, sheet: str) -> bool:
    import fastexcel

    try:
        return bool(book.load_sheet(sheet, header_row=None, n_rows=1).visible == "visible")
    except fastexcel.FastExcelError:
        return True  # it is told when it is read


def cells(
    book: fastexcel.ExcelReader, sheet: str, skip: int = 0, most: int | None = None
) -> list[pa.Array]:
    """The columns of a sheet as texts; an error is the text that Excel shows for it.

    Raises:
        DeliveryError: the sheet cannot be read.
    """
    import fastexcel

    try:
        loaded = book.load_sheet(
            sheet, header_row=None, skip_rows=skip, n_rows=most, dtypes="string"
        )
        batch, failed = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        said = f"sheet {sheet} cannot be read: {str(error).splitlines()[0]}"
        raise DeliveryError(said) from error
    columns = [column.cast(pa.string()) for column in batch.columns]
    errors: dict[int, dict[int, str]] = {}
    for one in failed.errors if failed else ():
        row, column = one.offset_position
        name = next((text for name, text in ERRORS.items() if name in one.detail), "#ERROR!")
        errors.setdefault(column, {})[row] = name
    for column, texts in errors.items():
        wrong = np.isin(np.arange(batch.num_rows), list(texts))
        shown = pa.array([texts[row] for row in sorted(texts)], pa.string())
        columns[column] = pc.replace_with_mask(columns[column], mask(wrong), shown)
    return columns


def read(content: Content, contract: Contract, sheet: str) -> Iterator[Chunk]:
    """The records of a sheet; blank rows are none.

    Raises:
        DeliveryError: the sheet cannot be read, or has no header.
    """
    reading = contract.reading
    with content.stream() as stream:
        columns = cells(opened(stream.read()), sheet, reading.skip_lines)
    filled = np.zeros(len(columns[0]) if columns else 0, dtype=bool)
    for column in columns:
        filled |= np.array(pc.fill_null(pc.not_equal(column, ""), False))
    columns = [column.filter(mask(filled)) for column in columns]
    header = None
    if reading.header:
        if not filled.any():
            raise DeliveryError(f"sheet {sheet} is empty: it has not even a header")
        header = [column[0].as_py() or "" for column in columns]
        columns = [column.slice(1) for column in columns]
    rows = int(filled.sum()) - (header is not None)
    names = Names(contract, header, len(columns))
    columns, named = names.of(columns)
    times = {c.source for c in contract.columns if c.logical_type == "time"}
    columns = [
        pc.replace_substring_regex(column, EPOCH, "") if name in times else column
        for name, column in zip(named, columns, strict=True)
    ]
    table = pa.Table.from_arrays(
        [*columns, int64(np.arange(1, rows + 1))], names=[*named, "_position"]
    )
    yield Chunk(rows, table)
