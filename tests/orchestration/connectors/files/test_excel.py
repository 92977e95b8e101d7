"""Excel: one sheet, every cell as its text; blank rows are none."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from catalog.delivery import DeliveryError
from data_contracts.contract import Column, Reading
from orchestration.connectors.files import content
from tests.lake_help import contract, on_sqlite
from tests.orchestration.connectors.files.reading_help import delivery, holding, read, texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"

EXCEL = Reading(format="excel")
FORMATS = {datetime: "yyyy-mm-dd hh:mm:ss.000", date: "dd.mm.yyyy", time: "hh:mm:ss"}


def workbook(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    """A workbook of sheets, each of rows of cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        styles = {type_: book.add_format({"num_format": text}) for type_, text in FORMATS.items()}
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for place, value in enumerate(row):
                    if value == "":
                        sheet.write_formula(at, place, '=""', None, "")
                    elif value is not None:
                        sheet.write(at, place, value, styles.get(type(value)))
    return path


def test_cells_are_texts_by_their_header(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["a", "b"],
        [1, 0.5],
        ["007", "two\nlines"],
        [True, None],
        [-1234567.891, 1e-7],
    ]
    found = read(workbook(tmp_path / "x.xlsx", One=rows), holding(reading=EXCEL))
    assert found.rows == [
        (1, {"a": "1", "b": "0.5"}),
        (2, {"a": "007", "b": "two\nlines"}),
        (3, {"a": "true", "b": None}),
        (4, {"a": "-1234567.891", "b": "0.0000001"}),
    ]


def test_blank_rows_are_none_and_not_counted(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[], ["a", "b"], [], [1, 2], [None, ""], ["", ""], [3, None], []]
    found = read(workbook(tmp_path / "x.xlsx", One=rows), holding(reading=EXCEL))
    assert found.rows == [(1, {"a": "1", "b": "2"}), (2, {"a": "3", "b": None})]


def test_the_first_sheet_is_read_where_the_contract_names_none(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", One=[["a", "b"], [1, 2]], Two=[["a", "b"], [3, 4]])
    assert delivery(path, holding(reading=EXCEL)).source == f"{path}#One"
    two = holding(reading=Reading(format="excel", sheet="Two"))
    assert delivery(path, two).source == f"{path}#Two"
    assert read(path, two).values == [("3", "4")]


def test_a_sheet_that_is_missing_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", One=[["a"]], Two=[["a"]])
    three = holding(reading=Reading(format="excel", sheet="Three"))
    with pytest.raises(DeliveryError, match=r"^has no sheet 'Three'; it has One, Two$"):
        read(path, three)


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(DeliveryError, match=r"^is no readable workbook: "):
        read(tmp_path / "x.xlsx", holding(reading=EXCEL))


def test_an_empty_sheet_is_refused_where_a_header_is_meant(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", One=[])
    with pytest.raises(DeliveryError, match=r"^sheet One is empty: it has not even a header$"):
        read(path, holding(reading=EXCEL))
    headless = holding(reading=Reading(format="excel", header=False))
    assert read(path, headless).rows == []


def test_rows_above_the_header_are_skipped(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Report"], [], ["a", "b"], [1, 2]]
    reading = Reading(format="excel", skip_lines=2)
    path = workbook(tmp_path / "x.xlsx", One=rows)
    assert read(path, holding(reading=reading)).rows == [(1, {"a": "1", "b": "2"})]


def test_a_column_without_name_and_text_is_none(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["a", "b", None, None], [1, 2, "", "x"], [3, 4]]
    found = read(workbook(tmp_path / "x.xlsx", One=rows), holding(reading=EXCEL))
    assert found.rows == [
        (1, {"a": "1", "b": "2", "column_4": "x"}),
        (2, {"a": "3", "b": "4", "column_4": None}),
    ]


def test_without_a_header_columns_are_in_the_contracts_order(tmp_path: Path) -> None:
    headless = holding(reading=Reading(format="excel", header=False))
    path = workbook(tmp_path / "x.xlsx", One=[[1, 2, "x"]])
    assert read(path, headless).rows == [(1, {"a": "1", "b": "2", "column_3": "x"})]


def test_a_packed_workbook_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", One=[["a", "b"], [1, 2]])
    packed = tmp_path / "y.xlsx.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert delivery(packed, holding(reading=EXCEL)).source == f"{packed}#One"
    assert read(packed, holding(reading=EXCEL)).values == [("1", "2")]


def test_times_and_dates_are_written_as_iso_8601(tmp_path: Path) -> None:
    columns = (*texts("a", "b"), Column("t", "t", "time", "VARCHAR"))
    rows: list[list[Any]] = [
        ["a", "b", "t"],
        [date(2024, 2, 29), datetime(2024, 2, 29, 12, 30, 5, 123000), time(9)],
    ]
    found = read(workbook(tmp_path / "x.xlsx", One=rows), holding(*columns, reading=EXCEL))
    assert found.values == [("2024-02-29 00:00:00", "2024-02-29 12:30:05.123", "09:00:00")]


@on_sqlite
def test_cells_become_the_contracts_types(lakehouse: Lakehouse) -> None:
    columns = (
        Column("id", "id", "string", "VARCHAR", required=True),
        Column("count", "count", "integer", "BIGINT"),
        Column("price", "price", "number", "DECIMAL(18,2)"),
        Column("day", "day", "date", "DATE"),
        Column("moment", "moment", "timestamp", "TIMESTAMP WITH TIME ZONE"),
        Column("clock", "clock", "time", "VARCHAR"),
        Column("flag", "flag", "boolean", "BOOLEAN"),
    )
    header = [column.name for column in columns]
    moment = datetime(2024, 2, 29, 12, 30, 5)
    rows: list[list[Any]] = [
        header,
        ["x", 5, 441.15000000000003, date(2024, 2, 29), moment, time(23, 59), True],
        ["y", 5.5, 0.005, date(2024, 2, 29), moment, time(0), False],
        ["z", None, 0.1 + 0.2, None, None, None, None],
    ]
    path = workbook(lakehouse.folder / "x.xlsx", Sheet=rows)
    lakehouse.load(contract(*columns, reading=EXCEL), path)
    found = lakehouse.sql(
        "select id, count, price, day, moment::varchar, clock, flag, _source, _position "
        "from bronze.shop_order order by _position"
    )
    source, at = f"{path}#Sheet", "2024-02-29 12:30:05+00"
    price = Decimal("441.15")
    assert found == [
        ("x", 5, price, date(2024, 2, 29), at, "23:59:00", True, source, 1),
        ("z", None, Decimal("0.30"), None, None, None, None, source, 3),
    ]
    ((position, reasons),) = lakehouse.sql("select position, reasons from ops.quarantine")
    assert position == 2
    assert [reason.partition(":")[0] for reason in reasons] == ["count", "price"]


def test_merged_cells_have_their_value_once_and_formulas_what_they_came_to(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.merge_range(1, 0, 2, 0, "both")
        sheet.write_formula(1, 1, "=1+1", None, 2)
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    found = read(tmp_path / "x.xlsx", holding(reading=EXCEL))
    assert found.values == [("both", "2"), (None, "#DIV/0!")]


def test_a_hidden_sheet_is_read_only_where_the_contract_names_it(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        for name, value in (("Old", 1), ("Shown", 2), ("Other", 3)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["a", "b"])
            sheet.write_row(1, 0, [value, value])
        book.get_worksheet_by_name("Old").hide()
        book.get_worksheet_by_name("Shown").activate()
        book.get_worksheet_by_name("Shown").set_first_sheet()
    path = tmp_path / "x.xlsx"
    assert read(path, holding(reading=EXCEL)).values == [("2", "2")]
    old = holding(reading=Reading(format="excel", sheet="Old"))
    assert read(path, old).values == [("1", "1")]


def test_a_workbook_without_a_sheet_is_refused(tmp_path: Path) -> None:
    path = changed(workbook(tmp_path / "x.xlsx", One=[["a"]]), "xl/workbook.xml", b"<workbook/>")
    with pytest.raises(DeliveryError, match=r"^is no readable workbook: "):
        read(path, holding(reading=EXCEL))


def test_a_workbook_that_is_a_bomb_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "LARGE", 4 << 20)
    path = changed(workbook(tmp_path / "x.xlsx", One=[["a"]]), "xl/styles.xml", bytes(8 << 20))
    with pytest.raises(DeliveryError, match=r"^unpacks to more than 200 times its size; "):
        read(path, holding(reading=EXCEL))


def changed(path: Path, part: str, content: bytes) -> Path:
    """A workbook with another content of one of its parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()} | {part: content}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, written in parts.items():
            archive.writestr(name, written)
    return path
