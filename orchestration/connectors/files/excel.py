"""Excel: one sheet, every cell as text; numbers are binary floats, which the gate knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.delivery import Chunk, DeliveryError
from orchestration.connectors.files.columns import Names, int64, mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data_contracts.contract import Contract
    from orchestration.connectors.files.content import Content

EPOCH = "^1899-12-3[01] "  # the day of a cell that is a time of day only


def sheet_of(content: Content, contract: Contract) -> str:
    """The name of the sheet that is read: the contract's, else the first.

    Raises:
        DeliveryError: the file is no workbook, or has no such sheet.
    """
    import fastexcel

    try:
        with content.stream() as stream:
            names = fastexcel.read_excel(stream.read()).sheet_names
    except fastexcel.FastExcelError as error:
        raise DeliveryError(f"is no readable workbook: {str(error).splitlines()[0]}") from error
    wanted = contract.reading.sheet or names[0]
    if wanted not in names:
        raise DeliveryError(f"has no sheet {wanted!r}; it has {', '.join(names)}")
    return wanted


def read(content: Content, contract: Contract, sheet: str) -> Iterator[Chunk]:
    """The records of a sheet; blank rows are none.

    Raises:
        DeliveryError: the sheet cannot be read, or has no header.
    """
    import fastexcel

    reading = contract.reading
    try:
        with content.stream() as stream:
            book = fastexcel.read_excel(stream.read())
        batch = book.load_sheet(
            sheet, header_row=None, skip_rows=reading.skip_lines, dtypes="string"
        ).to_arrow()
    except fastexcel.FastExcelError as error:
        said = f"sheet {sheet} cannot be read: {str(error).splitlines()[0]}"
        raise DeliveryError(said) from error
    columns = [column.cast(pa.string()) for column in batch.columns]
    filled = np.zeros(batch.num_rows, dtype=bool)
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
