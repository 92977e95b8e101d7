"""What a file is: its format, and the names of its columns, from its first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.connectors.files.discover import SUFFIXES
from orchestration.init import excel, parquet
from orchestration.init.dialect import Dialect, dialect_of
from orchestration.init.errors import InitError
from orchestration.init.records import records_of
from orchestration.init.table import Table, table_of

if TYPE_CHECKING:
    from orchestration.init.files import SourceFile

HEAD = 200  # records that name the columns of JSON, rows that show an Excel sheet's table
HEAD_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is read, and its columns."""

    format: str
    columns: tuple[str, ...]
    table: Table | None = None  # of text and Excel
    dialect: Dialect | None = None  # of text
    sheet: str | None = None
    names_sheet: bool = (
        False  # the contract has to: the workbook has several, or an empty first one
    )


def shapes_of(file: SourceFile) -> list[Shape]:
    """The tables in a file: one, or one a sheet.

    Raises:
        InitError: the file is empty, broken, or of no format that is read.
    """
    with file.open() as stream:
        head = stream.read(8)
    if not head:
        raise InitError(f"{file.name}: is empty; give a file with rows")
    if head.startswith(b"PAR1") or file.suffix in SUFFIXES["parquet"]:
        return [Shape("parquet", parquet.columns_of(file))]
    if file.suffix in SUFFIXES["excel"]:
        return _sheets(file)
    if file.suffix in {*SUFFIXES["json"], *SUFFIXES["ndjson"]} - {".txt"}:
        return [_records(file)]
    if head.lstrip()[:1] == b"{" and file.suffix not in {".csv", ".tsv", ".psv"}:
        return [_records(file)]
    dialect, table = dialect_of(file)
    return [Shape("csv", table.names, table, dialect)]


def _records(file: SourceFile) -> Shape:
    found = records_of(file, HEAD, HEAD_BYTES)
    names = dict.fromkeys(name for item in found.objects for name in item)
    return Shape(found.format, tuple(names))


def _sheets(file: SourceFile) -> list[Shape]:
    names = excel.sheets_of(file)
    heads = {name: list(excel.rows_of(file, name, HEAD)) for name in names}
    sheets = [name for name in names if heads[name]]
    if not sheets:
        raise InitError(f"{file.name}: every sheet is empty; give a workbook with rows")
    names_sheet = len(sheets) > 1 or sheets != names[:1]
    tables = {sheet: table_of(heads[sheet]) for sheet in sheets}
    return [
        Shape("excel", table.names, table, sheet=sheet, names_sheet=names_sheet)
        for sheet, table in tables.items()
    ]
